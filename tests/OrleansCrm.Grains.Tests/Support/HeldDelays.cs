namespace OrleansCrm.Grains.Tests.Support;

/// <summary>The real clock, under which no <see cref="Task.Delay(TimeSpan, TimeProvider)"/> ends while it holds them; timers go on.</summary>
internal sealed class HeldDelays : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<HeldTimer> _held = [];
    private bool _holds;

    public int Held
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    public void Hold()
    {
        lock (_gate)
            _holds = true;
    }

    public void Release()
    {
        HeldTimer[] held;
        lock (_gate)
        {
            _holds = false;
            held = [.. _held];
            _held.Clear();
        }

        foreach (var timer in held)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (!_holds || state is not Task)
                return base.CreateTimer(callback, state, dueTime, period);
            var timer = new HeldTimer(callback, state);
            _held.Add(timer);
            return timer;
        }
    }

    private sealed class HeldTimer(TimerCallback callback, object? state) : ITimer
    {
        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
