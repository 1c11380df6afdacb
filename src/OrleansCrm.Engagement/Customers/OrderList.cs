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
        var orders = state.Orders ??= new List<Order>(1);
        if (isWaiting)
            state.WaitingOrders!.Remove(order);
        else
            orders.Remove(order);
        Add(state, order);
    }

    /// <summary>Puts an order that has no place yet where its time says.</summary>
    public static void Add(CustomerState state, Order order)
    {
        var orders = state.Orders ??= new List<Order>(1);
        var index = orders.Count;
        while (index > 0 && IsBefore(order, orders[index - 1]))
            index--;
        orders.Insert(index, order);
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

    private static bool IsBefore(Order x, Order y) => x.PlacedMs < y.PlacedMs || (x.PlacedMs == y.PlacedMs && x.Key < y.Key);
}
