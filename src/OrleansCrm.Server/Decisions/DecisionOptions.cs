namespace OrleansCrm.Server.Decisions;

/// <summary>How long a decision may take.</summary>
internal sealed class DecisionOptions
{
    /// <summary>
    /// What a decision may take, its events included; then the shop is answered from what is at hand, marked as degraded. Default 150 ms: a
    /// checkout does not feel it, and a customer whose state has to be read first is still answered in full. Range 5 ms to 10 s.
    /// </summary>
    public TimeSpan Budget { get; set; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Events that may come with one decision. Default 50: what a page does between two questions. Range 1 to 500.</summary>
    public int EventsMax { get; set; } = 50;

    /// <summary>Largest body in bytes. Default 512 KiB: the events, and a cart of some hundred lines. Range 1 KiB to 4 MiB.</summary>
    public int BodyBytesMax { get; set; } = 512 * 1024;

    /// <summary>
    /// How often what was learned about offers is read again, and what goes with what is put up anew. Default 5 s, as behind as the sums that the
    /// first is read from. Range 50 ms to 10 minutes.
    /// </summary>
    public TimeSpan LearningPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Newest entries of the journal that what goes with what is learned from at the start. Default 200,000: a few seconds of one core in the
    /// background. Range 0 to 100,000,000.
    /// </summary>
    public int WarmEntriesMax { get; set; } = 200_000;

    /// <summary>What is wrong with the values; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Budget: var budget } when budget < TimeSpan.FromMilliseconds(5) || budget > TimeSpan.FromSeconds(10) => "DECISIONS__BUDGET takes 5 milliseconds to 10 seconds",
        { EventsMax: < 1 or > 500 } => "DECISIONS__EVENTS_MAX takes 1 to 500",
        { BodyBytesMax: < 1_024 or > 4 * 1024 * 1024 } => "DECISIONS__BODY_BYTES_MAX takes 1,024 to 4,194,304",
        { LearningPeriod: var period } when period < TimeSpan.FromMilliseconds(50) || period > TimeSpan.FromMinutes(10) => "DECISIONS__LEARNING_PERIOD takes 50 milliseconds to 10 minutes",
        { WarmEntriesMax: < 0 or > 100_000_000 } => "DECISIONS__WARM_ENTRIES_MAX takes 0 to 100,000,000",
        _ => null,
    };
}
