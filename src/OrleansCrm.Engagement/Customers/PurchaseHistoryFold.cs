using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Keeps what follows from the standing orders: the boiled-down history, the churn instants, and the latest order that brought the
/// customer back. An order that comes last in time costs one step; anything else (late, cancelled, refunded away, moved, another
/// program or other parameters) walks through all of them again, as if they had come in time order.
/// </summary>
internal static class PurchaseHistoryFold
{
    /// <param name="added">The order that became a purchase; null when one ceased to be, or moved.</param>
    public static void Refresh(CustomerState state, Order? added, ProgramDocument program)
    {
        if (added is not null && ReferenceEquals(added, state.Orders![^1]))
            Append(state, added.PlacedMs, program);
        else
            Rewalk(state, program);
    }

    public static void Rewalk(CustomerState state, ProgramDocument program)
    {
        var rules = program.ChurnOf(state);
        var scan = state.ClosedPurchases;
        var returnedMs = state.ClosedReturnedMs;
        foreach (var order in state.ReadOrders())
        {
            if (!order.IsPurchase)
                continue;
            if (ChurnInstants.IsAtRisk(scan, rules, order.PlacedMs))
                returnedMs = order.PlacedMs;
            if (order.PlacedMs >= scan.LastMs)
                scan.Add(order.PlacedMs, program.Lifecycle.LoyaltyPurchaseDays);
            else
                scan.AddLate(order.PlacedMs, program.Lifecycle.LoyaltyPurchaseDays);
        }

        state.Purchases = scan;
        state.ReturnedMs = returnedMs;
        state.Churn = ChurnInstants.Of(scan, rules);
    }

    private static void Append(CustomerState state, long placedMs, ProgramDocument program)
    {
        if (state.Churn.AtRiskMs != 0 && state.Churn.AtRiskMs <= placedMs)
            state.ReturnedMs = placedMs;
        state.Purchases.Add(placedMs, program.Lifecycle.LoyaltyPurchaseDays);
        state.Churn = ChurnInstants.Of(state.Purchases, program.ChurnOf(state));
    }
}
