namespace OrleansCrm.Engagement.Trials;

/// <summary>What came of one customer whom agents were told of, or by lot not told of.</summary>
/// <param name="Salt">Of the control group by which he was drawn.</param>
/// <param name="CauseMs">The purchase before the silence.</param>
/// <param name="StartMs">When the alert was raised, or would have been.</param>
/// <param name="UntilMs">When the horizon ends and it is counted, in whole seconds.</param>
internal sealed record Trial(string Salt, bool IsControl, long CauseMs, long StartMs, long UntilMs, bool IsOver);

/// <summary>Trials that are over, added up.</summary>
/// <param name="Customers">How many; a customer can be in several, one after the other.</param>
/// <param name="Returned">Of these bought again within the horizon.</param>
/// <param name="RevenueMicros">Net, within the horizon, in the program's currency.</param>
/// <param name="Units">Sum of revenues rounded to whole units.</param>
/// <param name="Squares">Sum of the squares of these.</param>
public readonly record struct TrialTally(long Customers, long Returned, long RevenueMicros, long Units, long Squares)
{
    // Squares of a million customers still fit; more than a million units are counted as that.
    private const long UnitsMax = 1_000_000;

    internal TrialTally With(bool hasReturned, long revenueMicros)
    {
        var units = Math.Clamp((Math.Clamp(revenueMicros, -UnitsMax * 1_000_000, UnitsMax * 1_000_000) + 500_000) / 1_000_000, -UnitsMax, UnitsMax);
        return this + new TrialTally(1, hasReturned ? 1 : 0, revenueMicros, units, units * units);
    }

    public static TrialTally operator +(in TrialTally x, in TrialTally y) => new(
        x.Customers + y.Customers, x.Returned + y.Returned, x.RevenueMicros + y.RevenueMicros, x.Units + y.Units, x.Squares + y.Squares);
}

/// <summary>A customer's trials under one salt: the newest, and those that are over.</summary>
internal sealed class TrialRecord(string salt)
{
    public string Salt => salt;

    /// <summary>The newest, over or not.</summary>
    public Trial? Newest { get; set; }

    public TrialTally Treated { get; set; }

    public TrialTally Control { get; set; }
}
