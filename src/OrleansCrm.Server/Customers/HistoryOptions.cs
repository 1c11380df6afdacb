namespace OrleansCrm.Server.Customers;

/// <summary>How much may be read to say what was.</summary>
internal sealed class HistoryOptions
{
    /// <summary>
    /// Entries of one customer that are folded again for an instant of the past. Default 1,000,000: some seconds of one core. Range 1,000 to
    /// 100,000,000.
    /// </summary>
    public int EntriesMax { get; set; } = 1_000_000;

    /// <summary>
    /// How many such questions are answered at once; more are told to come back. Default 2: each takes a core, and ingest needs some. Range 1
    /// to 64.
    /// </summary>
    public int AtOnceMax { get; set; } = 2;

    /// <summary>How long a question waits for its turn. Default 5 s, below the patience of clients. Range 0 to 30 s.</summary>
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong with the values; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { EntriesMax: < 1_000 or > 100_000_000 } => "HISTORY__ENTRIES_MAX takes 1,000 to 100,000,000",
        { AtOnceMax: < 1 or > 64 } => "HISTORY__AT_ONCE_MAX takes 1 to 64",
        { Wait: var wait } when wait < TimeSpan.Zero || wait > TimeSpan.FromSeconds(30) => "HISTORY__WAIT takes 0 to 30 seconds",
        _ => null,
    };
}
