namespace OrleansCrm.Server.Alerts;

/// <summary>How changes of alerts reach the agents' pages.</summary>
internal sealed class PushOptions
{
    /// <summary>
    /// Shortest time between two messages of a desk. Default 200 ms: a storm comes as five messages a second, each with all that came
    /// meanwhile; a page can draw no more, and a message costs each of a thousand connections some microseconds. After a calm nothing waits.
    /// Range 0 to 10 seconds.
    /// </summary>
    public TimeSpan FrameEvery { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Changes of one message. Default 1,000, some 2 MB. A desk that changes faster than its followers can be told outruns them: they are told
    /// to ask for the list. Range 1 to 10,000.
    /// </summary>
    public int FrameChangesMax { get; set; } = 1_000;

    public string? FindFault() => this switch
    {
        { FrameEvery: var t } when t < TimeSpan.Zero || t > TimeSpan.FromSeconds(10) => "Push:FrameEvery takes 0 to 10 seconds",
        { FrameChangesMax: < 1 or > 10_000 } => "Push:FrameChangesMax takes 1 to 10,000",
        _ => null,
    };
}
