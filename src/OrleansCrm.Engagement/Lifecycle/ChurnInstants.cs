using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>
/// When the silence after a purchase makes the customer at risk, and when lost: the first whole seconds at which the computed risk has
/// reached the threshold. Counted from the last purchase, so they move only when purchases or the program do.
/// </summary>
/// <param name="AtRiskMs">0 for never.</param>
/// <param name="LostMs">0 for never.</param>
internal readonly record struct ChurnInstants(long AtRiskMs, long LostMs)
{
    // A hundred years: beyond that no threshold is waited for.
    private const double WeeksMax = 5_218;

    private const int CorrectionsMax = 4;

    public static ChurnInstants Of(in PurchaseScan purchases, ChurnRules rules)
    {
        if (purchases.Purchases < rules.OrdersMin)
            return default;
        var atPurchase = rules.RiskOf(purchases.History, default);
        return new ChurnInstants(
            WhenRisk(purchases, rules, rules.AtRisk.For(atPurchase)),
            WhenRisk(purchases, rules, rules.Lost.For(atPurchase)));
    }

    /// <summary>
    /// Whether the customer was at risk at <paramref name="timeMs"/>, without finding out since when: a walk over many purchases asks
    /// this after each.
    /// </summary>
    public static bool IsAtRisk(in PurchaseScan purchases, ChurnRules rules, long timeMs)
    {
        if (purchases.Purchases < rules.OrdersMin)
            return false;
        var second = UtcDay.FloorSecond(timeMs);
        if (second <= purchases.LastMs)
            return false;
        var threshold = rules.AtRisk.For(rules.RiskOf(purchases.History, default));
        return RiskAt(purchases, rules, second) >= threshold;
    }

    public static double RiskAt(in PurchaseScan purchases, ChurnRules rules, long timeMs) =>
        rules.RiskOf(purchases.History, SilenceAt(purchases, timeMs));

    public static Weeks SilenceAt(in PurchaseScan purchases, long timeMs) =>
        Weeks.FromMilliseconds(Math.Max(0, timeMs - purchases.LastMs));

    /// <summary>The first whole second after the last purchase at which the risk has reached the threshold; 0 for never.</summary>
    public static long WhenRisk(in PurchaseScan purchases, ChurnRules rules, double threshold)
    {
        var crossing = rules.WhenRisk(purchases.History, threshold);
        if (crossing.Kind == CrossingKind.Never || crossing.Silence.Count > WeeksMax)
            return 0;

        // Never at the purchase itself: the first whole second after it is the earliest.
        var earliest = UtcDay.FloorSecond(purchases.LastMs) + 1_000;
        var instant = Math.Max(earliest, UtcDay.CeilingSecond(purchases.LastMs + (long)Math.Floor(crossing.Silence.ToMilliseconds())));

        // The inversion is exact to a few microseconds; the risk itself decides between neighbouring seconds. Bounded, because the
        // risk of a degenerate model is so flat that it cannot decide.
        for (var i = 0; i < CorrectionsMax && instant > earliest && RiskAt(purchases, rules, instant - 1_000) >= threshold; i++)
            instant -= 1_000;
        for (var i = 0; i < CorrectionsMax && RiskAt(purchases, rules, instant) < threshold; i++)
            instant += 1_000;
        return instant;
    }
}
