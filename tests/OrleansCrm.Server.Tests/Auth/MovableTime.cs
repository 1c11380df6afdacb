namespace OrleansCrm.Server.Tests.Auth;

/// <summary>
/// The real clocks, moved forward by hand: both together, so that nothing takes it for a clock that jumped. Timers go on by the real one.
/// </summary>
internal sealed class MovableTime : TimeProvider
{
    private long _aheadTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _aheadTicks, time.Ticks);

    private TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));
}
