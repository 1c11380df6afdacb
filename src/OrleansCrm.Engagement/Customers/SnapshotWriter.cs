using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Segments;
using OrleansCrm.Engagement.Signals;
using OrleansCrm.Engagement.Trials;
using OrleansCrm.Engagement.Triggers;

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
            [
                state.Events, state.FirstSeenMs, state.LastSeenMs, state.HasOriented ? 1 : 0, state.OrientedMs,
                state.ActiveMonths.First, (long)(ulong)state.ActiveMonths.Bits, (long)(ulong)(state.ActiveMonths.Bits >> 64),
            ]);
        if (state.Deliveries.Length > 0)
            WriteNumbers(json, "deliveries", state.Deliveries);
        WriteTraits(json, state);
        WriteConsents(json, state);
        HistoryWriter.WriteOrders(json, state.Orders);
        HistoryWriter.WriteWaiting(json, state.WaitingOrders);
        WriteKeys(json, "closed", state.ClosedOrders);
        WriteKeys(json, "refunds", state.Refunds);
        WriteScan(json, "closedPurchases", state.ClosedPurchases, state.ClosedReturnedMs);
        if (state.OrderCount != 0)
            json.WriteNumber("count", state.OrderCount);
        WriteRevenue(json, state);
        WriteLedger(json, state, state.Ledger);
        LoyaltyWriter.Write(json, state.Loyalty);
        WriteFeedback(json, state.Feedback);
        SignalSnapshot.Write(json, state);
        OfferSnapshot.Write(json, state.Offers);
        Reserves.Reserve.Write(json, state.Reserve);
        TriggerSnapshot.Write(json, state.Triggers);
        TrialSnapshot.Write(json, state.Trials);
        WriteScan(json, "purchases", state.Purchases, state.ReturnedMs);
        if (state.Churn != default)
            WriteNumbers(json, "churn", [state.Churn.AtRiskMs, state.Churn.LostMs]);
        var standing = state.Standing;
        WriteNumbers(json, "standing", [(long)standing.Phase, standing.SinceMs, (long)standing.Churn, standing.NextMs]);
        if (state.Forced is { } forced)
            WriteNumbers(json, "forced", [(long)forced.Phase, forced.TimeMs]);
        if (state.BirthdayNextMs != 0)
            json.WriteNumber("birthday", state.BirthdayNextMs);
        ReferralRecord.Write(json, state);
        AcquisitionSnapshot.Write(json, state.Acquisition);
        SegmentSnapshot.Write(json, state);
        WriteAlerts(json, state);
        if (state.GivenOwner.Length > 0)
            json.WriteString("givenOwner", state.GivenOwner);
        if (state.Owner.Length > 0)
            json.WriteString("owner", state.Owner);
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

    // Hashes do not compress: base64 of the bytes is half as long as their decimal digits.
    internal static void WriteKeys(Utf8JsonWriter json, string name, SortedKeys? keys)
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
            [
                scan.Purchases, scan.Days, scan.LastDay, scan.FirstMs, scan.SecondMs, scan.LoyalMs, scan.LastMs, returnedMs,
                scan.Months.First, (long)(ulong)scan.Months.Bits, (long)(ulong)(scan.Months.Bits >> 64),
            ]);
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
        WriteNumbers(json, "points", ledger.Balances);
        HistoryWriter.WriteLines(json, state.Orders, ledger);
    }

    private static void WriteFeedback(Utf8JsonWriter json, FeedbackRecord? record)
    {
        if (record is null)
            return;
        json.WriteStartArray("answers");
        foreach (var answer in record.Answers)
        {
            json.WriteNumberValue(answer.Key);
            json.WriteNumberValue((int)answer.Kind);
            json.WriteNumberValue(answer.TimeMs);
            json.WriteNumberValue(answer.Score);
        }

        json.WriteEndArray();
        if (record.Closed.All(c => c == default))
            return;
        json.WriteStartArray("answered");
        foreach (var (count, good, bad, sum) in record.Closed)
        {
            json.WriteNumberValue(count);
            json.WriteNumberValue(good);
            json.WriteNumberValue(bad);
            json.WriteNumberValue(sum);
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
        if (alert.Kind != ChurnAlertRules.Kind)
            json.WriteString("kind", alert.Kind);
        json.WriteString("desk", alert.Desk);
        WriteNumbers(json, "n", [(long)alert.Status, alert.RecordedMs, alert.DueAtMs]);
        WriteNumbers(json, "evidence", alert.Evidence);
        if (alert.ClaimedBy.Length > 0)
            json.WriteString("by", alert.ClaimedBy);
        if (alert.Outcome.Length > 0)
            json.WriteString("outcome", alert.Outcome);
        AlertHandlingSnapshot.Write(json, alert);
        if (alert.Case is SignalCase signal)
            SignalSnapshot.Write(json, signal);
        else
            WriteCase(json, (ChurnCase)alert.Case);
        json.WriteEndObject();
    }

    private static void WriteCase(Utf8JsonWriter json, ChurnCase churn)
    {
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

    internal static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
