using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Identity;

/// <summary>
/// Adds the orders of one id to those of another. All totals are added first; then each order that both were told of is taken out on both
/// sides and counted once, with its points.
/// </summary>
/// <remarks>
/// A refund that both were told of cannot be told from two of one order, because only keys are kept of refunds: if any refund stands on both
/// sides, the greater sum of a shared order counts and not the sum of both. An order that one side has closed (it has more than
/// <see cref="Bounds.OrdersMax"/>) stays as that side counted it.
/// </remarks>
internal static class OrderMerge
{
    public static void Take(CustomerState state, CustomerState given, int partition, ref FoldStep step)
    {
        state.OrderCount += given.OrderCount;
        foreach (var total in given.Revenue ?? [])
            Revenue.Add(state, total.Currency, total.Micros);

        var shareRefunds = TakeKeys(given.Refunds, state.Refunds ??= new SortedKeys());
        if (state.Refunds.Count == 0)
            state.Refunds = null;
        TakeClosed(state, given, ref step);
        foreach (var order in given.Orders ?? new OrderHistory())
            Take(state, order, partition, shareRefunds, ref step);
        foreach (var order in given.WaitingOrders ?? [])
            Take(state, order, partition, shareRefunds, ref step);
        if (state.Orders is not null)
            OrderList.CloseOldest(state, step.Program);
        PurchaseHistoryFold.Rewalk(state, step.Program);
        state.Trend = BuyingTrend.Of(state);
    }

    private static void Take(CustomerState state, Order theirs, int partition, bool shareRefunds, ref FoldStep step)
    {
        theirs.EntryOffset = EntryPlace.Of(partition, theirs.EntryOffset);
        if (state.ClosedOrders?.Contains(theirs.Key) == true)
        {
            Drop(state, theirs, ref step);
            return;
        }

        var mine = state.Orders?.Find(theirs.Key);
        var isWaiting = mine is null;
        mine ??= OrderFold.FindWaiting(state, theirs.Key);
        if (mine is null)
        {
            Add(state, theirs);
            return;
        }

        var points = mine.Points + theirs.Points;
        Uncount(state, mine);
        Uncount(state, theirs);
        mine.Take(theirs, shareRefunds);
        if (mine.Counts)
        {
            state.OrderCount++;
            Revenue.Add(state, mine.Currency, mine.NetMicros);
        }

        OrderPoints.Book(state, mine, points, ref step);
        if (mine.IsPlaced)
            OrderList.Move(state, mine, isWaiting);
    }

    private static void Add(CustomerState state, Order order)
    {
        if (order.IsPlaced)
            (state.Orders ??= new OrderHistory()).Add(order);
        else if ((state.WaitingOrders ??= new List<Order>(1)).Count < Bounds.OrdersWaitingMax)
            state.WaitingOrders.Add(order);
    }

    private static void TakeClosed(CustomerState state, CustomerState given, ref FoldStep step)
    {
        if (given.ClosedOrders is null)
            return;
        for (var i = (state.Orders?.Count ?? 0) - 1; i >= 0; i--)
        {
            var mine = state.Orders![i];
            if (!given.ClosedOrders.Contains(mine.Key))
                continue;
            state.Orders.RemoveAt(i);
            Drop(state, mine, ref step);
        }

        TakeKeys(given.ClosedOrders, state.ClosedOrders ??= new SortedKeys());
        state.ClosedPurchases = PurchaseScan.Joined(state.ClosedPurchases, given.ClosedPurchases);
        state.ClosedReturnedMs = Math.Max(state.ClosedReturnedMs, given.ClosedReturnedMs);
    }

    /// <summary>The other side's account of the order stands.</summary>
    private static void Drop(CustomerState state, Order order, ref FoldStep step)
    {
        Uncount(state, order);
        var points = order.Points;
        order.IsCancelled = true;
        OrderPoints.Book(state, order, points, ref step);
    }

    private static void Uncount(CustomerState state, Order order)
    {
        if (!order.Counts)
            return;
        state.OrderCount--;
        Revenue.Add(state, order.Currency, -order.NetMicros);
    }

    /// <returns>Whether both had one of them.</returns>
    private static bool TakeKeys(SortedKeys? theirs, SortedKeys mine)
    {
        var shared = false;
        if (theirs is null)
            return shared;
        foreach (var key in theirs.Keys)
            shared |= !mine.Add(key);
        return shared;
    }
}
