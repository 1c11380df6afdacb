using OrleansCrm.Engagement.Alerts;

namespace OrleansCrm.Engagement.Program;

/// <summary>The alert of kind <c>churn_risk</c>.</summary>
public sealed record ChurnAlertRules
{
    public bool Enabled { get; init; } = true;

    /// <summary>1 to 64 of a-z, 0-9, hyphen and underscore.</summary>
    public string Desk { get; init; } = "default";

    /// <summary>
    /// Revenue expected over twelve months (millionths of the program's currency; an amount without a rate is taken at par) from which
    /// an alert is medium, high, critical; rising. Defaults 50, 250 and 1,000: about one, five and twenty baskets of a small shop.
    /// </summary>
    public SeveritySteps ValueMicros { get; init; } = new(0, 50_000_000, 250_000_000, 1_000_000_000);

    /// <summary>Minutes until an alert of each severity is due; 1 to 43,200.</summary>
    public SeveritySteps DueMinutes { get; init; } = new(4_320, 1_440, 240, 60);

    /// <summary>
    /// Shown to the agent as they stand; at most 10, 200 characters each. One that names a channel is shown only to whom the customer's
    /// consent allows it.
    /// </summary>
    public IReadOnlyList<SuggestedAction> SuggestedActions { get; init; } =
    [
        new("Call to ask what is missing", "marketing", "phone"),
        new("Write to ask what is missing, with a personal voucher", "marketing", "email"),
        new("Check open tickets and late deliveries"),
        new("Have a personal offer ready for the next visit"),
    ];

    internal AlertSeverity SeverityOf(long valueMicros) =>
        valueMicros >= ValueMicros.Critical ? AlertSeverity.Critical
        : valueMicros >= ValueMicros.High ? AlertSeverity.High
        : valueMicros >= ValueMicros.Medium ? AlertSeverity.Medium
        : AlertSeverity.Low;

    internal long DueAfterMs(AlertSeverity severity) => 60_000 * severity switch
    {
        AlertSeverity.Critical => DueMinutes.Critical,
        AlertSeverity.High => DueMinutes.High,
        AlertSeverity.Medium => DueMinutes.Medium,
        _ => DueMinutes.Low,
    };
}

/// <summary>One number per severity.</summary>
public sealed record SeveritySteps(long Low, long Medium, long High, long Critical);
