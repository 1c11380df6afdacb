using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>
/// How often something happened within the time before now. Orders (placed and not cancelled) and reviews are known to the customer anyway;
/// of everything else the newest times are kept from the publication on that first asks for them.
/// </summary>
public sealed record CountCondition : Condition
{
    public const string Orders = "orders";
    public const string Reviews = "reviews";

    // How many of them make a difference: with one time fewer than Low the answer is the same as with none.
    private readonly int _low;
    private readonly int _high;

    internal CountCondition(string name, long withinMs, ConditionOperator comparison, int number)
    {
        (Name, WithinMs, Comparison, Number) = (name, withinMs, comparison, number);
        (_low, _high) = comparison switch
        {
            ConditionOperator.AtLeast => (number, int.MaxValue),
            ConditionOperator.Above => (number + 1, int.MaxValue),
            ConditionOperator.AtMost => (0, number + 1),
            ConditionOperator.Below => (0, number),
            _ => (number, number + 1),
        };
    }

    /// <summary>What is counted: a word of <see cref="CountedEvents"/>, or an event's name.</summary>
    public string Name { get; }

    public long WithinMs { get; }

    public ConditionOperator Comparison { get; }

    public int Number { get; }

    /// <summary>How many of the newest times have to be known.</summary>
    internal int TimesMax => Math.Max(_low, _high == int.MaxValue ? 0 : _high);

    public override bool Holds(CustomerState state, ProgramDocument program, long nowMs) =>
        EndMs(state, _low) > nowMs && !(_high != int.MaxValue && EndMs(state, _high) > nowMs);

    public override long NextChangeMs(CustomerState state, ProgramDocument program, long nowMs)
    {
        var (lowMs, highMs) = (EndMs(state, _low), _high == int.MaxValue ? 0 : EndMs(state, _high));
        var nextMs = highMs > nowMs ? highMs : lowMs > nowMs ? lowMs : long.MaxValue;
        return nextMs == long.MaxValue ? nextMs : UtcDay.CeilingSecond(nextMs);
    }

    /// <summary>Until when there are so many of them within the window; 0 where there never were.</summary>
    private long EndMs(CustomerState state, int count) =>
        count == 0 ? long.MaxValue : NewestMs(state, count) is { } timeMs ? timeMs + WithinMs : 0;

    /// <summary>The time of the newest but <paramref name="count"/> - 1.</summary>
    private long? NewestMs(CustomerState state, int count)
    {
        if (Name == Orders)
        {
            for (var i = (state.Orders?.Count ?? 0) - 1; i >= 0; i--)
            {
                if (state.Orders![i].Counts && --count == 0)
                    return state.Orders[i].PlacedMs;
            }

            return null;
        }

        if (Name == Reviews)
        {
            for (var i = (state.Feedback?.Answers.Count ?? 0) - 1; i >= 0; i--)
            {
                if (state.Feedback!.Answers[i].Kind == FeedbackKind.Review && --count == 0)
                    return state.Feedback.Answers[i].TimeMs;
            }

            return null;
        }

        var times = CountedTimes.Find(state, Name)?.Times;
        return times is not null && times.Count >= count ? times[^count].TimeMs : null;
    }
}
