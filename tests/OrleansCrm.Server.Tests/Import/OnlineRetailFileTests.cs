using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Tests.Import;

public sealed class OnlineRetailFileTests
{
    private static readonly ImportPlan Plan = new("online-retail-test", "online-retail", 0, "Europe/London", "GBP");

    [Theory]
    [InlineData("\r\n", true)]
    [InlineData("\n", false)]
    public void Orders_and_net_revenue_of_every_customer_equal_a_plain_count(string lineEnd, bool withMark)
    {
        var expected = RetailRow.Count(RetailRow.Traps);

        var actual = Totals(Events(RetailRow.ToCsv(RetailRow.Traps, lineEnd, withMark), out var counts));

        Assert.Equal(expected, actual);
        Assert.Equal(RetailRow.Traps.Length, counts.Lines);
        Assert.Equal(expected.Sum(c => c.Value.Orders), counts.Orders);
        Assert.Equal(2, counts.Refunds);
        Assert.Equal(expected.Count, counts.Customers);
        Assert.Equal(2, counts.RowsWithoutCustomer);
        Assert.Equal(0, counts.BadRows);
    }

    [Fact]
    public void Compressed_file_gives_the_same_events_and_the_same_name()
    {
        var csv = RetailRow.ToCsv(RetailRow.Traps);
        using var plain = new TempFile(csv, "a.csv");
        using var compressed = new TempFile(csv, "b.bin", compress: true);

        Assert.Equal(Events(new SourceFile(plain.Path), out _), Events(new SourceFile(compressed.Path), out _));
        Assert.Equal(
            new SourceFile(plain.Path).ImportName(ImportFormat.OnlineRetail),
            new SourceFile(compressed.Path).ImportName(ImportFormat.OnlineRetail));
    }

    [Fact]
    public void Other_content_is_another_import()
    {
        using var one = new TempFile(RetailRow.ToCsv(RetailRow.Traps));
        using var other = new TempFile(RetailRow.ToCsv(RetailRow.Traps[1..]));

        Assert.NotEqual(
            new SourceFile(one.Path).ImportName(ImportFormat.OnlineRetail),
            new SourceFile(other.Path).ImportName(ImportFormat.OnlineRetail));
    }

    [Fact]
    public void Columns_are_found_by_name_in_any_order()
    {
        var csv = "Country,CustomerID,UnitPrice,InvoiceDate,Quantity,Description,StockCode,InvoiceNo\nFrance,1.0,2.5,12/1/2010 8:26,2,Mug,M1,7\n";

        var order = Assert.Single(Events(Encoding.UTF8.GetBytes(csv), out _));

        Assert.Equal("1", Text(order, "userId"));
        Assert.Equal("2010-12-01T08:26:00.000Z", Text(order, "timestamp"));
        Assert.Equal(5m, order.GetProperty("properties").GetProperty("revenue").GetDecimal());
        Assert.Equal("M1", Text(order.GetProperty("properties").GetProperty("products")[0], "sku"));
    }

    [Fact]
    public void Missing_column_is_named()
    {
        using var file = new TempFile("InvoiceNo,StockCode,Quantity,InvoiceDate,Price\n1,2,3,4,5\n"u8.ToArray());

        var refusal = Assert.Throws<ImportException>(() => OnlineRetailFile.Open(new SourceFile(file.Path), "default", "Europe/London"));

        Assert.Contains("UnitPrice, CustomerID", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_file_is_refused_in_words()
    {
        using var file = new TempFile([]);

        Assert.Throws<ImportException>(() => OnlineRetailFile.Open(new SourceFile(file.Path), "default", "Europe/London"));
    }

    [Fact]
    public void Unknown_time_zone_is_refused_in_words()
    {
        using var file = new TempFile(RetailRow.ToCsv(RetailRow.Traps));

        var refusal = Assert.Throws<ImportException>(() => OnlineRetailFile.Open(new SourceFile(file.Path), "default", "Europe/Atlantis"));

        Assert.Contains("Europe/Atlantis", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invoice_split_in_two_places_is_one_order_at_its_earliest_time()
    {
        var order = Order(Events(RetailRow.ToCsv(RetailRow.Traps), out _), "536367");

        Assert.Equal("2010-12-01T08:34:00.000Z", Text(order, "timestamp"));
        Assert.Equal(32 * 1.69m + 6 * 2.1m, order.GetProperty("properties").GetProperty("revenue").GetDecimal());
        Assert.Equal(2, order.GetProperty("properties").GetProperty("products").GetArrayLength());
    }

    [Fact]
    public void Number_of_two_customers_becomes_two_orders_with_keys_of_their_own()
    {
        var events = Events(RetailRow.ToCsv(RetailRow.Traps), out _);

        Assert.Equal("17850", Text(Order(events, "536373:17850"), "userId"));
        Assert.Equal("15311", Text(Order(events, "536373:15311"), "userId"));
    }

    [Fact]
    public void Cancellation_is_a_refund_on_account_with_a_positive_amount()
    {
        var refund = Events(RetailRow.ToCsv(RetailRow.Traps), out _)
            .Single(e => e.GetProperty("properties").TryGetProperty("refund_id", out var id) && id.ValueEquals("C536379"));

        Assert.Equal("Order Refunded", Text(refund, "event"));
        Assert.Equal(27.5m, refund.GetProperty("properties").GetProperty("total").GetDecimal());
        Assert.False(refund.GetProperty("properties").TryGetProperty("order_id", out _));
    }

    [Theory]
    [InlineData("540000", "2011-06-09T11:00:00.000Z")]
    [InlineData("540001", "2011-03-27T01:30:00.000Z")]
    [InlineData("540002", "2011-10-30T00:30:00.000Z")]
    public void Local_time_becomes_one_instant_also_where_clocks_change(string invoice, string instant)
    {
        Assert.Equal(instant, Text(Order(Events(RetailRow.ToCsv(RetailRow.Traps), out _), invoice), "timestamp"));
    }

    [Fact]
    public void Events_go_out_in_order_of_time_and_carry_the_import()
    {
        var events = Events(RetailRow.ToCsv(RetailRow.Traps), out _);

        var times = events.ConvertAll(e => Text(e, "timestamp"));
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        Assert.All(events, e => Assert.Equal(Plan.Import, Text(e.GetProperty("context"), "import")));
        Assert.Equal(events.Count, events.Select(e => Text(e, "messageId")).Distinct().Count());
    }

    [Fact]
    public void Bad_rows_are_told_with_line_and_field_and_stop_nothing()
    {
        RetailRow[] rows =
        [
            new("1", "A", "two\nlines", "1", "2010-12-01 08:26:00", "1", "5"),
            new("2", "A", "", "many", "2010-12-01 08:26:00", "1", "5"),
            new("3", "A", "", "1", "yesterday", "1", "5"),
            new("4", "A", "", "1", "2010-12-01 08:26:00", "1,5", "5"),
            new("", "A", "", "1", "2010-12-01 08:26:00", "1", "5"),
            new("6", "A", "", "1", "2010-12-01 08:26:00", "2", "5"),
        ];

        var events = Events([.. RetailRow.ToCsv(rows), .. "short,row\r\n"u8], out var counts);

        Assert.Equal(["1", "6"], events.ConvertAll(e => Text(e.GetProperty("properties"), "order_id")));
        Assert.Equal(
            [(4, "Quantity"), (5, "InvoiceDate"), (6, "UnitPrice"), (7, "InvoiceNo"), (9, "row")],
            counts.FirstBadRows.Select(b => ((int)b.Line, b.Field)));
        Assert.Equal(5, counts.BadRows);
    }

    [Fact]
    public void Quote_that_never_closes_ends_in_words_instead_of_memory()
    {
        var content = new byte[OnlineRetailFile.RowBytesMax * 3];
        Array.Fill(content, (byte)'x');
        RetailRow.ToCsv([]).CopyTo(content, 0);
        content[RetailRow.ToCsv([]).Length] = (byte)'"';
        using var file = new TempFile(content);

        Assert.Throws<ImportException>(() => OnlineRetailFile.Open(new SourceFile(file.Path), "default", "Europe/London"));
    }

    [Fact]
    public void Very_long_invoice_stays_below_the_limit_of_an_event_and_keeps_its_value()
    {
        var rows = Enumerable.Range(0, 2_000).Select(i => new RetailRow("1", $"SKU{i}", "A product with a name", "1", "2010-12-01 08:26:00", "1.25", "5"));
        using var file = new TempFile(RetailRow.ToCsv(rows));

        var sent = OnlineRetailFile.Open(new SourceFile(file.Path), "default", "Europe/London").Read(Plan).Single();

        Assert.InRange(sent.Json.Length, 16 * 1024, 32 * 1024);
        var properties = JsonDocument.Parse(sent.Json).RootElement.GetProperty("properties");
        Assert.Equal(2_500m, properties.GetProperty("revenue").GetDecimal());
        Assert.Equal(2_000, properties.GetProperty("products").GetArrayLength() + properties.GetProperty("products_omitted").GetInt32());
    }

    [Fact]
    public void Shift_moves_every_time_by_the_same()
    {
        using var file = new TempFile(RetailRow.ToCsv(RetailRow.Traps));
        var source = OnlineRetailFile.Open(new SourceFile(file.Path), "default", "Europe/London");
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

        var shift = ImportPlan.ShiftTo(now.ToUnixTimeMilliseconds(), source.NewestMs);
        var moved = source.Read(Plan with { ShiftMs = shift }).ToArray();

        Assert.Equal(0, shift % 1000);
        Assert.Equal("2026-01-02T03:04:05.000Z", Text(JsonDocument.Parse(moved[^1].Json).RootElement, "timestamp"));
        Assert.Equal(source.Read(Plan).Select(e => e.TimeMs + shift), moved.Select(e => e.TimeMs));
    }

    internal static SortedDictionary<string, (int Orders, decimal Revenue)> Totals(IEnumerable<JsonElement> events)
    {
        var totals = new SortedDictionary<string, (int Orders, decimal Revenue)>(StringComparer.Ordinal);
        foreach (var sent in events)
        {
            var total = totals.GetValueOrDefault(Text(sent, "userId"));
            var properties = sent.GetProperty("properties");
            if (Text(sent, "event") == "Order Completed")
                totals[Text(sent, "userId")] = (total.Orders + 1, total.Revenue + properties.GetProperty("revenue").GetDecimal());
            else
                totals[Text(sent, "userId")] = (total.Orders, total.Revenue - properties.GetProperty("total").GetDecimal());
        }

        return totals;
    }

    private static JsonElement Order(IEnumerable<JsonElement> events, string id) =>
        events.Single(e => e.GetProperty("properties").TryGetProperty("order_id", out var order) && order.ValueEquals(id));

    private static List<JsonElement> Events(byte[] csv, out ImportCounts counts)
    {
        using var file = new TempFile(csv);
        return [.. Events(new SourceFile(file.Path), out counts).Select(e => JsonDocument.Parse(e).RootElement)];
    }

    private static List<string> Events(SourceFile file, out ImportCounts counts)
    {
        var source = OnlineRetailFile.Open(file, "default", "Europe/London");
        counts = source.Counts;
        return [.. source.Read(Plan).Select(e => Encoding.UTF8.GetString(e.Json))];
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
