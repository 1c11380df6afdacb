namespace OrleansCrm.Server.Archives;

/// <summary>What <c>compact</c> was asked to do.</summary>
internal sealed record CompactOptions
{
    /// <summary>Directory of the database; no server may be running on it.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>Connection string of a PostgreSQL database in place of <see cref="Data"/>.</summary>
    public string? Database { get; init; }

    /// <summary>Directory of the archive files; is made.</summary>
    public string To { get; init; } = "";

    /// <summary>How long an entry stays in the journal. Default 400 days: more than a year of history. Range 0 to 100 years.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Entries replaced in one transaction: each may stand in a block of its own of 128 KiB. Default 2,000, range 1 to 100,000.</summary>
    public int ReplacedAtOnce { get; init; } = 2_000;

    /// <inheritdoc cref="Verification.VerifyOptions.CustomersPerPassMax"/>
    public int CustomersPerPassMax { get; init; } = 200_000;
}
