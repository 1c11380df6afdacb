namespace OrleansCrm.Server.Storefront;

/// <summary>What <c>storefront</c> was asked to do.</summary>
internal sealed record StorefrontOptions
{
    public const double RateMax = 1_000;

    /// <summary>Where the server listens.</summary>
    public required Uri Url { get; init; }

    public required string WriteKey { get; init; }

    /// <summary>
    /// Visits a second of ordinary shoppers. Default 2: the page lives, and one can still read it. Range above 0 to <see cref="RateMax"/>.
    /// </summary>
    public double Rate { get; init; } = 2;

    /// <summary>
    /// Mean time between customers that turn out to have fallen silent. Default 4 s: an alert every few seconds. Range 100 ms to 1 hour.
    /// </summary>
    public TimeSpan SilentEvery { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Mean time between good customers with whom something goes wrong: a failed payment, a bad answer, a ticket that nobody answers, a cart
    /// left behind. Default 12 s: among the silent ones, and few enough to read. Range 100 ms to 1 hour.
    /// </summary>
    public TimeSpan TroubleEvery { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>End when this process has ended; null to run until stopped.</summary>
    public int? ParentProcess { get; init; }

    /// <summary>
    /// End when the server has taken nothing for so long. Default one minute: a restart is shorter, and a forgotten shop should not knock for
    /// ever. Range 1 s to 1 day.
    /// </summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What is invented follows from it; null for another each time: two runs on one database invent different people.</summary>
    public ulong? Seed { get; init; }

    /// <summary>What is wrong with the values, for the person who typed them; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Url: { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") } } => "--url takes an http or https address",
        { WriteKey: "" } => "--write-key is empty",
        { Rate: not (> 0 and <= RateMax) } => $"--rate takes more than 0 and at most {RateMax:0} visits a second",
        { SilentEvery: var t } when t < TimeSpan.FromMilliseconds(100) || t > TimeSpan.FromHours(1) => "SilentEvery takes 0.1 s to 1 hour",
        { TroubleEvery: var t } when t < TimeSpan.FromMilliseconds(100) || t > TimeSpan.FromHours(1) => "TroubleEvery takes 0.1 s to 1 hour",
        { GiveUpAfter: var t } when t < TimeSpan.FromSeconds(1) || t > TimeSpan.FromDays(1) => "GiveUpAfter takes 1 s to 1 day",
        _ => null,
    };
}
