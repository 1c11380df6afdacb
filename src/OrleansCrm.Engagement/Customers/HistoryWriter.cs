using System.Text.Json;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Orders and ledger lines of a snapshot: the part of a state that grows with its customer.</summary>
internal static class HistoryWriter
{
    public static void WriteOrders(Utf8JsonWriter json, OrderHistory? orders)
    {
        if (orders is null or { Count: 0 })
            return;
        json.WriteStartArray("orders");
        Order? before = null;
        foreach (var order in orders.Read())
        {
            WriteOrder(json, order, before);
            before = order;
        }

        json.WriteEndArray();
    }

    public static void WriteWaiting(Utf8JsonWriter json, List<Order>? orders)
    {
        if (orders is null or { Count: 0 })
            return;
        json.WriteStartArray("waiting");
        Order? before = null;
        foreach (var order in orders)
        {
            WriteOrder(json, order, before);
            before = order;
        }

        json.WriteEndArray();
    }

    public static void WriteLines(Utf8JsonWriter json, OrderHistory? orders, PointsLedger ledger)
    {
        Span<LedgerLine> lines = stackalloc LedgerLine[Bounds.LedgerLinesMax];
        lines = lines[..ledger.CopyTo(lines)];
        Span<ulong> keys = stackalloc ulong[Bounds.LedgerLinesMax];
        keys = keys[..(orders?.NewestKeys(keys) ?? 0)];
        json.WriteStartArray("ledger");
        var before = default(LedgerLine);
        foreach (ref readonly var line in lines)
        {
            json.WriteNumberValue(line.Offset - before.Offset);
            json.WriteNumberValue(line.TimeMs - before.TimeMs);
            json.WriteNumberValue((int)line.From);
            json.WriteNumberValue((int)line.To);
            json.WriteNumberValue(line.Points);
            json.WriteNumberValue((int)line.Reason);

            // One of the newest orders by its place from the end, below zero; any other by its key.
            if (keys.LastIndexOf(line.Order) is >= 0 and var place)
                json.WriteNumberValue(place - keys.Length);
            else
                json.WriteNumberValue(line.Order);
            before = line;
        }

        json.WriteEndArray();
    }

    private static void WriteOrder(Utf8JsonWriter json, Order order, Order? before)
    {
        var parts = PackedOrder.PartsOf(order, before);
        json.WriteStartArray();
        json.WriteNumberValue(order.Key);
        json.WriteNumberValue((int)parts);
        json.WriteNumberValue(order.PlacedMs - (before?.PlacedMs ?? 0));
        json.WriteNumberValue(order.EntryOffset - (before?.EntryOffset ?? 0));
        json.WriteNumberValue(order.ValueMicros);
        if (!parts.HasFlag(OrderParts.CurrencyOfBefore))
        {
            json.WriteStringValue(order.Currency);
            json.WriteNumberValue(order.EarnRateMicros);
            if (parts.HasFlag(OrderParts.Terms))
                json.WriteNumberValue(order.Terms);
        }

        if (parts.HasFlag(OrderParts.Changes))
        {
            json.WriteNumberValue(order.ValueMs);
            json.WriteNumberValue(order.RefundedMicros);
            json.WriteNumberValue(order.LinesMs);
        }

        WriteLines(json, order);
        json.WriteEndArray();
    }

    private static void WriteLines(Utf8JsonWriter json, Order order)
    {
        if (order.Lines is not null)
        {
            json.WriteStartArray();
            foreach (var line in order.Lines)
            {
                json.WriteNumberValue(line.Key);
                json.WriteNumberValue(line.PriceMicros);
            }

            json.WriteEndArray();
        }

        WriteReturned(json, order.Returned);
        if (order.EarnLines is not null)
        {
            json.WriteStartArray();
            foreach (var line in order.EarnLines)
            {
                json.WriteNumberValue(line.Key);
                json.WriteNumberValue(line.ValueMicros);
                json.WriteNumberValue(line.RateMicros);
            }

            json.WriteEndArray();
        }

        WriteReturned(json, order.ReturnedValues);
    }

    private static void WriteReturned(Utf8JsonWriter json, ReturnedLine[]? returned)
    {
        if (returned is null)
            return;
        json.WriteStartArray();
        foreach (var line in returned)
        {
            json.WriteNumberValue(line.Key);
            json.WriteNumberValue(line.QuantityMicros);
        }

        json.WriteEndArray();
    }
}
