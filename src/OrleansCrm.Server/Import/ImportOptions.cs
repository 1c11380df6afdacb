namespace OrleansCrm.Server.Import;

internal enum ImportFormat
{
    /// <summary>CSV lines of invoices, as in the UCI data set of that name.</summary>
    OnlineRetail = 1,

    /// <summary>NDJSON: one event object of Segment's tracking format per line.</summary>
    Events = 2,
}

/// <summary>What <c>import</c> was asked to do.</summary>
internal sealed record ImportOptions
{
    /// <summary>Largest <see cref="BatchSize"/>: what the HTTP API takes in one request.</summary>
    public const int BatchSizeMax = 2_500;

    /// <summary>Largest <see cref="Rate"/>; faster than any one process folds, so a larger number would mean nothing.</summary>
    public const double RateMax = 1_000_000;

    /// <summary>CSV or NDJSON, plain or gzip (told by the first bytes).</summary>
    public required string File { get; init; }

    public required ImportFormat Format { get; init; }

    /// <summary>Where a server listens that takes the history; null to open the database in this process.</summary>
    public Uri? Url { get; init; }

    /// <summary>API key with scope admin for <see cref="Url"/>.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Tenant whose customers these are; over HTTP the key decides.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Move all times so that the newest event of the file happens when the import is first started.</summary>
    public bool ShiftToNow { get; init; }

    /// <summary>Online-retail: the IANA zone whose local times the file holds.</summary>
    public string TimeZone { get; init; } = "Europe/London";

    /// <summary>Online-retail: ISO 4217 code of the prices.</summary>
    public string Currency { get; init; } = "GBP";

    /// <summary>Events a second at most; null for as fast as they are taken. Range above 0 to <see cref="RateMax"/>.</summary>
    public double? Rate { get; init; }

    /// <summary>
    /// Events in one batch. Default 500: a commit costs the same for one and for many, and the answer to 500 comes within a fraction of a
    /// second, so that the progress moves. Range 1 to <see cref="BatchSizeMax"/>.
    /// </summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>Stop after so many events as if interrupted; the next run goes on. Null for all of them.</summary>
    public long? StopAfter { get; init; }

    /// <summary>What is wrong with the values, for the person who typed them; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { BatchSize: < 1 or > BatchSizeMax } => $"--batch-size takes 1 to {BatchSizeMax}",
        { Rate: not null and not (> 0 and <= RateMax) } => $"--rate takes more than 0 and at most {RateMax:0} events a second",
        { StopAfter: < 1 } => "--stop-after takes 1 or more",
        { Currency.Length: not 3 } => "--currency takes a code of three letters such as GBP",
        { Format: ImportFormat.OnlineRetail } when !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _) =>
            $"--time-zone: this machine does not know '{TimeZone}'; names are those of IANA (Europe/London), the package tzdata brings them",
        { Url: not null, ApiKey: null or "" } => "--url needs --api-key",
        { Url: { Scheme: not ("http" or "https") } } => "--url takes an http or https address",
        _ => null,
    };
}
