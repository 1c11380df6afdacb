using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Segments;
using OrleansCrm.Engagement.Signals;
using OrleansCrm.Engagement.Trials;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Reads what <see cref="SnapshotWriter"/> wrote; everything in the same order.</summary>
internal static class SnapshotReader
{
    private const int LedgerNumbers = 7;

    public static CustomerState Read(JsonElement json)
    {
        var state = CustomerState.Create(json.GetProperty("key").GetString()!);
        var head = new Row(json.GetProperty("head"));
        state.Offset = head.Long();
        state.Version = head.Long();
        state.NewestMs = head.Long();
        state.NextWakeMs = head.Long();
        state.ProgramOffset = head.Long();
        state.Partition = (int)head.Long();
        if (json.TryGetProperty("remains", out var remains))
        {
            state.Remains = Tombstone.Read(remains);
            return state;
        }

        state.Import = Text(json, "import");

        var seen = new Row(json.GetProperty("seen"));
        state.Events = seen.Long();
        state.FirstSeenMs = seen.Long();
        state.LastSeenMs = seen.Long();
        state.HasOriented = seen.Long() == 1;
        state.OrientedMs = seen.Long();
        state.ActiveMonths = ReadMonths(ref seen);
        state.Deliveries = Longs(json, "deliveries");

        ReadTraits(json, state);
        ReadConsents(json, state);
        state.WaitingOrders = json.TryGetProperty("waiting", out var waiting) ? ReadOrders(waiting) : null;
        state.ClosedOrders = ReadKeys(json, "closed");
        state.Refunds = ReadKeys(json, "refunds");
        state.ClosedPurchases = ReadScan(json, "closedPurchases", out var closedReturnedMs);
        state.ClosedReturnedMs = closedReturnedMs;
        state.OrderCount = json.TryGetProperty("count", out var count) ? count.GetInt64() : 0;
        ReadRevenue(json, state);
        ReadLedger(json, state);
        if (json.TryGetProperty("loyalty", out var loyalty))
            state.Loyalty = LoyaltyReader.Read(loyalty);
        ReadHistory(json, state);
        ReadFeedback(json, state);
        SignalSnapshot.Read(json, state);
        state.Offers = OfferSnapshot.Read(json);
        state.Reserve = Reserves.Reserve.Read(json, state.Key);
        state.Triggers = TriggerSnapshot.Read(json);
        state.Trials = TrialSnapshot.Read(json);
        state.Purchases = ReadScan(json, "purchases", out var returnedMs);
        state.ReturnedMs = returnedMs;
        state.OrderedMs = json.TryGetProperty("ordered", out var ordered) ? ordered.GetInt64() : state.Purchases.LastMs;
        if (json.TryGetProperty("churn", out var churn))
            state.Churn = new ChurnInstants(churn[0].GetInt64(), churn[1].GetInt64());

        var standing = new Row(json.GetProperty("standing"));
        state.Standing = new Standing((Phase)standing.Long(), standing.Long(), (ChurnStatus)standing.Long(), standing.Long());
        if (Longs(json, "forced") is [var forced, var forcedMs])
            state.Forced = new ForcedPhase((Phase)forced, forcedMs);
        if (json.TryGetProperty("birthday", out var birthday))
            state.BirthdayNextMs = birthday.GetInt64();
        ReferralRecord.Read(json, state);
        state.Acquisition = AcquisitionSnapshot.Read(json);
        SegmentSnapshot.Read(json, state);
        ReadAlerts(json, state);
        (state.GivenOwner, state.Owner) = (Text(json, "givenOwner"), Text(json, "owner"));
        ReadRecent(json, state);
        state.LinkedTo = Text(json, "linkedTo");
        if (json.TryGetProperty("identities", out var identities))
            state.Links = ReadIdentities(new Row(identities));
        return state;
    }

    private static List<LinkedIdentity> ReadIdentities(Row row)
    {
        var links = new List<LinkedIdentity>(row.Count / 6);
        while (!row.IsAtEnd)
        {
            links.Add(new LinkedIdentity(row.Text())
            {
                Status = (LinkStatus)row.Long(),
                Points = row.Long(),
                Partition = (int)row.Long(),
                Offset = row.Long(),
                Index = (int)row.Long(),
            });
        }

        return links;
    }

    private static void ReadTraits(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("traits", out var traits))
            return;
        var row = new Row(traits);
        state.Traits = new List<Trait>(row.Count / 3);
        while (!row.IsAtEnd)
            state.Traits.Add(new Trait(row.Text(), row.Long(), Encoding.UTF8.GetBytes(row.Next().GetRawText()), IsClaimed: false));
        foreach (var index in Longs(json, "claimed"))
            state.Traits[(int)index] = state.Traits[(int)index] with { IsClaimed = true };
    }

    private static void ReadConsents(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("consents", out var consents))
            return;
        var row = new Row(consents);
        state.Consents = new List<ConsentRecord>(row.Count / 4);
        while (!row.IsAtEnd)
            state.Consents.Add(new ConsentRecord(row.Text(), row.Text(), row.Long() == 1, row.Long()));
    }

    private static void ReadHistory(JsonElement json, CustomerState state)
    {
        var orders = json.TryGetProperty("orders", out var placed) ? ReadOrders(placed) : [];
        if (json.TryGetProperty("ledger", out var ledger))
            state.Ledger?.Pack(CollectionsMarshal.AsSpan(ReadLines(ledger, orders)));
        state.Orders = OrderHistory.Packed(orders);
    }

    /// <param name="orders">Those that the lines name by their place.</param>
    private static List<LedgerLine> ReadLines(JsonElement list, List<Order> orders)
    {
        var row = new Row(list);
        var lines = new List<LedgerLine>(row.Count / LedgerNumbers);
        var (offset, timeMs) = (0L, 0L);
        while (!row.IsAtEnd)
        {
            lines.Add(new LedgerLine(
                offset += row.Long(), timeMs += row.Long(), (PointsAccount)row.Long(), (PointsAccount)row.Long(), row.Long(),
                (PointsReason)row.Long(), ReadOrderKey(row.Next(), orders)));
        }

        return lines;
    }

    private static List<Order> ReadOrders(JsonElement list)
    {
        var orders = new List<Order>(list.GetArrayLength());
        foreach (var element in list.EnumerateArray())
            orders.Add(ReadOrder(new Row(element), orders.Count > 0 ? orders[^1] : null));
        return orders;
    }

    private static Order ReadOrder(Row row, Order? before)
    {
        var key = row.Next().GetUInt64();
        var parts = (OrderParts)row.Long();
        var order = new Order
        {
            Key = key,
            IsPlaced = parts.HasFlag(OrderParts.Placed),
            IsCancelled = parts.HasFlag(OrderParts.Cancelled),
            IsRefundedWhole = parts.HasFlag(OrderParts.RefundedWhole),
            PlacedMs = row.Long() + (before?.PlacedMs ?? 0),
            EntryOffset = row.Long() + (before?.EntryOffset ?? 0),
            ValueMicros = row.Long(),
        };
        var isAsBefore = parts.HasFlag(OrderParts.CurrencyOfBefore);
        order.Currency = isAsBefore ? before!.Currency : CurrencyCodes.Shared(row.Text());
        order.EarnRateMicros = isAsBefore ? before!.EarnRateMicros : row.Long();
        order.Terms = isAsBefore ? before!.Terms : parts.HasFlag(OrderParts.Terms) ? (byte)row.Long() : (byte)0;
        if (parts.HasFlag(OrderParts.Changes))
            (order.ValueMs, order.RefundedMicros, order.LinesMs) = (row.Long(), row.Long(), row.Long());
        if (parts.HasFlag(OrderParts.Lines))
        {
            var lines = new Row(row.Next());
            order.Lines = new OrderLine[lines.Count / 2];
            for (var i = 0; i < order.Lines.Length; i++)
                order.Lines[i] = new OrderLine(lines.Next().GetUInt64(), lines.Long());
        }

        if (parts.HasFlag(OrderParts.Returned))
            order.Returned = ReadReturned(new Row(row.Next()));
        if (parts.HasFlag(OrderParts.EarnLines))
        {
            var lines = new Row(row.Next());
            order.EarnLines = new EarnLine[lines.Count / 3];
            for (var i = 0; i < order.EarnLines.Length; i++)
                order.EarnLines[i] = new EarnLine(lines.Next().GetUInt64(), lines.Long(), lines.Long());
        }

        if (parts.HasFlag(OrderParts.ReturnedValues))
            order.ReturnedValues = ReadReturned(new Row(row.Next()));
        return order;
    }

    private static ReturnedLine[] ReadReturned(Row row)
    {
        var returned = new ReturnedLine[row.Count / 2];
        for (var i = 0; i < returned.Length; i++)
            returned[i] = new ReturnedLine(row.Next().GetUInt64(), row.Long());
        return returned;
    }

    internal static SortedKeys? ReadKeys(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var text))
            return null;
        var bytes = text.GetBytesFromBase64();
        var keys = new ulong[bytes.Length / 8];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8 * i));
        return new SortedKeys(keys);
    }

    private static PurchaseScan ReadScan(JsonElement json, string name, out long returnedMs)
    {
        returnedMs = 0;
        if (!json.TryGetProperty(name, out var numbers))
            return default;
        var row = new Row(numbers);
        var scan = new PurchaseScan
        {
            Purchases = (int)row.Long(),
            Days = (int)row.Long(),
            LastDay = row.Long(),
            FirstMs = row.Long(),
            SecondMs = row.Long(),
            LoyalMs = row.Long(),
            LastMs = row.Long(),
        };
        returnedMs = row.Long();
        scan.Months = ReadMonths(ref row);
        return scan;
    }

    /// <summary>Handovers in old journals have none.</summary>
    private static MonthSet ReadMonths(ref Row row) => row.IsAtEnd
        ? default
        : new MonthSet { First = (int)row.Long(), Bits = (ulong)row.Long() | (UInt128)(ulong)row.Long() << 64 };

    private static void ReadRevenue(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("revenue", out var revenue))
            return;
        state.Revenue = [];
        foreach (var total in revenue.EnumerateObject())
            state.Revenue.Add(new CurrencyTotal(CurrencyCodes.Shared(total.Name), total.Value.GetInt64()));
    }

    private static void ReadLedger(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("points", out var points))
            return;
        state.Ledger = PointsLedger.With([.. points.EnumerateArray().Select(p => p.GetInt64())]);
    }

    private static void ReadFeedback(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("answers", out var answers))
            return;
        var record = state.Feedback = new FeedbackRecord();
        for (var row = new Row(answers); !row.IsAtEnd;)
        {
            var key = row.Next().GetUInt64();
            record.Answers.Add(new Answer((FeedbackKind)row.Long(), key, row.Long(), (int)row.Long()));
        }

        var closed = Longs(json, "answered");
        for (var i = 0; i < closed.Length / 4; i++)
            record.Closed[i] = new FeedbackTally(closed[4 * i], closed[4 * i + 1], closed[4 * i + 2], closed[4 * i + 3]);
    }

    private static ulong ReadOrderKey(JsonElement key, List<Order> orders) =>
        key.TryGetInt64(out var place) && place < 0 ? orders[^(int)-place].Key : key.GetUInt64();

    private static void ReadAlerts(JsonElement json, CustomerState state)
    {
        state.IsAlertStale = json.TryGetProperty("stale", out _);
        state.HasResolved = json.TryGetProperty("resolved", out var resolved);
        state.ResolvedPurchaseMs = state.HasResolved ? resolved.GetInt64() : 0;
        if (!json.TryGetProperty("alerts", out var alerts))
            return;
        state.Alerts = new List<Alert>(alerts.GetArrayLength());
        foreach (var alert in alerts.EnumerateArray())
            state.Alerts.Add(ReadAlert(alert));
    }

    private static Alert ReadAlert(JsonElement json)
    {
        if (!AlertId.TryParse(json.GetProperty("id").GetString(), out var id))
            throw new FormatException("an alert has no id");
        var numbers = json.GetProperty("n");
        var alert = new Alert
        {
            Id = id,
            Kind = json.TryGetProperty("kind", out var kind) ? kind.GetString()! : ChurnAlertRules.Kind,
            Desk = json.GetProperty("desk").GetString()!,
            Status = (AlertStatus)numbers[0].GetInt32(),
            RecordedMs = numbers[1].GetInt64(),
            DueAtMs = numbers[2].GetInt64(),
            Evidence = Longs(json, "evidence"),
            ClaimedBy = Text(json, "by"),
            Outcome = Text(json, "outcome"),
            Skills = AlertHandlingSnapshot.ReadSkills(json),
            Case = json.TryGetProperty("case", out var churn) ? ReadCase(new Row(churn)) : SignalSnapshot.ReadCase(json.GetProperty("signal")),
        };
        AlertHandlingSnapshot.Read(json, alert);
        return alert;
    }

    private static ChurnCase ReadCase(Row row) => new(
        row.Long(), (AlertSeverity)row.Long(), (int)row.Long(), row.Long(), row.Next().GetDouble(), row.Next().GetDouble(),
        row.Next().GetDouble(), row.Next().GetDouble(), row.Long(), CurrencyCodes.Shared(row.Text()));

    private static void ReadRecent(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("recent", out var recent))
            return;
        var row = new Row(recent);
        state.Recent = new List<RecentInteraction>(Math.Min(row.Count / 3, Bounds.RecentMax));
        var (timeMs, offset) = (0L, 0L);
        while (!row.IsAtEnd)
        {
            timeMs += row.Long();
            offset += row.Long();
            var (type, name) = ReadName(row.Next(), ref row);
            var summary = row.Next();
            state.Recent.Add(new RecentInteraction(timeMs, offset, type, name, summary.ValueKind == JsonValueKind.String
                ? RecentInteractions.SummaryOf(summary.GetString()!)
                : summary.GetInt32() is >= 0 and var place ? state.Recent[place].Summary : ""));
        }
    }

    private static (string Type, string Name) ReadName(JsonElement first, ref Row row) =>
        first.ValueKind == JsonValueKind.Number
            ? (EntryTypes.Track, StorefrontEventNames.Text((StorefrontEventName)first.GetInt32()))
            : (StorefrontFold.TypeOf(first.GetString()!), RecentInteractions.NameOf(Encoding.UTF8.GetBytes(row.Text())));

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) ? text.GetString()! : "";

    internal static long[] Longs(JsonElement json, string name) =>
        json.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(n => n.GetInt64())] : [];

    /// <summary>Reads the elements of an array one after the other.</summary>
    internal struct Row(JsonElement array)
    {
        private JsonElement.ArrayEnumerator _elements = array.EnumerateArray();
        private int _read;

        public readonly int Count => array.GetArrayLength();

        public readonly bool IsAtEnd => _read == Count;

        public JsonElement Next()
        {
            if (!_elements.MoveNext())
                throw new FormatException("a row is too short");
            _read++;
            return _elements.Current;
        }

        public long Long() => Next().GetInt64();

        public string Text() => Next().GetString()!;
    }
}
