using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;

namespace OrleansCrm.Journal;

/// <param name="Sequence">Number of the newest change.</param>
/// <param name="Senders">The newest (offset, index) taken from each partition.</param>
/// <param name="OldestSequence">Number of the oldest change that is still kept; <c>Sequence + 1</c> when none is.</param>
public sealed record DeskPosition(long Sequence, long OldestSequence, SenderPosition[] Senders);

public sealed record SenderPosition(int Partition, long Offset, int Index);

/// <param name="FirstSequence">Number of the first change; the others follow without a gap.</param>
/// <param name="Sender">Where the sending partition stands after this.</param>
public sealed record DeskWrite(string Desk, long FirstSequence, Outgoing[] Changes, SenderPosition Sender)
{
    /// <summary>Those of the changes by which an alert is over.</summary>
    public FinishedAlert[] Finished { get; init; } = [];

    /// <summary>What of the same tenant was over before this instant is forgotten, Unix milliseconds; 0 for nothing.</summary>
    public long ForgetFinishedBeforeMs { get; init; }

    internal string Tenant => Desk[..Desk.IndexOf('/')];
}

/// <summary>What is kept of an alert that is over, for reports: nothing of whom it concerned. Instants are Unix milliseconds.</summary>
/// <param name="Desk">The name alone.</param>
/// <param name="Outcome">In the agent's words; empty for one that its cause has withdrawn.</param>
/// <param name="Agent">Who resolved it; empty for nobody.</param>
/// <param name="RecordedMs">When the server learnt of it.</param>
/// <param name="TakenMs">When an agent first acted on it; 0 for never.</param>
public sealed record FinishedAlert(
    string AlertId,
    string Desk,
    string Kind,
    string Severity,
    bool IsResolved,
    string Outcome,
    string Agent,
    long RecordedMs,
    long TakenMs,
    long DueMs,
    long FinishedMs);

/// <summary>An unfinished alert and its place in the list of its desk, which is sorted by falling rank and rising id.</summary>
public sealed record OpenAlert(long Rank, string AlertId, byte[] Alert);

/// <param name="Total">How many unfinished alerts the desk has in all.</param>
public sealed record DeskAlerts(long Sequence, int Total, byte[][] Alerts);
