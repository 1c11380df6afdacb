namespace OrleansCrm.Server.Capacity;

/// <summary>What a shop asks of the engine, and what follows from that alone.</summary>
internal sealed record ShopLoad
{
    private const double SecondsAYear = 365.25 * 86_400;

    /// <summary>Customers, 1 to 10 billion.</summary>
    public double Customers { get; init; } = 100_000_000;

    /// <summary>Events a customer and year. Default 60, as in the history that the costs were measured with; 0 to 1,000,000.</summary>
    public double EventsAYear { get; init; } = 60;

    /// <summary>Years that events are kept. Default 1; 0 to 100.</summary>
    public double Years { get; init; } = 1;

    /// <summary>The busiest hour against the average one. Default 20, 1 to 1,000.</summary>
    public double Peak { get; init; } = 20;

    /// <summary>Share of customers who are in memory at the peak, as far as they are let. Default a tenth, 0 to 1.</summary>
    public double Active { get; init; } = 0.1;

    /// <summary>Changes of alerts a customer and year: raised, claimed, resolved. Default 1; 0 to 10,000.</summary>
    public double AlertChangesAYear { get; init; } = 1;

    public double Entries => Customers * EventsAYear * Years;

    /// <summary>Events a second, over the year.</summary>
    public double AverageRate => Customers * EventsAYear / SecondsAYear;

    public double PeakRate => AverageRate * Peak;

    public double PeakAlertChanges => Customers * AlertChangesAYear / SecondsAYear * Peak;

    /// <summary>What is wrong with the values, for the person who typed them; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Customers: not (>= 1 and <= 1e10) } => "--customers takes 1 to 10,000,000,000",
        { EventsAYear: not (>= 0 and <= 1e6) } => "--events takes 0 to 1,000,000",
        { Years: not (>= 0 and <= 100) } => "--years takes 0 to 100",
        { Peak: not (>= 1 and <= 1_000) } => "--peak takes 1 to 1,000",
        { Active: not (>= 0 and <= 1) } => "--active takes 0 to 1",
        { AlertChangesAYear: not (>= 0 and <= 10_000) } => "--alerts takes 0 to 10,000",
        _ => null,
    };
}
