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
/// <param name="ReachesBackToMs">When the newest entry was recorded that was moved to an archive, if the page comes to it: nothing is behind it. Else 0.</param>
/// <param name="Notes">What these entries brought about; those of one entry in the order in which it happened.</param>
[GenerateSerializer, Immutable, Alias("crm.timeline-page")]
public sealed record TimelineResponse(
    [property: Id(0)] LookupStatus Status,
    [property: Id(1)] Entry[] Entries,
    [property: Id(2)] bool HasMore,
    [property: Id(3)] TimelineNote[] Notes,
    [property: Id(4)] long ReachesBackToMs = 0)
{
    public static readonly TimelineResponse NotFound = new(LookupStatus.NotFound, [], false, []);

    public static readonly TimelineResponse Erased = new(LookupStatus.Erased, [], false, []);

    public static readonly TimelineResponse Unavailable = new(LookupStatus.Unavailable, [], false, []);
}
