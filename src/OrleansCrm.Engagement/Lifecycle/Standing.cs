using OrleansCrm.Engagement.Customers;
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
    public static Standing At(CustomerState state, ProgramDocument program, long clockMs)
    {
        if (state.Events == 0)
            return default;
        var next = 0L;
        var (phase, since) = ByOrders(state, program.Lifecycle, clockMs, ref next);
        if (state.Purchases.Purchases < program.Churn.OrdersMin)
            return new Standing(phase, since, ChurnStatus.None, next);

        var (atRiskMs, lostMs) = (state.Churn.AtRiskMs, state.Churn.LostMs);
        if (lostMs != 0 && lostMs <= clockMs)
            return new Standing(Phase.Lost, lostMs, ChurnStatus.Lost, 0);
        if (atRiskMs != 0 && atRiskMs <= clockMs)
            return new Standing(Phase.Recapture, atRiskMs, ChurnStatus.AtRisk, lostMs);
        return new Standing(phase, since, ChurnStatus.Active, Earliest(next, atRiskMs));
    }

    private static (Phase Phase, long SinceMs) ByOrders(CustomerState state, LifecycleRules rules, long clockMs, ref long next)
    {
        ref readonly var purchases = ref state.Purchases;
        if (purchases.Purchases == 0)
            return state.HasOriented ? (Phase.Orientation, state.OrientedMs) : (Phase.Attention, state.FirstSeenMs);

        if (purchases.LoyalMs != 0)
            return (Phase.Loyalty, Since(purchases.LoyalMs, state.ReturnedMs));

        var bondedMs = UtcDay.CeilingSecond(purchases.FirstMs + rules.BondingDays * UtcDay.Ms);
        if (purchases.SecondMs != 0)
            bondedMs = Math.Min(bondedMs, purchases.SecondMs);
        foreach (var deliveredMs in state.Deliveries)
        {
            if (deliveredMs >= purchases.FirstMs)
                bondedMs = Math.Min(bondedMs, deliveredMs);
        }

        if (bondedMs <= clockMs)
            return (Phase.Bonding, Since(bondedMs, state.ReturnedMs));
        next = bondedMs;
        return (Phase.Purchase, Since(purchases.FirstMs, state.ReturnedMs));
    }

    // A phase entered again after recapture or loss began with the order that brought the customer back.
    private static long Since(long firstMs, long returnedMs) => returnedMs == 0 ? firstMs : Math.Max(firstMs, returnedMs);

    private static long Earliest(long x, long y) => x == 0 ? y : y == 0 ? x : Math.Min(x, y);
}
