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
public sealed record DeskWrite(string Desk, long FirstSequence, Outgoing[] Changes, SenderPosition Sender);

/// <summary>An unfinished alert and its place in the list of its desk, which is sorted by falling rank and rising id.</summary>
public sealed record OpenAlert(long Rank, string AlertId, byte[] Alert);

/// <param name="Total">How many unfinished alerts the desk has in all.</param>
public sealed record DeskAlerts(long Sequence, int Total, byte[][] Alerts);
