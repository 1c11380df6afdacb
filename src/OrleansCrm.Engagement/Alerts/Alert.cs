using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>Something about a customer that a person should look at. Names the entry that raised it for ever.</summary>
internal sealed class Alert
{
    public required AlertId Id { get; init; }

    /// <summary>What it is about; the name of its policy.</summary>
    public required string Kind { get; init; }

    public required string Desk { get; set; }

    /// <summary>When the raising entry was recorded: the agent's time to act runs from here, however old the cause.</summary>
    public required long RecordedMs { get; init; }

    public required AlertCase Case { get; set; }

    public AlertStatus Status { get; set; } = AlertStatus.Open;

    public long DueAtMs { get; set; }

    /// <summary>Entries of the customer's newest orders, newest first.</summary>
    public long[] Evidence { get; set; } = [];

    /// <summary>The agent who has it, or who resolved it; empty for nobody.</summary>
    public string ClaimedBy { get; set; } = "";

    public string Outcome { get; set; } = "";

    /// <summary>What agents have written, oldest first.</summary>
    public List<AlertNote>? Notes { get; set; }

    /// <summary>When a snoozed alert opens again, in whole seconds; 0 for one that is not snoozed.</summary>
    public long SnoozedUntilMs { get; set; }

    /// <summary>The instant at which it was due and nobody had finished it; 0 for none.</summary>
    public long EscalatedAtMs { get; set; }

    /// <summary>By how many steps its escalation has made it more severe.</summary>
    public int SeverityRaise { get; set; }

    public AlertSeverity Severity => (AlertSeverity)Math.Min((int)Case.Severity + SeverityRaise, (int)AlertSeverity.Critical);

    public bool IsFinished => Status is AlertStatus.Resolved or AlertStatus.Withdrawn;

    /// <summary>What agents and time have done to an alert stays with it when it rises again at another id of the person.</summary>
    public void GoOnFrom(Alert moved)
    {
        (Status, ClaimedBy, Notes) = (moved.Status, moved.ClaimedBy, moved.Notes);
        (SnoozedUntilMs, EscalatedAtMs, SeverityRaise) = (moved.SnoozedUntilMs, moved.EscalatedAtMs, moved.SeverityRaise);
    }

    /// <summary>More severe first, then older.</summary>
    public long Rank => ((long)Severity << 48) | (0xFFFF_FFFF_FFFF - Math.Clamp(Case.RaisedAtMs, 0, 0xFFFF_FFFF_FFFF));
}
