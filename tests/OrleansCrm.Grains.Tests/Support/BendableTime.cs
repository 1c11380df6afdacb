namespace OrleansCrm.Grains.Tests.Support;

/// <summary>The real clock, moved. Moved as a whole it is simply later; the wall clock moved alone is a jump.</summary>
internal sealed class BendableTime : TimeProvider
{
    private long _offsetTicks;
    private long _wallTicks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offsetTicks, by.Ticks);

    public void JumpWall(TimeSpan by) => Interlocked.Add(ref _wallTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks) + Interlocked.Read(ref _wallTicks));

    public override long GetTimestamp() =>
        System.GetTimestamp() + (long)(Interlocked.Read(ref _offsetTicks) * (System.TimestampFrequency / (double)TimeSpan.TicksPerSecond));
}
