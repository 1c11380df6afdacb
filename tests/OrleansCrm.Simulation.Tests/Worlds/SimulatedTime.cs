namespace OrleansCrm.Simulation.Tests.Worlds;

/// <summary>The world's clock as one process sees it. With the process its timers die.</summary>
internal sealed class SimulatedTime(World world) : TimeProvider
{
    private bool _isDead;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.Wall;

    public override long GetTimestamp() => world.Mono;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Die() => _isDead = true;

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private readonly World _world = time.World;
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var version = ++_version;
            if (dueTime != Timeout.InfiniteTimeSpan)
                _world.In(dueTime, () => Fire(version, period));
            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int version, TimeSpan period)
        {
            if (version != _version || time._isDead)
                return;
            if (period > TimeSpan.Zero)
                _world.In(period, () => Fire(version, period));
            callback(state);
        }
    }

    private World World => world;
}
