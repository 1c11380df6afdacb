using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class OrderTests
{
    [Theory]
    [InlineData("""{"order_id":"1","revenue":12.34,"total":99}""", "12.34")]
    [InlineData("""{"order_id":"1","revenue":"12.34"}""", "12.34")]
    [InlineData("""{"order_id":"1","total":99.999}""", "99.999")]
    [InlineData("""{"order_id":"1","products":[{"price":2.5,"quantity":3},{"price":"1.10"}]}""", "8.6")]
    [InlineData("""{"order_id":"1","revenue":null,"total":1e2}""", "100")]
    [InlineData("""{"order_id":1,"revenue":0.30000000000000004}""", "0.3")]
    [InlineData("""{"order_id":"1"}""", "0")]
    [InlineData("""{"order_id":"1","revenue":"much"}""", "0")]
    [InlineData("""{"order_id":"1","revenue":1e13,"total":5}""", "5")]
    public void Value_is_revenue_then_total_then_products(string properties, string expected)
    {
        var story = new Story().Track(1, "Order Completed", properties);
        Assert.Equal(1, story.Orders);
        Assert.Equal(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), story.Revenue());
    }

    [Fact]
    public void Order_without_number_is_counted_as_an_event_only()
    {
        var story = new Story().Track(1, "Order Completed", """{"revenue":5}""");
        Assert.Equal(0, story.Orders);
        Assert.Equal(1, story.Profile.GetProperty("events").GetInt64());
    }

    [Fact]
    public void Same_order_under_another_message_adds_nothing()
    {
        var story = new Story().Order(1, "a", 60.5m).Order(1, "a", 60.5m).Order(2, "a", 60.5m);
        Assert.Equal(1, story.Orders);
        Assert.Equal(60.5m, story.Revenue());
        Assert.Equal(60, story.Points);
    }

    [Fact]
    public void Partial_refund_takes_revenue_and_leaves_points_for_what_remains()
    {
        var story = new Story().Order(1, "a", 100).Refund(2, "a", "r1", 33.4m);
        Assert.Equal(66.6m, story.Revenue());
        Assert.Equal(66, story.Points);
        Assert.Equal(["-34 points"], story.Notes);
        Assert.Equal(1, story.Orders);
    }

    [Fact]
    public void Same_refund_twice_counts_once_and_another_one_counts_too()
    {
        var story = new Story().Order(1, "a", 100).Refund(2, "a", "r1", 10).Refund(3, "a", "r1", 10).Refund(4, "a", "r2", 10);
        Assert.Equal(80, story.Revenue());
    }

    [Fact]
    public void Refund_without_amount_takes_all_that_is_left()
    {
        var story = new Story().Order(1, "a", 100).Refund(2, "a", "r1", 10).Refund(3, "a", "r2");
        Assert.Equal(0, story.Revenue());
        Assert.Equal(0, story.Points);
        Assert.Equal(1, story.Orders);
    }

    [Fact]
    public void Refunds_never_exceed_the_order()
    {
        var story = new Story().Order(1, "a", 100).Refund(2, "a", "r1", 80).Refund(3, "a", "r2", 80);
        Assert.Equal(0, story.Revenue());
    }

    [Fact]
    public void Refund_of_products_alone_takes_their_prices_from_the_order()
    {
        var story = new Story()
            .Track(1, "Order Completed", """
                {"order_id":"a","revenue":50,"products":[{"product_id":"p","price":10,"quantity":2},{"sku":"q","price":30}]}
                """)
            .Track(2, "Order Refunded", """{"order_id":"a","refund_id":"r","products":[{"product_id":"p","quantity":1}]}""");
        Assert.Equal(40, story.Revenue());
        Assert.Equal(40, story.Points);
    }

    [Fact]
    public void Refund_of_products_with_prices_takes_those()
    {
        var story = new Story()
            .Order(1, "a", 50)
            .Track(2, "Order Refunded", """{"order_id":"a","refund_id":"r","products":[{"product_id":"p","quantity":2,"price":7}]}""");
        Assert.Equal(36, story.Revenue());
    }

    [Fact]
    public void Refund_and_products_that_come_before_their_order_wait_for_it()
    {
        var story = new Story()
            .Track(3, "Order Refunded", """{"order_id":"a","refund_id":"r","products":[{"product_id":"p","quantity":1}]}""")
            .Refund(4, "a", "r2", 5);
        Assert.Equal(0, story.Revenue());
        story.Track(1, "Order Completed", """{"order_id":"a","revenue":50,"products":[{"product_id":"p","price":10,"quantity":2}]}""");
        Assert.Equal(35, story.Revenue());
        Assert.Equal(35, story.Points);
    }

    [Fact]
    public void Refund_without_order_takes_revenue_on_account_and_no_points()
    {
        var story = new Story()
            .Order(1, "a", 100)
            .Track(2, "Order Refunded", """{"refund_id":"C1","total":30}""")
            .Track(3, "Order Refunded", """{"refund_id":"C1","total":30}""");
        Assert.Equal(70, story.Revenue());
        Assert.Equal(100, story.Points);
    }

    [Fact]
    public void Cancelled_order_no_longer_counts_in_either_order_of_arrival()
    {
        var story = new Story().Order(1, "a", 100).Order(2, "b", 10).Cancel(3, "a");
        Assert.Equal((1, 10m, 10), (story.Orders, story.Revenue(), story.Points));

        var reversed = new Story().Cancel(3, "a").Order(1, "a", 100).Order(2, "b", 10);
        Assert.Equal((1, 10m, 10), (reversed.Orders, reversed.Revenue(), reversed.Points));
    }

    [Fact]
    public void Updated_value_replaces_the_placed_one_and_the_newest_update_wins()
    {
        var story = new Story()
            .Track(3, "Order Updated", """{"order_id":"a","revenue":80}""")
            .Order(1, "a", 100)
            .Track(2, "Order Updated", """{"order_id":"a","revenue":70}""");
        Assert.Equal(80, story.Revenue());
        Assert.Equal(80, story.Points);
    }

    [Fact]
    public void Points_follow_fixed_rates_and_other_currencies_earn_none()
    {
        var program = Engagement.Program.ProgramDocument.Default with
        {
            Rates = [new Engagement.Program.CurrencyRate("USD", 900_000)],
            Loyalty = new Engagement.Program.LoyaltyRules { PointsPerUnitMicros = 2_000_000 },
        };
        var story = new Story(program: program)
            .Track(1, "Order Completed", """{"order_id":"a","revenue":100,"currency":"usd"}""")
            .Track(2, "Order Completed", """{"order_id":"b","revenue":100,"currency":"GBP"}""")
            .Track(3, "Order Completed", """{"order_id":"c","revenue":1.9}""");
        Assert.Equal(180 + 3, story.Points);
        Assert.Equal((100m, 100m, 1.9m), (story.Revenue("USD"), story.Revenue("GBP"), story.Revenue()));
    }

    [Fact]
    public void Ledger_has_two_sides_and_sums_to_zero()
    {
        var story = new Story().Order(1, "a", 100).Refund(2, "a", "r1", 33).Order(3, "b", 20).Cancel(4, "a");
        var ledger = story.State.Ledger!;
        Assert.Equal(0, ledger.Sum);
        Assert.Equal(20, ledger[PointsAccount.Available]);
        Assert.Equal(-20, ledger[PointsAccount.Issued]);
        Assert.Equal([100L, 33, 20, 67], ledger.Lines.Select(l => l.Points));
    }

    [Fact]
    public void More_orders_than_are_kept_one_by_one_still_count()
    {
        var story = new Story();
        for (var i = 0; i < 1_200; i++)
            story.Order(i, "o" + i, 1);
        Assert.Equal((1_200, 1_200m, 1_200), (story.Orders, story.Revenue(), story.Points));
        Assert.Equal(1_000, story.State.Orders!.Count);
        Assert.Equal(1_200, story.State.Purchases.Days);
        Assert.Equal(Story.Ms(0), story.State.Purchases.FirstMs);

        story.Order(1_200, "o3", 1).Refund(1_201, "o3", "r", 1);
        Assert.Equal((1_200, 1_199m), (story.Orders, story.Revenue()));
        var before = story.State.Purchases;
        story.Reload().Cancel(1_202, "o1100");
        Assert.Equal(1_199, story.State.Purchases.Days);
        Assert.Equal(before.LastMs, story.State.Purchases.LastMs);
    }

    [Fact]
    public void Endless_refunds_of_unknown_orders_are_refused_as_a_fault()
    {
        var story = new Story();
        for (var i = 0; i < 1_000; i++)
            story.Cancel(1, "o" + i);
        Assert.Throws<Engagement.Customers.StateBoundException>(() => story.Cancel(1, "one more"));
    }
}
