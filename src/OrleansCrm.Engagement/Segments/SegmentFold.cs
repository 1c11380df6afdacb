using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Segments;

/// <summary>
/// Keeps the segments of a customer as the facts ask, as of the customer's clock, and looks ahead to when time alone changes one of them.
/// What a customer who has done nothing belongs to is nothing.
/// </summary>
internal static class SegmentFold
{
    public static void Settle(CustomerState state, ref FoldStep step)
    {
        var program = step.Program;
        if (program.Segments.Count == 0 && state.Segments.Length == 0)
            return;
        if (state.Events == 0 || state.LinkedTo.Length > 0)
        {
            (state.Segments, state.SegmentsNextMs) = ([], 0);
            return;
        }

        // In an order in which each finds those it refers to settled, and with their instants already met.
        var (before, nextMs) = (state.Segments, long.MaxValue);
        state.SegmentsNextMs = 0;
        foreach (var segment in program.Conditional.Segments)
        {
            var holds = segment.When.Holds(state, program, state.NewestMs);
            if (holds != state.IsIn(segment.Name))
                state.Segments = holds ? With(state.Segments, segment.Name) : Without(state.Segments, segment.Name);
            nextMs = Math.Min(nextMs, segment.When.NextChangeMs(state, program, state.NewestMs));
        }

        foreach (var name in state.Segments)
        {
            if (!IsKnown(program.Segments, name))
                state.Segments = Without(state.Segments, name);
        }

        state.SegmentsNextMs = nextMs == long.MaxValue ? 0 : nextMs;
        if (!ReferenceEquals(before, state.Segments))
            Note(before, state.Segments, step);
    }

    private static void Note(string[] before, string[] after, in FoldStep step)
    {
        foreach (var name in before.Except(after, StringComparer.Ordinal))
            step.Note("left segment " + name);
        foreach (var name in after.Except(before, StringComparer.Ordinal))
            step.Note("entered segment " + name);
    }

    private static bool IsKnown(IReadOnlyList<Segment> segments, string name)
    {
        for (var i = 0; i < segments.Count; i++)
        {
            if (segments[i].Name == name)
                return true;
        }

        return false;
    }

    private static string[] Without(string[] names, string name) => [.. names.Where(kept => kept != name)];

    private static string[] With(string[] names, string name)
    {
        var place = ~Array.BinarySearch(names, name, StringComparer.Ordinal);
        return [.. names[..place], name, .. names[place..]];
    }
}
