using Orleans;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Contracts.Partitions;

/// <param name="BeforeOffset">Only entries that stand before it; <see cref="long.MaxValue"/> for the newest.</param>
/// <param name="Limit">1 to 500.</param>
[GenerateSerializer, Immutable, Alias("crm.timeline")]
public sealed record TimelineRequest(
    [property: Id(0)] string Customer,
    [property: Id(1)] long BeforeOffset,
    [property: Id(2)] int Limit);

/// <param name="Entries">Newest first.</param>
/// <param name="HasMore">Whether older ones exist.</param>
[GenerateSerializer, Immutable, Alias("crm.timeline-page")]
public sealed record TimelineResponse(
    [property: Id(0)] LookupStatus Status,
    [property: Id(1)] Entry[] Entries,
    [property: Id(2)] bool HasMore);
