using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// What a program promises to the points of an order beyond its rate. Kept with the orders that came under it, so that a new program
/// changes nothing that was earned before and a late order is still judged as its own time would have been.
/// </summary>
internal sealed class EarnTerms(int returnDays, int expiryDays, int windowDays, int graceDays, TierStep[] tiers)
{
    public int ReturnDays => returnDays;

    public int ExpiryDays => expiryDays;

    public int WindowDays => windowDays;

    public int GraceDays => graceDays;

    public TierStep[] Tiers => tiers;

    /// <summary>Points at once available, for ever, whoever the customer is: nothing that would have to be kept.</summary>
    public static bool ArePlain(LoyaltyRules rules) => rules.ReturnDays == 0 && rules.Expiry.AfterDays == 0 && rules.Tiers.Levels.Count == 0;

    public static EarnTerms Of(LoyaltyRules rules) => new(
        rules.ReturnDays,
        rules.Expiry.AfterDays,
        rules.Tiers.WindowDays,
        rules.Tiers.GraceDays,
        [.. rules.Tiers.Levels.Select(l => new TierStep(l.From, l.MultiplierMicros))]);

    public bool Are(EarnTerms other) =>
        returnDays == other.ReturnDays && expiryDays == other.ExpiryDays && windowDays == other.WindowDays && graceDays == other.GraceDays
        && tiers.AsSpan().SequenceEqual(other.Tiers);

    public bool Are(LoyaltyRules rules)
    {
        var (rest, levels) = (rules.Tiers, rules.Tiers.Levels);
        if (returnDays != rules.ReturnDays || expiryDays != rules.Expiry.AfterDays || windowDays != rest.WindowDays
            || graceDays != rest.GraceDays || tiers.Length != levels.Count)
            return false;
        for (var i = 0; i < tiers.Length; i++)
        {
            if (tiers[i] != new TierStep(levels[i].From, levels[i].MultiplierMicros))
                return false;
        }

        return true;
    }
}

internal readonly record struct TierStep(long From, long MultiplierMicros);
