using System.Runtime.InteropServices;

namespace OrleansCrm.Server.CommandLine;

/// <summary>Turns the first request to stop into a cancellation, so that the verb ends in order. A later one ends the process at once.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    // One Ctrl+C can arrive twice: from the terminal, and passed on by a program in between.
    private static readonly TimeSpan SameRequest = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TimeProvider _time;
    private long _first;

    public ShutdownSignals(TimeProvider time)
    {
        _time = time;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Handle),
        ];
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (!_stop.IsCancellationRequested)
            _first = _time.GetTimestamp();
        context.Cancel = _time.GetElapsedTime(_first) < SameRequest;
        _stop.Cancel();
    }
}
