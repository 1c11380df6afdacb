using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>
/// A question about one customer that a program asks: whom a segment takes in, when an alert is raised, who is made an offer. Read by
/// <see cref="ConditionReader"/>. Pure: a function of the customer's facts and of the instant.
/// </summary>
public abstract record Condition
{
    private protected Condition()
    {
    }

    /// <param name="nowMs">Not before the customer's newest entry; Unix milliseconds.</param>
    public abstract bool Holds(CustomerState state, ProgramDocument program, long nowMs);

    /// <summary>
    /// The earliest instant after <paramref name="nowMs"/> at which time alone may change the answer, in whole seconds;
    /// <see cref="long.MaxValue"/> for never. Exact for a single question; of several joined ones it can be too early, never too late.
    /// </summary>
    public abstract long NextChangeMs(CustomerState state, ProgramDocument program, long nowMs);

    /// <summary>This condition and all within it.</summary>
    internal virtual IEnumerable<Condition> Parts => [this];
}

/// <summary>Holds when every part does.</summary>
public sealed record AllOf(IReadOnlyList<Condition> Of) : Condition
{
    internal override IEnumerable<Condition> Parts => [this, .. Of.SelectMany(part => part.Parts)];

    public override bool Holds(CustomerState state, ProgramDocument program, long nowMs)
    {
        for (var i = 0; i < Of.Count; i++)
        {
            if (!Of[i].Holds(state, program, nowMs))
                return false;
        }

        return true;
    }

    public override long NextChangeMs(CustomerState state, ProgramDocument program, long nowMs) =>
        Joined.NextChangeMs(Of, state, program, nowMs, holdsWhenAll: true);
}

/// <summary>Holds when one part does.</summary>
public sealed record AnyOf(IReadOnlyList<Condition> Of) : Condition
{
    internal override IEnumerable<Condition> Parts => [this, .. Of.SelectMany(part => part.Parts)];

    public override bool Holds(CustomerState state, ProgramDocument program, long nowMs)
    {
        for (var i = 0; i < Of.Count; i++)
        {
            if (Of[i].Holds(state, program, nowMs))
                return true;
        }

        return false;
    }

    public override long NextChangeMs(CustomerState state, ProgramDocument program, long nowMs) =>
        Joined.NextChangeMs(Of, state, program, nowMs, holdsWhenAll: false);
}

public sealed record Not(Condition Of) : Condition
{
    internal override IEnumerable<Condition> Parts => [this, .. Of.Parts];

    public override bool Holds(CustomerState state, ProgramDocument program, long nowMs) => !Of.Holds(state, program, nowMs);

    public override long NextChangeMs(CustomerState state, ProgramDocument program, long nowMs) => Of.NextChangeMs(state, program, nowMs);
}

/// <summary>Holds for the customers whom a segment of the same program has taken in.</summary>
public sealed record InSegment(string Segment) : Condition
{
    public override bool Holds(CustomerState state, ProgramDocument program, long nowMs) => state.IsIn(Segment);

    // The customer is woken for his segments anyway, so that what follows from them is asked again then.
    public override long NextChangeMs(CustomerState state, ProgramDocument program, long nowMs) =>
        state.SegmentsNextMs > nowMs ? state.SegmentsNextMs : long.MaxValue;
}

internal static class Joined
{
    /// <summary>
    /// What keeps the answer from changing are the parts that alone decide it now: all of them have to change before it can, so the latest
    /// of them counts. Where none decides alone the earliest of all does.
    /// </summary>
    public static long NextChangeMs(IReadOnlyList<Condition> of, CustomerState state, ProgramDocument program, long nowMs, bool holdsWhenAll)
    {
        var (latestMs, isDecided) = (0L, false);
        for (var i = 0; i < of.Count; i++)
        {
            if (of[i].Holds(state, program, nowMs) == holdsWhenAll)
                continue;
            (latestMs, isDecided) = (Math.Max(latestMs, of[i].NextChangeMs(state, program, nowMs)), true);
        }

        if (isDecided)
            return latestMs;
        var earliestMs = long.MaxValue;
        for (var i = 0; i < of.Count; i++)
            earliestMs = Math.Min(earliestMs, of[i].NextChangeMs(state, program, nowMs));
        return earliestMs;
    }
}
