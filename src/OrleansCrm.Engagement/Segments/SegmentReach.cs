using OrleansCrm.Engagement.Conditions;

namespace OrleansCrm.Engagement.Segments;

/// <summary>What membership of a segment hangs on, over other segments too.</summary>
public static class SegmentReach
{
    /// <summary>The named segments and all they refer to, in the order of <paramref name="segments"/>.</summary>
    internal static Segment[] Of(IReadOnlyList<Segment> segments, IEnumerable<string> names)
    {
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
            Add(name);
        return [.. segments.Where(segment => reached.Contains(segment.Name))];

        void Add(string name)
        {
            if (!reached.Add(name) || segments.FirstOrDefault(segment => segment.Name == name) is not { } found)
                return;
            foreach (var part in found.When.Parts.OfType<InSegment>())
                Add(part.Segment);
        }
    }

    /// <summary>
    /// The first question whose answer follows from the purchase model. Who belongs to a segment by its own model's word would move by
    /// being moved, so such a segment can have no parameters of its own.
    /// </summary>
    /// <returns>The field's name; null for none.</returns>
    public static string? ModelField(IReadOnlyList<Segment> segments, string name) => Asked(segments, name)
        .OfType<FieldCondition>().FirstOrDefault(asked => CustomerFields.FollowFromModel(asked.Field))?.Name;

    /// <summary>
    /// The first question about what and when the customer bought. To fit a model of purchases to customers who were chosen by their
    /// purchases would describe the choice: among those with three orders nobody has one.
    /// </summary>
    /// <returns>The field's name, or what is counted; null for none.</returns>
    public static string? PurchaseField(IReadOnlyList<Segment> segments, string name)
    {
        foreach (var asked in Asked(segments, name))
        {
            if (asked is FieldCondition field && CustomerFields.FollowFromPurchases(field.Field))
                return field.Name;
            if (asked is CountCondition count && CountedEvents.FollowFromPurchases(count.Name))
                return count.Name;
        }

        return null;
    }

    private static IEnumerable<Condition> Asked(IReadOnlyList<Segment> segments, string name) =>
        Of(segments, [name]).SelectMany(segment => segment.When.Parts);
}
