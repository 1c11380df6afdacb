using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Rows stand as arrays in a fixed order, and what is empty is left out: a million snapshots are written again and again. Times and offsets
/// of a list's rows are distances from the row before.
/// </summary>
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
        if (state.Remains is not null)
        {
            WriteRemains(json, state.Remains);
            json.WriteEndObject();
            return;
        }

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
        WriteLedger(json, state, state.Ledger);
        WriteScan(json, "purchases", state.Purchases, state.ReturnedMs);
        if (state.Churn != default)
            WriteNumbers(json, "churn", [state.Churn.AtRiskMs, state.Churn.LostMs]);
        var standing = state.Standing;
        WriteNumbers(json, "standing", [(long)standing.Phase, standing.SinceMs, (long)standing.Churn, standing.NextMs]);
        WriteAlerts(json, state);
        WriteRecent(json, state);
        WriteIdentities(json, state);
        json.WriteEndObject();
    }

    private static void WriteIdentities(Utf8JsonWriter json, CustomerState state)
    {
        if (state.LinkedTo.Length > 0)
            json.WriteString("linkedTo", state.LinkedTo);
        if (state.Links is null)
            return;
        json.WriteStartArray("identities");
        foreach (var link in state.Links)
        {
            json.WriteStringValue(link.Id);
            json.WriteNumberValue((int)link.Status);
            json.WriteNumberValue(link.Points);
            json.WriteNumberValue(link.Partition);
            json.WriteNumberValue(link.Offset);
            json.WriteNumberValue(link.Index);
        }

        json.WriteEndArray();
    }

    private static void WriteRemains(Utf8JsonWriter json, MetricSum[] remains)
    {
        json.WriteStartObject("remains");
        foreach (var sum in remains)
            json.WriteNumber(sum.Metric, sum.Value);
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
        if (!state.Traits.Exists(t => t.IsClaimed))
            return;
        json.WriteStartArray("claimed");
        for (var i = 0; i < state.Traits.Count; i++)
        {
            if (state.Traits[i].IsClaimed)
                json.WriteNumberValue(i);
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
        Order? before = null;
        foreach (var order in orders)
        {
            json.WriteStartArray();
            WriteOrder(json, order, before);
            json.WriteEndArray();
            before = order;
        }

        json.WriteEndArray();
    }

    private static void WriteOrder(Utf8JsonWriter json, Order order, Order? before)
    {
        var parts = (order.IsPlaced ? OrderParts.Placed : 0)
            | (order.IsCancelled ? OrderParts.Cancelled : 0)
            | (order.IsRefundedWhole ? OrderParts.RefundedWhole : 0)
            | (order.ValueMs != 0 || order.RefundedMicros != 0 || order.LinesMs != 0 ? OrderParts.Changes : 0)
            | (order.Lines is not null ? OrderParts.Lines : 0)
            | (order.Returned is not null ? OrderParts.Returned : 0)
            | (order.Currency == before?.Currency && order.EarnRateMicros == before.EarnRateMicros ? OrderParts.CurrencyOfBefore : 0);
        json.WriteNumberValue(order.Key);
        json.WriteNumberValue((int)parts);
        json.WriteNumberValue(order.PlacedMs - (before?.PlacedMs ?? 0));
        json.WriteNumberValue(order.EntryOffset - (before?.EntryOffset ?? 0));
        json.WriteNumberValue(order.ValueMicros);
        if (!parts.HasFlag(OrderParts.CurrencyOfBefore))
        {
            json.WriteStringValue(order.Currency);
            json.WriteNumberValue(order.EarnRateMicros);
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

        if (order.Returned is not null)
        {
            json.WriteStartArray();
            foreach (var line in order.Returned)
            {
                json.WriteNumberValue(line.Key);
                json.WriteNumberValue(line.QuantityMicros);
            }

            json.WriteEndArray();
        }
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

    private static void WriteLedger(Utf8JsonWriter json, CustomerState state, PointsLedger? ledger)
    {
        if (ledger is null)
            return;
        if (ledger[PointsAccount.InTransit] == 0)
            WriteNumbers(json, "points", [ledger[PointsAccount.Issued], ledger[PointsAccount.Available]]);
        else
            WriteNumbers(json, "points", [ledger[PointsAccount.Issued], ledger[PointsAccount.Available], ledger[PointsAccount.InTransit]]);
        json.WriteStartArray("ledger");
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
        var recent = CollectionsMarshal.AsSpan(state.Recent);
        var before = default(RecentInteraction);
        for (var i = 0; i < recent.Length; i++)
        {
            ref readonly var interaction = ref recent[i];
            json.WriteNumberValue(interaction.TimeMs - before.TimeMs);
            json.WriteNumberValue(interaction.Offset - before.Offset);
            var name = interaction.Type == EntryTypes.Track ? StorefrontEventNames.Of(interaction.Event) : StorefrontEventName.Other;
            if (name != StorefrontEventName.Other)
            {
                json.WriteNumberValue((int)name);
            }
            else
            {
                json.WriteStringValue(interaction.Type);
                json.WriteStringValue(interaction.Event);
            }

            WriteSummary(json, recent, i);
            before = interaction;
        }

        json.WriteEndArray();
    }

    /// <summary>A text that stood before by its place, an empty one as -1: whoever looks at one product looks again.</summary>
    private static void WriteSummary(Utf8JsonWriter json, ReadOnlySpan<RecentInteraction> recent, int index)
    {
        var summary = recent[index].Summary;
        if (summary.Length == 0)
        {
            json.WriteNumberValue(-1);
            return;
        }

        for (var i = 0; i < index; i++)
        {
            if (recent[i].Summary != summary)
                continue;
            json.WriteNumberValue(i);
            return;
        }

        json.WriteStringValue(summary);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
