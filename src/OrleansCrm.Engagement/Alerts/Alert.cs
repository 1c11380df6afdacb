using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

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

    /// <summary>What an agent has to know who is given it in turn; sorted.</summary>
    public string[] Skills { get; init; } = [];

    /// <summary>When the server gave it to the agent who has it; 0 when somebody took it, or was given it by a person.</summary>
    public long GivenAtMs { get; set; }

    /// <summary>When it is taken back from an agent who has not acted on what he was given, in whole seconds; 0 for never.</summary>
    public long ActByMs { get; set; }

    /// <summary>Agents who gave it back, or let it pass; the server does not give it to them again. Oldest first.</summary>
    public List<string>? PassedBy { get; set; }

    /// <summary>When an agent who had it first acted on it; 0 for not yet.</summary>
    public long TakenAtMs { get; set; }

    public long FinishedAtMs { get; set; }

    /// <summary>Counts what was told of it: who hears of it in two ways knows which is the newer.</summary>
    public long Revision { get; set; }

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

    /// <summary>The agent who has it gives it back, or let it pass: it is everybody's again, but not his in turn.</summary>
    public void Return()
    {
        if (ClaimedBy.Length > 0)
        {
            (PassedBy ??= []).Remove(ClaimedBy);
            PassedBy.Add(ClaimedBy);
            if (PassedBy.Count > Bounds.AlertPassesMax)
                PassedBy.RemoveAt(0);
        }

        Free();
    }

    public void Free() => (Status, ClaimedBy, SnoozedUntilMs, GivenAtMs, ActByMs) = (AlertStatus.Open, "", 0, 0, 0);

    public void Give(string agent) => (Status, ClaimedBy, SnoozedUntilMs, GivenAtMs, ActByMs) = (AlertStatus.Claimed, agent, 0, 0, 0);

    /// <summary>What agents and time have done to an alert stays with it when it rises again at another id of the person.</summary>
    public void GoOnFrom(Alert moved)
    {
        (Status, ClaimedBy, Notes) = (moved.Status, moved.ClaimedBy, moved.Notes);
        (SnoozedUntilMs, EscalatedAtMs, SeverityRaise) = (moved.SnoozedUntilMs, moved.EscalatedAtMs, moved.SeverityRaise);
        (GivenAtMs, ActByMs, PassedBy, TakenAtMs) = (moved.GivenAtMs, moved.ActByMs, moved.PassedBy, moved.TakenAtMs);
    }

    /// <summary>More severe first, then older.</summary>
    public long Rank => ((long)Severity << 48) | (0xFFFF_FFFF_FFFF - Math.Clamp(Case.RaisedAtMs, 0, 0xFFFF_FFFF_FFFF));
}
