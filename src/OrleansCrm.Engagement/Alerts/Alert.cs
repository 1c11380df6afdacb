using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>Something about a customer that a person should look at. Names the entry that raised it for ever.</summary>
internal sealed class Alert
{
    public required AlertId Id { get; init; }

    public required string Desk { get; init; }

    /// <summary>When the raising entry was recorded: the agent's time to act runs from here, however old the cause.</summary>
    public required long RecordedMs { get; init; }

    public ChurnCase Case { get; set; }

    public AlertStatus Status { get; set; } = AlertStatus.Open;

    public long DueAtMs { get; set; }

    /// <summary>Entries of the customer's newest orders, newest first.</summary>
    public long[] Evidence { get; set; } = [];

    /// <summary>The agent who has it, or who resolved it; empty for nobody.</summary>
    public string ClaimedBy { get; set; } = "";

    public string Outcome { get; set; } = "";

    public string Note { get; set; } = "";

    public bool IsFinished => Status is AlertStatus.Resolved or AlertStatus.Withdrawn;

    /// <summary>More severe first, then older.</summary>
    public long Rank => ((long)Case.Severity << 48) | (0xFFFF_FFFF_FFFF - Math.Clamp(Case.RaisedAtMs, 0, 0xFFFF_FFFF_FFFF));
}
