using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Keeps placed orders by time, and a bounded number of them.</summary>
internal static class OrderList
{
    /// <summary>Puts an order where its time says, out of the waiting ones or out of its former place.</summary>
    public static void Move(CustomerState state, Order order, bool isWaiting)
    {
        var orders = state.Orders ??= new OrderHistory();
        if (isWaiting)
            state.WaitingOrders!.Remove(order);
        else
            orders.Remove(order);
        orders.Add(order);
    }

    public static void CloseOldest(CustomerState state, ProgramDocument program)
    {
        while (state.Orders!.Count > Bounds.OrdersMax)
        {
            var order = state.Orders[0];
            state.Orders.RemoveAt(0);
            if (state.Loyalty is { } account)
                LoyaltyFold.Close(account, order);
            (state.ClosedOrders ??= new SortedKeys()).Add(order.Key);
            if (!order.IsPurchase)
                continue;
            if (ChurnInstants.IsAtRisk(state.ClosedPurchases, program.ChurnOf(state), order.PlacedMs))
                state.ClosedReturnedMs = order.PlacedMs;
            state.ClosedPurchases.AddLate(order.PlacedMs, program.Lifecycle.LoyaltyPurchaseDays);
        }
    }
}
