using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Reads what <see cref="SnapshotWriter"/> wrote; everything in the same order.</summary>
internal static class SnapshotReader
{
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
        state.Import = Text(json, "import");

        var seen = new Row(json.GetProperty("seen"));
        state.Events = seen.Long();
        state.FirstSeenMs = seen.Long();
        state.LastSeenMs = seen.Long();
        state.HasOriented = seen.Long() == 1;
        state.OrientedMs = seen.Long();
        state.Deliveries = Longs(json, "deliveries");

        ReadTraits(json, state);
        ReadConsents(json, state);
        state.Orders = ReadOrders(json, "orders");
        state.WaitingOrders = ReadOrders(json, "waiting");
        state.ClosedOrders = ReadKeys(json, "closed");
        state.Refunds = ReadKeys(json, "refunds");
        state.ClosedPurchases = ReadScan(json, "closedPurchases", out var closedReturnedMs);
        state.ClosedReturnedMs = closedReturnedMs;
        state.OrderCount = json.TryGetProperty("count", out var count) ? count.GetInt64() : 0;
        ReadRevenue(json, state);
        ReadLedger(json, state);
        state.Purchases = ReadScan(json, "purchases", out var returnedMs);
        state.ReturnedMs = returnedMs;
        if (json.TryGetProperty("churn", out var churn))
            state.Churn = new ChurnInstants(churn[0].GetInt64(), churn[1].GetInt64());

        var standing = new Row(json.GetProperty("standing"));
        state.Standing = new Standing((Phase)standing.Long(), standing.Long(), (ChurnStatus)standing.Long(), standing.Long());
        ReadAlerts(json, state);
        ReadRecent(json, state);
        return state;
    }

    private static void ReadTraits(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("traits", out var traits))
            return;
        var row = new Row(traits);
        state.Traits = new List<Trait>(row.Count / 3);
        while (!row.IsAtEnd)
            state.Traits.Add(new Trait(row.Text(), row.Long(), Encoding.UTF8.GetBytes(row.Next().GetRawText())));
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

    private static List<Order>? ReadOrders(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var list))
            return null;
        var orders = new List<Order>(list.GetArrayLength());
        foreach (var element in list.EnumerateArray())
            orders.Add(ReadOrder(new Row(element)));
        return orders;
    }

    private static Order ReadOrder(Row row)
    {
        var key = row.Next().GetUInt64();
        var flags = row.Long();
        var order = new Order
        {
            Key = key,
            IsPlaced = (flags & 1) != 0,
            IsCancelled = (flags & 2) != 0,
            IsRefundedWhole = (flags & 4) != 0,
            PlacedMs = row.Long(),
            EntryOffset = row.Long(),
            ValueMicros = row.Long(),
            ValueMs = row.Long(),
            Currency = CurrencyCodes.Shared(row.Text()),
            EarnRateMicros = row.Long(),
            RefundedMicros = row.Long(),
            LinesMs = row.Long(),
        };
        if (row.IsAtEnd)
            return order;

        var lines = new Row(row.Next());
        var returned = new Row(row.Next());
        if (lines.Count > 0)
        {
            order.Lines = new OrderLine[lines.Count / 2];
            for (var i = 0; i < order.Lines.Length; i++)
                order.Lines[i] = new OrderLine(lines.Next().GetUInt64(), lines.Long());
        }

        if (returned.Count > 0)
        {
            order.Returned = new ReturnedLine[returned.Count / 2];
            for (var i = 0; i < order.Returned.Length; i++)
                order.Returned[i] = new ReturnedLine(returned.Next().GetUInt64(), returned.Long());
        }

        return order;
    }

    private static SortedKeys? ReadKeys(JsonElement json, string name)
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
        return scan;
    }

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
        var ledger = new PointsLedger
        {
            [PointsAccount.Issued] = points[0].GetInt64(),
            [PointsAccount.Available] = points[1].GetInt64(),
        };
        foreach (var element in json.GetProperty("ledger").EnumerateArray())
        {
            var row = new Row(element);
            ledger.Lines.Add(new LedgerLine(
                row.Long(), row.Long(), (PointsAccount)row.Long(), (PointsAccount)row.Long(), row.Long(), (PointsReason)row.Long(),
                row.Next().GetUInt64()));
        }

        state.Ledger = ledger;
    }

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
        var row = new Row(json.GetProperty("case"));
        return new Alert
        {
            Id = id,
            Desk = json.GetProperty("desk").GetString()!,
            Status = (AlertStatus)numbers[0].GetInt32(),
            RecordedMs = numbers[1].GetInt64(),
            DueAtMs = numbers[2].GetInt64(),
            Evidence = Longs(json, "evidence"),
            ClaimedBy = Text(json, "by"),
            Outcome = Text(json, "outcome"),
            Note = Text(json, "note"),
            Case = new ChurnCase(
                row.Long(), (AlertSeverity)row.Long(), (int)row.Long(), row.Long(), row.Next().GetDouble(), row.Next().GetDouble(),
                row.Next().GetDouble(), row.Next().GetDouble(), row.Long(), CurrencyCodes.Shared(row.Text())),
        };
    }

    private static void ReadRecent(JsonElement json, CustomerState state)
    {
        if (!json.TryGetProperty("recent", out var recent))
            return;
        var row = new Row(recent);
        state.Recent = new List<RecentInteraction>(row.Count / 5);
        while (!row.IsAtEnd)
        {
            var (timeMs, offset, type) = (row.Long(), row.Long(), StorefrontFold.TypeOf(row.Text()));
            var name = RecentInteractions.Shared(state, Encoding.UTF8.GetBytes(row.Text()));
            state.Recent.Add(new RecentInteraction(timeMs, offset, type, name, row.Text()));
        }
    }

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) ? text.GetString()! : "";

    private static long[] Longs(JsonElement json, string name) =>
        json.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(n => n.GetInt64())] : [];

    /// <summary>Reads the elements of an array one after the other.</summary>
    private struct Row(JsonElement array)
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
