using System.Collections.Concurrent;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>
/// Ends the waiting of callers. A timer per call would cost more than the call, so only activations whose calls did not end
/// in their first turn are watched, and looked at a few times within the shortest timeout.
/// </summary>
internal sealed class Timeouts : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<Call> _undelivered = new();
    private readonly ConcurrentQueue<Activation> _watched = new();
    private readonly TimeSpan _responseTimeout;
    private readonly Timer _timer;
    private TimeSpan _shortest;

    internal Timeouts(TimeSpan responseTimeout)
    {
        _responseTimeout = _shortest = responseTimeout;
        _timer = new Timer(static timeouts => ((Timeouts)timeouts!).Look(), this, Period, Period);
    }

    private TimeSpan Period => TimeSpan.FromMilliseconds(Math.Clamp(_shortest.TotalMilliseconds / 10, 10, 1_000));

    public void Dispose() => _timer.Dispose();

    internal void SetDeadline(Call call, long now)
    {
        var timeout = call.Method.ResponseTimeout ?? _responseTimeout;
        if (timeout < _shortest)
            Shorten(timeout);
        call.Deadline = now + (long)timeout.TotalMilliseconds;
    }

    internal void Watch(Activation activation) => _watched.Enqueue(activation);

    /// <summary>Watches a call that no activation holds.</summary>
    internal void Watch(Call call) => _undelivered.Enqueue(call);

    internal void Expire(Call? call, long now)
    {
        // The caller's code goes on elsewhere: here it would keep the next caller waiting.
        if (call is not null && call.Deadline <= now && !call.IsAnswered)
            ThreadPool.UnsafeQueueUserWorkItem(
                static late => late.Call.Refuse(late.Self.TimeoutOf(late.Call)), (Call: call, Self: this), preferLocal: false);
    }

    internal TimeoutException TimeoutOf(Call call) => new(
        $"Response did not arrive on time in {call.Method.ResponseTimeout ?? _responseTimeout} for {call.Method.Name}.");

    private void Shorten(TimeSpan timeout)
    {
        lock (_lock)
        {
            if (timeout >= _shortest)
                return;
            _shortest = timeout;
            _timer.Change(Period, Period);
        }
    }

    private void Look()
    {
        var now = Environment.TickCount64;
        for (var i = _watched.Count; i > 0 && _watched.TryDequeue(out var activation); i--)
            activation.PostExpiry();
        foreach (var (activation, starting) in WorkerThread.Turns())
            activation.ExpireUnreached(starting, now);
        for (var i = _undelivered.Count; i > 0 && _undelivered.TryDequeue(out var call); i--)
        {
            Expire(call, now);
            if (!call.IsAnswered)
                _undelivered.Enqueue(call);
        }
    }
}
