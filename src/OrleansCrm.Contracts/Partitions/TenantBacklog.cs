using Orleans;

namespace OrleansCrm.Contracts.Partitions;

/// <summary>What is still to be done in a partition about instants that have passed, for the customers of one tenant.</summary>
/// <param name="Ready">Replay is done and wakes run.</param>
/// <param name="OverdueWakes">Wakes that are due and not yet journaled; one more while the partition does not know who else may be due.</param>
/// <param name="UndeliveredOutcomes">Outcomes on their way to a desk or another customer.</param>
[GenerateSerializer, Immutable, Alias("crm.tenant-backlog")]
public sealed record TenantBacklog([property: Id(0)] bool Ready, [property: Id(1)] int OverdueWakes, [property: Id(2)] int UndeliveredOutcomes);
