using System.Buffers.Binary;
using System.Text.Json;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Rows stand as arrays in a fixed order, and what is empty is left out: a million snapshots are written again and again.</summary>
internal static class SnapshotWriter
{
    public static void Write(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartObject();
        json.WriteNumber("v", SnapshotCodec.Version);
        json.WriteString("key", state.Key);
        WriteNumbers(
            json,
            "head",
            [state.Offset, state.Version, state.NewestMs, state.NextWakeMs, state.ProgramOffset, state.Partition]);
        if (state.Import.Length > 0)
            json.WriteString("import", state.Import);
        WriteNumbers(
            json,
            "seen",
            [state.Events, state.FirstSeenMs, state.LastSeenMs, state.HasOriented ? 1 : 0, state.OrientedMs]);
        if (state.Deliveries.Length > 0)
            WriteNumbers(json, "deliveries", state.Deliveries);
        WriteTraits(json, state);
        WriteConsents(json, state);
        WriteOrders(json, "orders", state.Orders);
        WriteOrders(json, "waiting", state.WaitingOrders);
        WriteKeys(json, "closed", state.ClosedOrders);
        WriteKeys(json, "refunds", state.Refunds);
        WriteScan(json, "closedPurchases", state.ClosedPurchases, state.ClosedReturnedMs);
        if (state.OrderCount != 0)
            json.WriteNumber("count", state.OrderCount);
        WriteRevenue(json, state);
        WriteLedger(json, state.Ledger);
        WriteScan(json, "purchases", state.Purchases, state.ReturnedMs);
        if (state.Churn != default)
            WriteNumbers(json, "churn", [state.Churn.AtRiskMs, state.Churn.LostMs]);
        var standing = state.Standing;
        WriteNumbers(json, "standing", [(long)standing.Phase, standing.SinceMs, (long)standing.Churn, standing.NextMs]);
        WriteAlerts(json, state);
        WriteRecent(json, state);
        json.WriteEndObject();
    }

    private static void WriteTraits(Utf8JsonWriter json, CustomerState state)
    {
        if (state.Traits is null)
            return;
        json.WriteStartArray("traits");
        foreach (var trait in state.Traits)
        {
            json.WriteStringValue(trait.Name);
            json.WriteNumberValue(trait.TimeMs);
            json.WriteRawValue(trait.Value, skipInputValidation: true);
        }

        json.WriteEndArray();
    }

    private static void WriteConsents(Utf8JsonWriter json, CustomerState state)
    {
        if (state.Consents is null)
            return;
        json.WriteStartArray("consents");
        foreach (var record in state.Consents)
        {
            json.WriteStringValue(record.Purpose);
            json.WriteStringValue(record.Channel);
            json.WriteNumberValue(record.IsGranted ? 1 : 0);
            json.WriteNumberValue(record.TimeMs);
        }

        json.WriteEndArray();
    }

    private static void WriteOrders(Utf8JsonWriter json, string name, List<Order>? orders)
    {
        if (orders is null or { Count: 0 })
            return;
        json.WriteStartArray(name);
        foreach (var order in orders)
        {
            json.WriteStartArray();
            json.WriteNumberValue(order.Key);
            json.WriteNumberValue((order.IsPlaced ? 1 : 0) | (order.IsCancelled ? 2 : 0) | (order.IsRefundedWhole ? 4 : 0));
            json.WriteNumberValue(order.PlacedMs);
            json.WriteNumberValue(order.EntryOffset);
            json.WriteNumberValue(order.ValueMicros);
            json.WriteNumberValue(order.ValueMs);
            json.WriteStringValue(order.Currency);
            json.WriteNumberValue(order.EarnRateMicros);
            json.WriteNumberValue(order.RefundedMicros);
            json.WriteNumberValue(order.LinesMs);
            if (order.Lines is not null || order.Returned is not null)
                WriteLines(json, order);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteLines(Utf8JsonWriter json, Order order)
    {
        json.WriteStartArray();
        foreach (var line in order.Lines ?? [])
        {
            json.WriteNumberValue(line.Key);
            json.WriteNumberValue(line.PriceMicros);
        }

        json.WriteEndArray();
        json.WriteStartArray();
        foreach (var line in order.Returned ?? [])
        {
            json.WriteNumberValue(line.Key);
            json.WriteNumberValue(line.QuantityMicros);
        }

        json.WriteEndArray();
    }

    // Hashes do not compress: base64 of the bytes is half as long as their decimal digits.
    private static void WriteKeys(Utf8JsonWriter json, string name, SortedKeys? keys)
    {
        if (keys is null)
            return;
        var bytes = new byte[8 * keys.Count];
        for (var i = 0; i < keys.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * i), keys.Keys[i]);
        json.WriteBase64String(name, bytes);
    }

    private static void WriteScan(Utf8JsonWriter json, string name, in PurchaseScan scan, long returnedMs)
    {
        if (scan.Purchases == 0 && returnedMs == 0)
            return;
        WriteNumbers(
            json,
            name,
            [scan.Purchases, scan.Days, scan.LastDay, scan.FirstMs, scan.SecondMs, scan.LoyalMs, scan.LastMs, returnedMs]);
    }

    private static void WriteRevenue(Utf8JsonWriter json, CustomerState state)
    {
        if (state.Revenue is null)
            return;
        json.WriteStartObject("revenue");
        foreach (var total in state.Revenue)
            json.WriteNumber(total.Currency, total.Micros);
        json.WriteEndObject();
    }

    private static void WriteLedger(Utf8JsonWriter json, PointsLedger? ledger)
    {
        if (ledger is null)
            return;
        WriteNumbers(json, "points", [ledger[PointsAccount.Issued], ledger[PointsAccount.Available]]);
        json.WriteStartArray("ledger");
        foreach (var line in ledger.Lines)
        {
            json.WriteStartArray();
            json.WriteNumberValue(line.Offset);
            json.WriteNumberValue(line.TimeMs);
            json.WriteNumberValue((int)line.From);
            json.WriteNumberValue((int)line.To);
            json.WriteNumberValue(line.Points);
            json.WriteNumberValue((int)line.Reason);
            json.WriteNumberValue(line.Order);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteAlerts(Utf8JsonWriter json, CustomerState state)
    {
        if (state.IsAlertStale)
            json.WriteBoolean("stale", true);
        if (state.HasResolved)
            json.WriteNumber("resolved", state.ResolvedPurchaseMs);
        if (state.Alerts is null)
            return;
        json.WriteStartArray("alerts");
        foreach (var alert in state.Alerts)
            WriteAlert(json, alert);
        json.WriteEndArray();
    }

    private static void WriteAlert(Utf8JsonWriter json, Alert alert)
    {
        json.WriteStartObject();
        json.WriteString("id", alert.Id.ToString());
        json.WriteString("desk", alert.Desk);
        WriteNumbers(json, "n", [(long)alert.Status, alert.RecordedMs, alert.DueAtMs]);
        WriteNumbers(json, "evidence", alert.Evidence);
        if (alert.ClaimedBy.Length > 0)
            json.WriteString("by", alert.ClaimedBy);
        if (alert.Outcome.Length > 0)
            json.WriteString("outcome", alert.Outcome);
        if (alert.Note.Length > 0)
            json.WriteString("note", alert.Note);
        var churn = alert.Case;
        json.WriteStartArray("case");
        json.WriteNumberValue(churn.RaisedAtMs);
        json.WriteNumberValue((int)churn.Severity);
        json.WriteNumberValue(churn.Purchases);
        json.WriteNumberValue(churn.SilentDays);
        json.WriteNumberValue(churn.GapDays);
        json.WriteNumberValue(churn.Alive);
        json.WriteNumberValue(churn.AliveBefore);
        json.WriteNumberValue(churn.Risk);
        json.WriteNumberValue(churn.ValueMicros);
        json.WriteStringValue(churn.Currency);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRecent(Utf8JsonWriter json, CustomerState state)
    {
        if (state.Recent is null)
            return;
        json.WriteStartArray("recent");
        foreach (var interaction in state.Recent)
        {
            json.WriteNumberValue(interaction.TimeMs);
            json.WriteNumberValue(interaction.Offset);
            json.WriteStringValue(interaction.Type);
            json.WriteStringValue(interaction.Event);
            json.WriteStringValue(interaction.Summary);
        }

        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
