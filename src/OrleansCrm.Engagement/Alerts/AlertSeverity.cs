namespace OrleansCrm.Engagement.Alerts;

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum AlertSeverity : byte
{
    Low = 1,
    Medium = 2,
    High = 3,
    Critical = 4,
}

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum AlertStatus : byte
{
    Open = 1,
    Claimed = 2,
    Snoozed = 3,
    Resolved = 4,
    Withdrawn = 5,
}

internal static class AlertWords
{
    public static readonly string[] Severities = ["low", "medium", "high", "critical"];

    public static AlertSeverity SeverityOf(string word) => (AlertSeverity)(Array.IndexOf(Severities, word) + 1);

    public static string Of(AlertSeverity severity) => severity switch
    {
        AlertSeverity.Critical => "critical",
        AlertSeverity.High => "high",
        AlertSeverity.Medium => "medium",
        _ => "low",
    };

    public static string Of(AlertStatus status) => status switch
    {
        AlertStatus.Claimed => "claimed",
        AlertStatus.Snoozed => "snoozed",
        AlertStatus.Resolved => "resolved",
        AlertStatus.Withdrawn => "withdrawn",
        _ => "open",
    };
}
