namespace OrleansCrm.Server.Ingest.Limits;

/// <summary>
/// How fast senders may send. Each process counts for itself. The bounds protect senders from each other; that more comes in than the engine
/// can work on is told by the engine itself.
/// </summary>
internal sealed class LimitOptions
{
    /// <summary>False leaves out the counting itself. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Events a second of one server write key, in the long run. Default 200,000: above what two cores take, so that it stops only who
    /// would starve all others of a larger machine. Range 1 to 10,000,000.
    /// </summary>
    public int ServerEventsPerSecond { get; set; } = 200_000;

    /// <summary>Events of one server key at once, after a pause. Default 2,000,000: a storefront that was cut off for minutes catches up. Range 1 to 100,000,000.</summary>
    public int ServerEventsBurst { get; set; } = 2_000_000;

    /// <summary>
    /// The same of one browser key, which anybody can use. Default 10,000 a second: a page that sends ten events a minute, open in 60,000
    /// browsers. Range 1 to 10,000,000.
    /// </summary>
    public int BrowserEventsPerSecond { get; set; } = 10_000;

    /// <summary>Events of one browser key at once. Default 100,000. Range 1 to 100,000,000.</summary>
    public int BrowserEventsBurst { get; set; } = 100_000;

    /// <summary>
    /// Events a second of one customer, whatever the key. Default 2,000: no person comes near it, and it is a few hundredths of what the
    /// customer's partition can fold. Range 1 to 1,000,000.
    /// </summary>
    public int CustomerEventsPerSecond { get; set; } = 2_000;

    /// <summary>Events of one customer at once. Default 50,000: a whole history sent as live events. Range 1 to 10,000,000.</summary>
    public int CustomerEventsBurst { get; set; } = 50_000;

    /// <summary>
    /// Customers never seen before that one browser key may bring in an hour: they take memory and disk for good. Default 36,000: ten a
    /// second, day and night. Range 1 to 100,000,000.
    /// </summary>
    public int NewCustomersPerHour { get; set; } = 36_000;

    public string? FindFault() => this switch
    {
        { ServerEventsPerSecond: < 1 or > 10_000_000 } => "Ingest:Limits:ServerEventsPerSecond takes 1 to 10,000,000",
        { ServerEventsBurst: < 1 or > 100_000_000 } => "Ingest:Limits:ServerEventsBurst takes 1 to 100,000,000",
        { BrowserEventsPerSecond: < 1 or > 10_000_000 } => "Ingest:Limits:BrowserEventsPerSecond takes 1 to 10,000,000",
        { BrowserEventsBurst: < 1 or > 100_000_000 } => "Ingest:Limits:BrowserEventsBurst takes 1 to 100,000,000",
        { CustomerEventsPerSecond: < 1 or > 1_000_000 } => "Ingest:Limits:CustomerEventsPerSecond takes 1 to 1,000,000",
        { CustomerEventsBurst: < 1 or > 10_000_000 } => "Ingest:Limits:CustomerEventsBurst takes 1 to 10,000,000",
        { NewCustomersPerHour: < 1 or > 100_000_000 } => "Ingest:Limits:NewCustomersPerHour takes 1 to 100,000,000",
        _ => null,
    };

    /// <summary>Counts everything and refuses nothing: for measuring what the counting costs.</summary>
    public static LimitOptions Widest() => new()
    {
        ServerEventsPerSecond = 10_000_000,
        ServerEventsBurst = 100_000_000,
        BrowserEventsPerSecond = 10_000_000,
        BrowserEventsBurst = 100_000_000,
        CustomerEventsPerSecond = 1_000_000,
        CustomerEventsBurst = 10_000_000,
        NewCustomersPerHour = 100_000_000,
    };
}
