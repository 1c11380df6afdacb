namespace OrleansCrm.Breaking.Tests.EmbeddedOnly;

/// <summary>A wall clock that somebody sets; the monotonic clock and its timers go on as ever.</summary>
internal sealed class BendableTime : TimeProvider
{
    private long _offTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offTicks));

    public void Jump(TimeSpan by) => Interlocked.Add(ref _offTicks, by.Ticks);
}
