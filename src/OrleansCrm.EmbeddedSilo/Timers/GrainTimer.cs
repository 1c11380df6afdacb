using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>A timer of a grain. It is the call of its own tick: one tick at a time, the next is set when it has ended.</summary>
internal sealed class GrainTimer : Call, IGrainTimer
{
    private static readonly GrainMethod Turn = new("Timer", alwaysInterleave: false);
    private static readonly GrainMethod Interleaving = new("Timer", alwaysInterleave: true);

    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationToken _stopping;
    private readonly ITimer _timer;
    private readonly bool _keepAlive;
    private readonly bool _interleave;
    private readonly Lock _lock = new();
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _changed;
    private bool _firing;

    internal GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _keepAlive = options.KeepAlive;
        _interleave = options.Interleave;
        _stopping = _stopped.Token;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = activation.Silo.TimeProvider.CreateTimer(
                static timer => ((GrainTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    internal override GrainMethod Method => _interleave ? Interleaving : Turn;

    internal override bool IsLocal => true;

    internal override bool CountsAsUse => _keepAlive;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_lock)
        {
            _changed = true;
            _dueTime = dueTime;
            _period = period;
            if (!_firing && !_stopping.IsCancellationRequested)
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        Stop();
        _activation.Forget(this);
    }

    internal void Stop()
    {
        lock (_lock)
        {
            _timer.Dispose();
        }

        try
        {
            _stopped.Cancel();
        }
        catch (AggregateException exception)
        {
            _activation.Silo.Logger.LogError(exception, "What {GrainClass} does when a timer stops has failed", _activation.Class.Name);
        }
    }

    internal override void Invoke(object grain)
    {
        if (_stopping.IsCancellationRequested)
        {
            Finish(null);
            return;
        }

        _changed = false;
        Task tick;
        try
        {
            tick = _callback(_stopping);
        }
        catch (Exception exception)
        {
            Finish(exception);
            return;
        }

        if (tick.IsCompleted)
        {
            Finish(FailureOf(tick));
        }
        else
        {
            Target.Suspended(this);
            tick.GetAwaiter().UnsafeOnCompleted(() => Finish(FailureOf(tick)));
        }
    }

    protected override void SetException(Exception exception)
    {
    }

    private static Exception? FailureOf(Task tick) =>
        tick.IsCanceled ? new TaskCanceledException(tick) : tick.Exception?.InnerException;

    private static void Check(TimeSpan time, string name)
    {
        var milliseconds = (long)time.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, -1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, 0xfffffffe, name);
    }

    private void Fire()
    {
        lock (_lock)
        {
            if (_firing || _stopping.IsCancellationRequested)
                return;
            _firing = true;
        }

        _activation.Post(this);
    }

    private void Finish(Exception? failure)
    {
        Target.Ended(this, _stopping.IsCancellationRequested && failure is OperationCanceledException ? null : failure);
        lock (_lock)
        {
            _firing = false;
            if (!_stopping.IsCancellationRequested)
                _timer.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
        }

        Target.Continue();
    }
}
