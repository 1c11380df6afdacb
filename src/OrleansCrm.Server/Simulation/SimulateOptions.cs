namespace OrleansCrm.Server.Simulation;

/// <summary>What <c>simulate</c> was asked to do.</summary>
internal sealed record SimulateOptions
{
    /// <summary>Most customers; a million give about twenty million events, which is what is held.</summary>
    public const int CustomersMax = 1_000_000;

    public const int DaysMax = 3_650;

    /// <summary>Range 1 to <see cref="CustomersMax"/>.</summary>
    public required int Customers { get; init; }

    /// <summary>Length of the history. Range 1 to <see cref="DaysMax"/>.</summary>
    public required int Days { get; init; }

    /// <summary>The same seed, customers, days and end give the same bytes on any machine.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Instant at which the history ends, cut to whole seconds; null for now.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Where the events go; null for the standard output.</summary>
    public string? Out { get; init; }

    /// <summary>Where the truth about each customer goes; null for beside <see cref="Out"/>, or nowhere without it.</summary>
    public string? Truth { get; init; }

    public string Currency { get; init; } = "EUR";

    /// <summary>The model that customers are drawn from; the published fit of the CDNOW cohort by default.</summary>
    public PurchaseModel Model { get; init; } = PurchaseModel.Cdnow;

    /// <summary>What is wrong with the values, for the person who typed them; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Customers: < 1 or > CustomersMax } => $"--customers takes 1 to {CustomersMax}",
        { Days: < 1 or > DaysMax } => $"--days takes 1 to {DaysMax}",
        { Currency.Length: not 3 } => "--currency takes a code of three letters such as EUR",
        { End.Year: < 1981 } => "--end takes a time from 1981 on",
        _ => null,
    };
}

/// <summary>
/// MBG/NBD: a customer buys as a Poisson process with a rate drawn from Gamma(<paramref name="R"/>, <paramref name="Alpha"/>), and after each
/// purchase, the first one too, leaves for good with a probability drawn from Beta(<paramref name="A"/>, <paramref name="B"/>).
/// </summary>
/// <param name="Alpha">Weeks.</param>
internal sealed record PurchaseModel(double R, double Alpha, double A, double B)
{
    /// <summary>As published for the CDNOW cohort (model: Batislam, Denizel, Filiztekin 2007).</summary>
    public static readonly PurchaseModel Cdnow = new(0.525, 6.183, 0.891, 1.614);
}
