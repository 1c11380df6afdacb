using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Segments;

/// <summary>
/// Keeps the segments of a customer as the facts ask, as of the customer's clock, and looks ahead to when time alone changes one of them.
/// What a customer who has done nothing belongs to is nothing.
/// </summary>
internal static class SegmentFold
{
    /// <summary>
    /// Settles the segments that decide by whose parameters the customer's risk goes, and works it out again where that is another segment
    /// than before. These ask nothing that follows from it, so it comes before everything that does.
    /// </summary>
    public static void SettleUnderChurn(CustomerState state, ProgramDocument program)
    {
        if (program.Churn.BySegment.Count == 0 || IsNobody(state))
            return;
        var before = program.ChurnOf(state);
        foreach (var segment in program.Conditional.UnderChurn)
            Settle(state, segment, program, state.NewestMs);
        if (!ReferenceEquals(before, program.ChurnOf(state)))
            PurchaseHistoryFold.Rewalk(state, program);
    }

    /// <param name="before">The segments before anything of this step was settled.</param>
    public static void Settle(CustomerState state, string[] before, ref FoldStep step)
    {
        var program = step.Program;
        if (program.Segments.Count == 0 && state.Segments.Length == 0)
        {
            // An older program may have wanted a look.
            state.SegmentsNextMs = 0;
            return;
        }

        if (IsNobody(state))
        {
            (state.Segments, state.SegmentsNextMs) = ([], 0);
            return;
        }

        // In an order in which each finds those it refers to settled, and with their instants already met.
        var nextMs = long.MaxValue;
        state.SegmentsNextMs = 0;
        foreach (var segment in program.Conditional.Segments)
        {
            Settle(state, segment, program, state.NewestMs);
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

    /// <summary>The segments that the facts ask for at an instant, for whoever comes before the customer was told of the program.</summary>
    public static string[] At(CustomerState state, ProgramDocument program, long nowMs)
    {
        if (IsNobody(state))
            return [];
        var kept = state.Segments;
        foreach (var segment in program.Conditional.Segments)
            Settle(state, segment, program, Math.Max(nowMs, state.NewestMs));
        var found = state.Segments;
        state.Segments = kept;
        return found;
    }

    // A shell has given its purchases away, so that nothing hangs on its parameters.
    private static bool IsNobody(CustomerState state) => state.Events == 0 || state.LinkedTo.Length > 0;

    private static void Settle(CustomerState state, Segment segment, ProgramDocument program, long nowMs)
    {
        var holds = segment.When.Holds(state, program, nowMs);
        if (holds != state.IsIn(segment.Name))
            state.Segments = holds ? With(state.Segments, segment.Name) : Without(state.Segments, segment.Name);
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
