using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal;

/// <param name="CoveredOffset">The newest entry that is folded into <paramref name="State"/>.</param>
/// <param name="NextWakeMs">Unix milliseconds; 0 for never.</param>
/// <param name="Import">The import that the customer's newest entry belongs to, else empty.</param>
/// <param name="Sums">Contribution to each metric, sorted by name.</param>
public sealed record SnapshotRow(
    string Customer,
    long CoveredOffset,
    byte[] State,
    long NextWakeMs,
    string Import,
    SearchColumns Search,
    MetricSum[] Sums);

public sealed record DueWake(string Customer, long NextWakeMs, string Import, long CoveredOffset);

/// <summary>A stretch of one customer's entries: which offsets, and which messages they were.</summary>
/// <param name="Row">Order in which it was written; 0 when it is to be written.</param>
/// <param name="Outcomes">What each of them brought about, as <see cref="StrandOutcomes"/> has it.</param>
public sealed record StrandRow(long Row, string Customer, long[] Offsets, Guid[] MessageIds, byte[] Outcomes);

/// <summary>An outcome that has not reached its desk yet.</summary>
public sealed record OutboxRow(Outgoing Outgoing);

/// <param name="DeliveredOffset">With the index: outcomes up to here have reached their desks and leave the outbox.</param>
/// <param name="Checkpoint">Entries before it need no replay from now on.</param>
public sealed record FlushRequest(
    int Partition,
    long Epoch,
    long Checkpoint,
    SnapshotRow[] Snapshots,
    StrandRow[] Strands,
    Outgoing[] Outbox,
    long DeliveredOffset,
    int DeliveredIndex);

/// <param name="Build">The program version that could not fold the entry.</param>
public sealed record FaultRow(int Partition, long Offset, string Customer, string Error, string Build, long RecordedMs);
