using OrleansCrm.Engagement.Conditions;

namespace OrleansCrm.Engagement.Segments;

/// <summary>Customers for whom a condition holds, under a name. Who belongs to it follows from the facts and the time alone.</summary>
/// <param name="Name">1 to 64 of a-z, 0-9, hyphen and underscore.</param>
/// <param name="Title">For people; at most 100 characters.</param>
public sealed record Segment(string Name, string Title, Condition When);
