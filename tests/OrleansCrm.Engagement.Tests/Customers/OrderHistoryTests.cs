using System.Globalization;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Segments;
using static OrleansCrm.Engagement.Tests.Customers.PermutationTests;

namespace OrleansCrm.Engagement.Tests.Customers;

/// <summary>Orders that wait packed are the same orders.</summary>
public sealed class OrderHistoryTests
{
    private static readonly ProgramDocument[] Programs =
    [
        ProgramDocument.Default,
        Loyal,
        SegmentChurnTests.Shop,
        ProgramDocument.Parse("""{"alerts":{"policies":{"basket_falling":{"desk":"retention"},"frequency_falling":{"desk":"retention"}}}}"""u8),
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Orders_that_were_packed_at_any_moment_fold_as_those_that_never_were(int seed)
    {
        var random = new Random(seed);
        var program = Programs[seed % Programs.Length];
        var (never, packed, settled, reloaded) = (new Story(program: program), new Story(program: program), new Story(program: program), new Story(program: program));
        foreach (var (timeMs, type, payload) in ManyOrders(random, random.Next(2, 90)))
        {
            if (random.Next(4) == 0)
                SnapshotCodec.Encode(packed.State);
            if (random.Next(3) > 0)
                CustomerFold.Settle(settled.State);
            if (random.Next(6) == 0)
                reloaded.Reload();
            foreach (var story in new[] { never, packed, settled, reloaded })
            {
                story.Own(type, (timeMs - Story.StartMs) / 86_400_000.0, payload);
                if (story.State.NextWakeMs != 0 && story.State.NextWakeMs <= story.State.NewestMs)
                    story.Wake(story.State.NextWakeMs);
            }

            Assert.Equal(never.Notes, packed.Notes);
            Assert.Equal(never.Notes, settled.Notes);
            Assert.Equal(never.Notes, reloaded.Notes);
        }

        Assert.Equal(never.Digest, packed.Digest);
        Assert.Equal(never.Digest, settled.Digest);
        Assert.Equal(never.Digest, reloaded.Digest);
        var expected = SnapshotCodec.Encode(never.State);
        Assert.Equal(expected, SnapshotCodec.Encode(packed.State));
        Assert.Equal(expected, SnapshotCodec.Encode(settled.State));
        Assert.Equal(expected, SnapshotCodec.Encode(reloaded.State));
        Assert.Equal(expected, SnapshotCodec.Encode(SnapshotCodec.Decode(expected)));
    }

    [Fact]
    public void Any_of_the_newest_thousand_orders_can_be_refunded_while_all_are_packed()
    {
        var story = new Story();
        for (var i = 0; i < 1_050; i++)
        {
            story.Order(i / 10.0, Id(i), 10);
            if (i % 90 == 0)
                SnapshotCodec.Encode(story.State);
        }

        SnapshotCodec.Encode(story.State);
        foreach (var i in new[] { 50, 51, 300, 1_049 })
            SnapshotCodec.Encode(story.Refund(200, Id(i), "r").State);
        Assert.Equal((1_050, 10_460m), (story.Orders, story.Revenue()));

        // Too old to be known: only what is stated counts.
        story.Refund(201, Id(49), "r").Refund(201, Id(48), "s", 10);
        Assert.Equal(10_450m, story.Revenue());
        story.Cancel(202, Id(60));
        Assert.Equal((1_049, 10_440m), (story.Orders, story.Revenue()));
    }

    [Fact]
    public void New_order_and_search_for_an_unknown_one_leave_the_others_packed()
    {
        var story = new Story();
        for (var i = 0; i < 500; i++)
            story.Order(i / 10.0, Id(i), 10);
        SnapshotCodec.Encode(story.State);

        story.Order(50, Id(500), 10).Cancel(50.01, "unknown");
        Assert.Equal((500, 501), (story.State.Orders!.PackedCount, story.State.Orders.Count));
        story.Refund(50.02, Id(7), "r");
        Assert.Equal((0, 501), (story.State.Orders.PackedCount, story.State.Orders.Count));
        SnapshotCodec.Encode(story.State);
        Assert.Equal((501, 501), (story.State.Orders.PackedCount, story.State.Orders.Count));
    }

    [Fact]
    public void New_order_waits_packed_unless_older_ones_were_just_asked_for_or_are_many()
    {
        var story = new Story();
        for (var i = 0; i < 20; i++)
        {
            CustomerFold.Settle(story.Order(i / 10.0, Id(i), 10).State);
            Assert.Equal(i + 1, story.State.Orders!.PackedCount);
        }

        CustomerFold.Settle(story.Refund(50, Id(7), "r").State);
        Assert.Equal(0, story.State.Orders!.PackedCount);

        for (var i = 20; i < 300; i++)
            story.Order(50 + i / 10.0, Id(i), 10);
        SnapshotCodec.Encode(story.State);
        CustomerFold.Settle(story.Order(90, Id(300), 10).State);
        Assert.Equal(300, story.State.Orders.PackedCount);
    }

    [Fact]
    public void Whatever_an_order_holds_comes_back()
    {
        var random = new Random(3);
        var orders = Enumerable.Range(0, 300).Select(i => OrderOf(random, i)).ToList();
        var history = OrderHistory.Packed([.. orders])!;

        Assert.Equal(orders.Count, history.Count);
        var at = 0;
        foreach (var order in history.Read())
            Assert.Equal(Describe(orders[at++]), Describe(order));
        Assert.Equal(orders.Count, at);
        Span<ulong> keys = stackalloc ulong[50];
        Assert.Equal(50, history.NewestKeys(keys));
        Assert.Equal(orders.TakeLast(50).Select(o => o.Key), keys.ToArray());
        Assert.Equal(Describe(orders[7]), Describe(history.Find(orders[7].Key)!));
        Assert.Null(history.Find(12345));
        for (var i = 0; i < orders.Count; i++)
            Assert.Equal(Describe(orders[i]), Describe(history[i]));
    }

    [Fact]
    public void Ledger_keeps_the_newest_lines_however_often_it_is_packed()
    {
        var random = new Random(5);
        var (packed, objects) = (new PointsLedger(), new List<LedgerLine>());
        for (var i = 0; i < 400; i++)
        {
            var line = new LedgerLine(
                random.NextInt64(), random.NextInt64(-1_000_000, 2_000_000_000_000), (PointsAccount)random.Next(3), (PointsAccount)random.Next(3, 7),
                random.NextInt64(1, 1L << random.Next(1, 50)), (PointsReason)random.Next(1, 17), (ulong)random.NextInt64());
            packed.Post(line);
            objects.Add(line);
            if (random.Next(20) == 0)
                packed.Pack();
            if (random.Next(3) == 0)
                packed.PackNew();
            if (random.Next(30) == 0)
                Assert.Equal(objects.TakeLast(Bounds.LedgerLinesMax), packed.Lines);
        }

        packed.Pack();
        Assert.Equal(objects.TakeLast(Bounds.LedgerLinesMax), packed.Lines);
    }

    private static string Id(int number) => "o" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders out of order, and what becomes of any of them at any time.</summary>
    private static IEnumerable<Fact> ManyOrders(Random random, int count)
    {
        var day = 0.0;
        for (var i = 0; i < count; i++)
        {
            day += random.Next(3) == 0 ? 0 : random.NextDouble() * 12;
            var late = random.Next(6) == 0 ? random.NextDouble() * 60 : 0;
            var value = random.Next(-100, 30_000) / 100m;
            var lines = random.Next(2) == 0 ? "" : Say($$""","products":[{"product_id":"p{{i % 5}}","price":{{value / 2}},"quantity":2},{"product_id":"q{{i % 3}}","price":3}]""");
            yield return Event(day - late, "Order Completed", Say($$"""{"order_id":"{{Id(i)}}","revenue":{{value}},"currency":"{{(random.Next(9) == 0 ? "USD" : "EUR")}}"{{lines}}}"""));
            var about = Id(random.Next(i + 2));
            switch (random.Next(14))
            {
                case 0:
                    yield return Event(day, "Order Cancelled", Say($$"""{"order_id":"{{about}}"}"""));
                    break;
                case 1:
                    yield return Event(day, "Order Refunded", Say($$"""{"order_id":"{{about}}","refund_id":"r"}"""));
                    break;
                case 2:
                    yield return Event(day, "Order Refunded", Say($$"""{"order_id":"{{about}}","refund_id":"s{{i}}","total":{{random.Next(90)}}}"""));
                    break;
                case 3:
                    yield return Event(day, "Order Refunded", Say($$"""{"order_id":"{{about}}","refund_id":"t","products":[{"product_id":"p{{i % 5}}"},{"product_id":"q1","price":2}]}"""));
                    break;
                case 4:
                    yield return Event(day, "Order Updated", Say($$"""{"order_id":"{{about}}","revenue":{{value + 7}},"products":[{"product_id":"p1","price":4}]}"""));
                    break;
                case 5:
                    yield return Event(day - 20, "Order Completed", Say($$"""{"order_id":"{{about}}","revenue":{{value + 1}},"currency":"PLN"}"""));
                    break;
                case 6:
                    yield return Event(day, "Product Viewed", """{"name":"Cup"}""");
                    break;
            }
        }
    }

    private static Fact Event(double day, string name, string properties) =>
        new(Story.Ms(day), EntryTypes.Track, $$"""{"type":"track","event":"{{name}}","properties":{{properties}}}""");

    private static Order OrderOf(Random random, int number) => new()
    {
        Key = number % 50 == 0 ? ulong.MaxValue - (ulong)number : (ulong)random.NextInt64(),
        IsPlaced = true,
        IsCancelled = random.Next(5) == 0,
        IsRefundedWhole = random.Next(5) == 0,
        PlacedMs = number % 60 == 0 ? long.MinValue + number : number % 61 == 0 ? long.MaxValue : random.NextInt64(2_000_000_000_000),
        EntryOffset = random.NextInt64(),
        ValueMicros = random.Next(20) == 0 ? long.MinValue : random.NextInt64(-5, 1L << random.Next(4, 62)),
        ValueMs = random.Next(4) == 0 ? random.NextInt64() : 0,
        Currency = new[] { "EUR", "EUR", "EUR", "XTS", "Zł", "" }[random.Next(6)],
        EarnRateMicros = random.Next(3) == 0 ? random.NextInt64() : 1_000_000,
        Terms = (byte)(random.Next(3) == 0 ? random.Next(256) : 0),
        RefundedMicros = random.Next(4) == 0 ? random.NextInt64() : 0,
        LinesMs = random.Next(4) == 0 ? -1 : 0,
        Lines = random.Next(3) == 0 ? null : [.. Enumerable.Range(0, random.Next(4)).Select(_ => new OrderLine((ulong)random.NextInt64(), random.NextInt64()))],
        Returned = random.Next(4) > 0 ? null : [new ReturnedLine(ulong.MaxValue, random.NextInt64())],
        EarnLines = random.Next(4) > 0 ? null : [new EarnLine(7, random.NextInt64(), -1), new EarnLine(8, 0, long.MaxValue)],
        ReturnedValues = random.Next(4) > 0 ? null : [],
    };

    private static string Describe(Order order) => FormattableString.Invariant(
        $"{order.Key} {order.IsPlaced} {order.IsCancelled} {order.IsRefundedWhole} {order.PlacedMs} {order.EntryOffset} {order.ValueMicros} {order.ValueMs} ")
        + FormattableString.Invariant($"'{order.Currency}' {order.EarnRateMicros} {order.Terms} {order.RefundedMicros} {order.LinesMs} ")
        + $"{Text(order.Lines)} {Text(order.Returned)} {Text(order.EarnLines)} {Text(order.ReturnedValues)}";

    private static string Text<T>(T[]? lines) => lines is null ? "none" : "[" + string.Join(';', lines) + "]";

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
