using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum ChurnStatus : byte
{
    /// <summary>Too few purchases to say.</summary>
    None = 0,
    Active = 1,
    AtRisk = 2,
    Lost = 3,
}

/// <summary>
/// Phase and churn status at an instant. A function of the facts and the clock alone: whoever learns the same facts in another order,
/// or later, stands in the same phase since the same instant.
/// </summary>
/// <param name="NextMs">When time alone changes it next, in whole seconds; 0 for never.</param>
internal readonly record struct Standing(Phase Phase, long SinceMs, ChurnStatus Churn, long NextMs)
{
    public static Standing At(CustomerState state, ProgramDocument program, long clockMs) => At(state, program, clockMs, out _);

    /// <param name="reason">Why the customer is in this phase: a stable word.</param>
    public static Standing At(CustomerState state, ProgramDocument program, long clockMs, out string reason)
    {
        var standing = ByRules(state, program, clockMs, out reason);
        if (state.Forced is not { } forced || standing.Phase == Phase.None || standing.SinceMs > forced.TimeMs)
            return standing;
        var returnedMs = forced.Phase is Phase.Recapture or Phase.Lost ? forced.NextOrderMs(state) : 0;
        if (returnedMs != 0)
            return standing with { SinceMs = returnedMs };
        reason = "forced";
        return standing with { Phase = forced.Phase, SinceMs = forced.TimeMs };
    }

    private static Standing ByRules(CustomerState state, ProgramDocument program, long clockMs, out string reason)
    {
        reason = "";
        if (state.Events == 0)
            return default;
        var next = 0L;
        var (phase, since) = ByFacts(state, program.Lifecycle, clockMs, ref next, out reason);
        if (state.Purchases.Purchases < program.Churn.OrdersMin)
            return new Standing(phase, since, ChurnStatus.None, next);

        var (atRiskMs, lostMs) = (state.Churn.AtRiskMs, state.Churn.LostMs);
        if (lostMs != 0 && lostMs <= clockMs)
        {
            reason = "risk_above_lost";
            return new Standing(Phase.Lost, lostMs, ChurnStatus.Lost, 0);
        }

        if (atRiskMs != 0 && atRiskMs <= clockMs)
        {
            reason = "risk_above_at_risk";
            return new Standing(Phase.Recapture, atRiskMs, ChurnStatus.AtRisk, lostMs);
        }

        return new Standing(phase, since, ChurnStatus.Active, Earliest(next, atRiskMs));
    }

    private static (Phase Phase, long SinceMs) ByFacts(CustomerState state, LifecycleRules rules, long clockMs, ref long next, out string reason)
    {
        ref readonly var purchases = ref state.Purchases;
        if (purchases.Purchases == 0)
        {
            reason = state.HasOriented ? "showed_interest" : "first_contact";
            return state.HasOriented ? (Phase.Orientation, state.OrientedMs) : (Phase.Attention, state.FirstSeenMs);
        }

        var bondedMs = BondedMs(state, rules, out var bondedBy);
        if (bondedMs > clockMs)
        {
            next = bondedMs;
            reason = "first_order";
            return (Phase.Purchase, Since(purchases.FirstMs, state.ReturnedMs));
        }

        var praisedMs = FeedbackRecord.PraisedMs(state.Feedback, state.Referral?.Brought, rules.AdvocacyRating, rules.AdvocacyNps);
        if (praisedMs != 0)
        {
            reason = "praised";
            return (Phase.Advocacy, Since(Math.Max(praisedMs, bondedMs), state.ReturnedMs));
        }

        reason = purchases.LoyalMs != 0 ? "purchase_days" : bondedBy;
        return purchases.LoyalMs != 0
            ? (Phase.Loyalty, Since(purchases.LoyalMs, state.ReturnedMs))
            : (Phase.Bonding, Since(bondedMs, state.ReturnedMs));
    }

    private static long BondedMs(CustomerState state, LifecycleRules rules, out string reason)
    {
        ref readonly var purchases = ref state.Purchases;
        (var bondedMs, reason) = (UtcDay.CeilingSecond(purchases.FirstMs + rules.BondingDays * UtcDay.Ms), "days_after_order");
        if (purchases.SecondMs != 0 && purchases.SecondMs < bondedMs)
            (bondedMs, reason) = (purchases.SecondMs, "second_order");
        foreach (var deliveredMs in state.Deliveries)
        {
            if (deliveredMs >= purchases.FirstMs && deliveredMs < bondedMs)
                (bondedMs, reason) = (deliveredMs, "delivered");
        }

        return bondedMs;
    }

    // A phase entered again after recapture or loss began with the order that brought the customer back.
    private static long Since(long firstMs, long returnedMs) => returnedMs == 0 ? firstMs : Math.Max(firstMs, returnedMs);

    private static long Earliest(long x, long y) => x == 0 ? y : y == 0 ? x : Math.Min(x, y);
}
