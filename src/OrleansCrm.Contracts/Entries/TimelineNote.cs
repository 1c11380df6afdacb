using Orleans;

namespace OrleansCrm.Contracts.Entries;

/// <summary>Something that an entry brought about, in the words of the timeline.</summary>
/// <param name="Offset">The entry that brought it about.</param>
/// <param name="Text">A few words, for instance <c>+60 points</c>, <c>phase purchase</c>, <c>alert raised churn_risk</c>.</param>
[GenerateSerializer, Immutable, Alias("crm.timeline-note")]
public sealed record TimelineNote([property: Id(0)] long Offset, [property: Id(1)] string Text);
