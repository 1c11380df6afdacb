using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Signals;
using OrleansCrm.Engagement.Personalization;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What events about orders do: each finds its order by natural key (or opens a waiting one), tells it what was reported, and books
/// the difference that this made to count, revenue, points and purchases. Nothing is counted from the event itself, so a report that
/// comes twice, late or before its order cannot count twice.
/// </summary>
internal static class OrderFold
{
    public static void Apply(CustomerState state, in StorefrontEvent read, ref FoldStep step)
    {
        if (read.OrderId.Length == 0)
        {
            if (read.Name == StorefrontEventName.OrderRefunded)
                RefundOnAccount(state, read, ref step);
            return;
        }

        var key = EventReader.HashOf(read.OrderId, default);
        if (state.ClosedOrders?.Contains(key) == true)
        {
            // Its value is no longer known here: what is stated counts against revenue.
            if (read.Name == StorefrontEventName.OrderRefunded)
                RefundOnAccount(state, read, ref step);
            return;
        }

        switch (read.Name)
        {
            case StorefrontEventName.OrderCompleted:
            case StorefrontEventName.OrderUpdated:
            case StorefrontEventName.OrderCancelled:
                Change(state, key, read, ref step);
                break;
            case StorefrontEventName.OrderRefunded:
                if (IsNewRefund(state, read, step))
                    Change(state, key, read, ref step);
                break;
        }
    }

    private static void Change(CustomerState state, ulong key, in StorefrontEvent read, ref FoldStep step)
    {
        if (read.Name == StorefrontEventName.OrderCompleted && !EarnTerms.ArePlain(step.Program.Loyalty))
            LoyaltyFold.Open(state);
        LoyaltyFold.Touch(state, ref step);
        var order = state.Orders?.Find(key);
        var isWaiting = order is null;
        order ??= FindWaiting(state, key) ?? Await(state, key);

        var (counted, wasPurchase, placedMs) = (order.Counts, order.IsPurchase, order.PlacedMs);
        var (currency, net, points) = (order.Currency, order.Counts ? order.NetMicros : 0, order.Points);
        Report(state, order, read, step);

        if (!order.IsPlaced)
            return;
        if (isWaiting || placedMs != order.PlacedMs)
            OrderList.Move(state, order, isWaiting);
        if (counted != order.Counts)
            state.OrderCount += order.Counts ? 1 : -1;
        if (counted)
            Revenue.Add(state, currency, -net);
        Revenue.Add(state, order.Currency, order.Counts ? order.NetMicros : 0);
        OrderPoints.Book(state, order, points, ref step);

        if (wasPurchase != order.IsPurchase || (wasPurchase && placedMs != order.PlacedMs))
            PurchaseHistoryFold.Refresh(state, wasPurchase ? null : order, step.Program);
        if (read.Name == StorefrontEventName.OrderCompleted && order.Counts)
            OfferFold.Convert(state, order, read.Coupon, read.DiscountMicros, ref step);
        else if (counted && !order.Counts)
            OfferFold.TakeBack(state, order.Key, ref step);
        OrderList.CloseOldest(state, step.Program);
        state.Trend = BuyingTrend.Of(state);
        step.FactsChanged = true;
    }

    private static void Report(CustomerState state, Order order, in StorefrontEvent read, in FoldStep step)
    {
        switch (read.Name)
        {
            case StorefrontEventName.OrderCompleted:
                var currency = read.Currency ?? step.Program.Currency;
                order.Place(
                    step.Entry.TimeMs, read.Value ?? 0, currency, OrderPoints.EarningOf(state, read, step, currency), LinesOf(read), step.Entry.Offset);
                break;
            case StorefrontEventName.OrderUpdated:
                order.Update(step.Entry.TimeMs, read.Value, LinesOf(read));
                break;
            case StorefrontEventName.OrderCancelled:
                order.IsCancelled = true;
                break;
            default:
                Refund(order, read, hasItemRates: step.Program.Loyalty.Earn.Count > 0);
                break;
        }
    }

    private static void Refund(Order order, in StorefrontEvent read, bool hasItemRates)
    {
        var stated = read.AmountMicros ?? read.Value;
        if (stated is { } amount)
            order.RefundedMicros = Money.Add(order.RefundedMicros, Math.Abs(amount));
        if (hasItemRates && read.Products?.Where(p => p.PriceMicros is not null && p.Key != 0)
            .Select(p => new ReturnedLine(p.Key, Math.Abs(Money.Times(p.PriceMicros!.Value, p.QuantityMicros)))).ToArray() is { Length: > 0 } priced)
            order.ReturnValues(priced);
        if ((read.AmountMicros ?? read.RevenueMicros ?? read.TotalMicros) is not null)
            return;

        var returned = read.Products?.Where(p => p.PriceMicros is null && p.Key != 0)
            .Select(p => new ReturnedLine(p.Key, Math.Abs(p.QuantityMicros)))
            .ToArray();
        if (returned is { Length: > 0 })
            order.Return(returned);
        else if (stated is null)
            order.IsRefundedWhole = true;
    }

    private static bool IsNewRefund(CustomerState state, in StorefrontEvent read, in FoldStep step)
    {
        if (read.RefundId.Length > 0)
            return (state.Refunds ??= new SortedKeys()).Add(EventReader.HashOf(read.OrderId, read.RefundId));

        // Without an id of its own a refund of the whole is the same however often it is told; a part is known by its message alone.
        if (read.AmountMicros is null && read.Value is null && read.Products is null)
            return true;
        Span<byte> message = stackalloc byte[16];
        step.Entry.MessageId.TryWriteBytes(message);
        return (state.Refunds ??= new SortedKeys()).Add(EventReader.HashOf(read.OrderId, message));
    }

    private static void RefundOnAccount(CustomerState state, in StorefrontEvent read, ref FoldStep step)
    {
        if (read.RefundId.Length == 0 || (read.AmountMicros ?? read.Value) is not { } amount)
            return;
        if (!(state.Refunds ??= new SortedKeys()).Add(EventReader.HashOf(read.OrderId, read.RefundId)))
            return;
        Revenue.Add(state, read.Currency ?? step.Program.Currency, -Math.Abs(amount));
        step.FactsChanged = true;
    }

    public static Order? FindWaiting(CustomerState state, ulong key) => state.WaitingOrders?.FindLast(order => order.Key == key);

    private static Order Await(CustomerState state, ulong key)
    {
        var waiting = state.WaitingOrders ??= new List<Order>(1);
        if (waiting.Count >= Bounds.OrdersWaitingMax)
            throw new StateBoundException("orders that have not been placed");
        var order = new Order { Key = key };
        waiting.Add(order);
        return order;
    }

    private static OrderLine[]? LinesOf(in StorefrontEvent read)
    {
        if (read.Products is null)
            return null;
        var count = 0;
        foreach (var product in read.Products)
            count += product is { Key: not 0, PriceMicros: not null } ? 1 : 0;
        if (count == 0)
            return null;
        var lines = new OrderLine[Math.Min(count, Bounds.OrderLinesMax)];
        count = 0;
        foreach (var product in read.Products)
        {
            if (product is { Key: not 0, PriceMicros: { } price } && count < lines.Length)
                lines[count++] = new OrderLine(product.Key, price);
        }

        return lines;
    }
}
