using Orleans;

namespace OrleansCrm.Contracts.Partitions;

/// <param name="AfterOffset">Only entries that stand behind it; -1 from the start.</param>
/// <param name="Limit">1 to 10,000; an answer may have some more, because the journal names entries in stretches.</param>
[GenerateSerializer, Immutable, Alias("crm.strand")]
public sealed record StrandRequest(
    [property: Id(0)] string Customer,
    [property: Id(1)] long AfterOffset,
    [property: Id(2)] int Limit);

/// <param name="Offsets">Rising.</param>
/// <param name="HasMore">Whether newer ones may exist.</param>
[GenerateSerializer, Immutable, Alias("crm.strand-page")]
public sealed record StrandResponse(
    [property: Id(0)] LookupStatus Status,
    [property: Id(1)] long[] Offsets,
    [property: Id(2)] bool HasMore);
