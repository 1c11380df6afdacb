using Orleans;

namespace OrleansCrm.Contracts.Partitions;

/// <summary>How a partition is; what <c>/health/ready</c> and the keeper look at.</summary>
/// <param name="Ready">Replay is done and wakes run.</param>
/// <param name="Head">Offset that the next entry gets.</param>
/// <param name="Checkpoint">Every entry before it is covered by a snapshot and its outcomes are safe.</param>
/// <param name="Dirty">Customers that no snapshot covers yet.</param>
/// <param name="Resident">Customers in memory.</param>
/// <param name="OverdueWakes">Wakes that are due and not yet journaled.</param>
/// <param name="UndeliveredOutcomes">Outcomes on their way to a desk.</param>
/// <param name="WakesHeld">Wakes wait because the wall clock jumped.</param>
/// <param name="ProgramOffset">Where the newest program of any tenant was published; -1 when none was.</param>
/// <param name="Unpacked">Customers whose grain has their state; of the other residents the partition keeps the snapshot.</param>
/// <param name="StoredMs">Entries recorded until then are covered by snapshots, and with them in searches and sums. Unix milliseconds.</param>
/// <param name="Waiting">Entries that wait for the next commit.</param>
/// <param name="Swept">Every stored customer stands under the newest programs.</param>
[GenerateSerializer, Immutable, Alias("crm.partition-status")]
public sealed record PartitionStatus(
    [property: Id(0)] bool Ready,
    [property: Id(1)] long Head,
    [property: Id(2)] long Checkpoint,
    [property: Id(3)] int Dirty,
    [property: Id(4)] int Resident,
    [property: Id(5)] int OverdueWakes,
    [property: Id(6)] int UndeliveredOutcomes,
    [property: Id(7)] bool WakesHeld,
    [property: Id(8)] long ProgramOffset,
    [property: Id(9)] int Unpacked,
    [property: Id(10)] long StoredMs,
    [property: Id(11)] int Waiting,
    [property: Id(12)] bool Swept);
