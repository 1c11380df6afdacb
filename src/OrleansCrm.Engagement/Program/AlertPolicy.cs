using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>What every kind of alert has: whom it goes to, how severe it is, until when somebody should have acted.</summary>
public abstract record AlertPolicy
{
    public bool Enabled { get; init; } = true;

    /// <summary>1 to 64 of a-z, 0-9, hyphen and underscore.</summary>
    public string Desk { get; init; } = "default";

    /// <summary>
    /// Nobody is told of customers who refuse to be addressed for this purpose on any channel; empty for everybody. By default service: who
    /// wants no marketing may still have trouble that a shop should see to.
    /// </summary>
    public string Purpose { get; init; } = "service";

    /// <summary>Only for customers of whom this holds; null for all. Does not ask for open alerts.</summary>
    public Condition? When { get; init; }

    /// <summary>
    /// Revenue expected over twelve months (millionths of the program's currency; an amount without a rate is taken at par) from which
    /// an alert is medium, high, critical; rising. Defaults 50, 250 and 1,000: about one, five and twenty baskets of a small shop.
    /// </summary>
    public SeveritySteps ValueMicros { get; init; } = new(0, 50_000_000, 250_000_000, 1_000_000_000);

    /// <summary>Minutes until an alert of each severity is due; 1 to 43,200.</summary>
    public SeveritySteps DueMinutes { get; init; } = SeveritySteps.DueStandard;

    /// <summary>
    /// Shown to the agent as they stand; at most 10, 200 characters each. One that names a channel is shown only to whom the customer's
    /// consent allows it.
    /// </summary>
    public IReadOnlyList<SuggestedAction> SuggestedActions { get; init; } = [];

    /// <summary>Whether agents are to hear of this customer, as of his clock.</summary>
    internal bool Allows(CustomerState state, ProgramDocument program) =>
        (Purpose.Length == 0 || Consents.IsGranted(state, program, Purpose, Consents.EveryChannel))
        && When?.Holds(state, program, state.NewestMs) != false;

    /// <summary>When time alone may change what <see cref="When"/> says, in whole seconds; 0 for never.</summary>
    internal long NextChangeMs(CustomerState state, ProgramDocument program) =>
        When?.NextChangeMs(state, program, state.NewestMs) is { } nextMs and not long.MaxValue ? nextMs : 0;

    internal virtual AlertSeverity SeverityOf(long valueMicros) =>
        valueMicros >= ValueMicros.Critical ? AlertSeverity.Critical
        : valueMicros >= ValueMicros.High ? AlertSeverity.High
        : valueMicros >= ValueMicros.Medium ? AlertSeverity.Medium
        : AlertSeverity.Low;
}

/// <summary>One number per severity.</summary>
public sealed record SeveritySteps(long Low, long Medium, long High, long Critical)
{
    /// <summary>Minutes to act where a program says nothing: three days, a day, four hours, an hour.</summary>
    internal static readonly SeveritySteps DueStandard = new(4_320, 1_440, 240, 60);

    internal long Of(AlertSeverity severity) => severity switch
    {
        AlertSeverity.Critical => Critical,
        AlertSeverity.High => High,
        AlertSeverity.Medium => Medium,
        _ => Low,
    };
}
