using System.Text.Json;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Orders and ledger lines of a snapshot: the part of a state that grows with its customer.</summary>
internal static class HistoryWriter
{
    /// <returns>Where they stand in what was written; empty for none.</returns>
    public static Range WriteOrders(Utf8JsonWriter json, CustomerState state) => state.TryGetPackedHistory(out var packed, out _)
        ? WritePacked(json, "orders", packed)
        : WriteOrders(json, "orders", state.Orders);

    /// <returns>Where they stand in what was written; empty for none.</returns>
    public static Range WriteLines(Utf8JsonWriter json, CustomerState state, PointsLedger ledger)
    {
        if (state.TryGetPackedHistory(out _, out var packed))
            return WritePacked(json, "ledger", packed);
        json.WritePropertyName("ledger");
        var start = Position(json);
        json.WriteStartArray();
        var before = default(LedgerLine);
        foreach (var line in ledger.Lines)
        {
            json.WriteNumberValue(line.Offset - before.Offset);
            json.WriteNumberValue(line.TimeMs - before.TimeMs);
            json.WriteNumberValue((int)line.From);
            json.WriteNumberValue((int)line.To);
            json.WriteNumberValue(line.Points);
            json.WriteNumberValue((int)line.Reason);
            WriteOrderKey(json, state, line.Order);
            before = line;
        }

        json.WriteEndArray();
        return start..Position(json);
    }

    public static Range WriteOrders(Utf8JsonWriter json, string name, List<Order>? orders)
    {
        if (orders is null or { Count: 0 })
            return default;
        json.WritePropertyName(name);
        var start = Position(json);
        json.WriteStartArray();
        Order? before = null;
        foreach (var order in orders)
        {
            json.WriteStartArray();
            WriteOrder(json, order, before);
            json.WriteEndArray();
            before = order;
        }

        json.WriteEndArray();
        return start..Position(json);
    }

    private static void WriteOrder(Utf8JsonWriter json, Order order, Order? before)
    {
        var parts = (order.IsPlaced ? OrderParts.Placed : 0)
            | (order.IsCancelled ? OrderParts.Cancelled : 0)
            | (order.IsRefundedWhole ? OrderParts.RefundedWhole : 0)
            | (order.ValueMs != 0 || order.RefundedMicros != 0 || order.LinesMs != 0 ? OrderParts.Changes : 0)
            | (order.Lines is not null ? OrderParts.Lines : 0)
            | (order.Returned is not null ? OrderParts.Returned : 0)
            | (order.EarnLines is not null ? OrderParts.EarnLines : 0)
            | (order.ReturnedValues is not null ? OrderParts.ReturnedValues : 0)
            | (order.Currency == before?.Currency && order.EarnRateMicros == before.EarnRateMicros && order.Terms == before.Terms
                ? OrderParts.CurrencyOfBefore
                : order.Terms != 0 ? OrderParts.Terms : 0);
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

    /// <summary>One of the newest orders by its place from the end, below zero; any other by its key.</summary>
    private static void WriteOrderKey(Utf8JsonWriter json, CustomerState state, ulong key)
    {
        var count = state.Orders?.Count ?? 0;
        for (var place = 1; place <= Math.Min(count, Bounds.LedgerLinesMax); place++)
        {
            if (state.Orders![count - place].Key != key)
                continue;
            json.WriteNumberValue(-place);
            return;
        }

        json.WriteNumberValue(key);
    }

    private static Range WritePacked(Utf8JsonWriter json, string name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return default;
        json.WritePropertyName(name);
        var start = Position(json);
        json.WriteRawValue(value, skipInputValidation: true);
        return start..Position(json);
    }

    private static int Position(Utf8JsonWriter json) => (int)json.BytesCommitted + json.BytesPending;
}
