using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Customers;
using OrleansCrm.Engagement.Tests.Identity;

namespace OrleansCrm.Engagement.Tests.Loyalty;

public sealed class LoyaltyTests
{
    [Fact]
    public void Points_are_pending_until_the_return_window_closes()
    {
        var story = Shop("""{"returnDays":14}""").Order(1.5, "a", 60);
        Assert.Equal(["phase purchase", "+60 points pending"], story.Notes.Order().Reverse());
        Assert.Equal("0 available, 60 pending, 0 held, 0 spent, 0 expired", Books(story));

        story.WakeWhenDue(15.9);
        Assert.Equal("0 available, 60 pending, 0 held, 0 spent, 0 expired", Books(story));
        story.WakeWhenDue(16);
        Assert.Equal("60 available, 0 pending, 0 held, 0 spent, 0 expired", Books(story));
        Assert.Contains("60 points released", story.Notes);
    }

    [Fact]
    public void Points_expire_at_the_end_of_their_day_after_a_notice()
    {
        var story = Shop("""{"expiry":{"afterDays":100,"noticeDays":10}}""").Order(1.5, "a", 60);
        Assert.Equal(Story.At(102), story.Profile.GetProperty("loyalty").GetProperty("expiring")[0].GetProperty("at").GetString());

        var notes = Wakes(story, 101.9);
        Assert.Contains("60 points expire 2024-04-12", notes);
        Assert.Equal(60, story.Points);
        Assert.Contains("60 points expired", Wakes(story, 102));
        Assert.Equal("0 available, 0 pending, 0 held, 0 spent, 60 expired", Books(story));
    }

    [Fact]
    public void Held_points_do_not_expire_and_come_back_with_the_expiry_they_had()
    {
        var story = Shop("""{"expiry":{"afterDays":100},"redemption":{"holdSeconds":86400}}""").Order(1, "a", 60).Order(50, "b", 30);
        var hold = Hold(story, 100.5, 70);

        Wakes(story, 101.2);
        Assert.Equal("20 available, 0 pending, 70 held, 0 spent, 0 expired", Books(story));
        Wakes(story, 101.6);
        Assert.Equal("30 available, 0 pending, 0 held, 0 spent, 60 expired", Books(story));
        Assert.Equal("hold_expired", End(story, 101.7, hold, EntryTypes.RedemptionCommit));
    }

    [Fact]
    public void Tier_is_reached_at_once_multiplies_the_next_order_and_ends_with_a_warning()
    {
        var story = Shop("""{"tiers":{"windowDays":100,"graceDays":20,"warningDays":5,"levels":[{"name":"silver","from":50,"multiplier":1.5}]}}""");
        story.Order(1, "a", 60);
        Assert.Contains("tier silver", story.Notes);
        Assert.Equal(60, story.Points);
        story.Order(2, "b", 10);
        Assert.Equal(75, story.Points);
        Assert.Equal(Story.At(121), story.Profile.GetProperty("loyalty").GetProperty("tierProgress").GetProperty("until").GetString());

        Assert.Contains("tier silver ends 2024-05-01", Wakes(story, 116));
        Assert.Equal("silver", story.Profile.GetProperty("loyalty").GetProperty("tier").GetString());
        Assert.Contains("tier none", Wakes(story, 121));
    }

    [Theory]
    [InlineData(true, -60)]
    [InlineData(false, 0)]
    public void Refund_of_spent_points_leaves_a_debt_or_the_shop_gives_them(bool mayBeNegative, long available)
    {
        var story = Shop($$"""{"mayBeNegative":{{(mayBeNegative ? "true" : "false")}}}""").Order(1, "a", 60);
        End(story, 2, Hold(story, 2, 60), EntryTypes.RedemptionCommit);
        story.Refund(3, "a", "r");
        Assert.Equal($"{available} available, 0 pending, 0 held, 60 spent, 0 expired", Books(story));
        story.Order(4, "b", 100);
        Assert.Equal(available + 100, story.Points);
    }

    [Fact]
    public void What_is_sent_back_takes_the_points_of_its_own_line()
    {
        var story = Shop("""{"earn":[{"products":["mug"],"pointsPerUnit":5},{"categories":["Glass"],"pointsPerUnit":0}]}""")
            .Track(1, "Order Completed", """
                {"order_id":"a","revenue":60,
                "products":[{"product_id":"mug","price":10,"quantity":3},{"product_id":"cup","category":"Glass","price":20}]}
                """);
        Assert.Equal(30 * 5 + 10, story.Points);
        story.Track(2, "Order Refunded", """{"order_id":"a","refund_id":"1","products":[{"product_id":"mug","quantity":2}]}""");
        Assert.Equal(10 * 5 + 10, story.Points);
        story.Track(3, "Order Refunded", """{"order_id":"a","refund_id":"2","products":[{"product_id":"cup","price":20,"quantity":1}]}""");
        Assert.Equal(10 * 5 + 10, story.Points);
        story.Track(4, "Order Refunded", """{"order_id":"a","refund_id":"3","total":10}""");
        Assert.Equal((10 * 5 + 10) / 2, story.Points);
    }

    [Fact]
    public void New_program_changes_nothing_that_was_earned_before()
    {
        var story = Shop("""{"returnDays":14,"tiers":{"levels":[{"name":"s","from":10,"multiplier":2}]}}""").Order(1, "a", 60).Order(2, "b", 10);
        story.Publish(ProgramDocument.Default).WakeWhenDue(10);
        Assert.Equal("0 available, 80 pending, 0 held, 0 spent, 0 expired", Books(story));
        story.Order(11, "c", 10);
        Assert.Equal("10 available, 80 pending, 0 held, 0 spent, 0 expired", Books(story));
    }

    [Fact]
    public void Tiers_that_are_introduced_count_what_was_bought_before()
    {
        var story = new Story().Order(1, "a", 60);
        story.Publish(ProgramOf("""{"tiers":{"levels":[{"name":"silver","from":50,"multiplier":2}]}}"""));
        Assert.Equal("silver", story.Profile.GetProperty("loyalty").GetProperty("tier").GetString());
        Assert.Equal(80, story.Order(2, "b", 10).Points);
    }

    [Fact]
    public void Welcome_and_reviews_earn_once()
    {
        var story = Shop("""{"bonuses":{"welcome":100,"review":20,"reviewsPerYear":2}}""");
        story.Identify(2, """{"a":1}""").Identify(1, """{"a":2}""");
        Assert.Equal(100, story.Points);
        foreach (var review in new[] { "r1", "r1", "r2", "r3" })
            story.Track(3, "Product Reviewed", $$"""{"review_id":"{{review}}","product_id":"p"}""");
        Assert.Equal(140, story.Points);
    }

    [Fact]
    public void Hold_keeps_its_id_when_its_customer_is_linked()
    {
        var home = new Household(PermutationTests.Loyal).Order("anonymous:a", 1, "x", 100);
        home.Do("anonymous:a", s => s.Wake(20.0));
        var hold = "";
        home.Do("anonymous:a", s => hold = Hold(s, 21, 30));
        home.SignIn("user:u", 21, "anonymous:a").DeliverAll();

        Assert.Equal("170 available, 0 pending, 30 held, 0 spent, 0 expired", Books(home["user:u"]));
        Assert.Equal("moved", End(home["anonymous:a"], 21, hold, EntryTypes.RedemptionCommit));
        Assert.Equal("", End(home["user:u"], 21, hold, EntryTypes.RedemptionCommit));
        Assert.Equal("170 available, 0 pending, 0 held, 30 spent, 0 expired", Books(home["user:u"]));
        Assert.Equal((0, 0), (home.InTransit, home.AllAccounts));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Refund_of_everything_returns_to_the_start(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var story = new Story(program: PermutationTests.Loyal);
            var orders = random.Next(1, 8);
            for (var i = 1; i <= orders; i++)
            {
                story.Order(i * random.Next(1, 30), "o" + i, random.Next(1, 300));
                if (random.Next(2) == 0 && Hold(story, 0, random.Next(1, 50), "o" + i) is { Length: > 0 } hold)
                    End(story, 0, hold, random.Next(2) == 0 ? EntryTypes.RedemptionCommit : EntryTypes.RedemptionCancel);
            }

            foreach (var i in Enumerable.Range(1, orders).OrderBy(_ => random.Next()))
                _ = random.Next(2) == 0 ? story.Cancel(random.Next(100), "o" + i) : story.Refund(random.Next(100), "o" + i, "all");
            story.Wake(400.0);
            Assert.Equal("0 available, 0 pending, 0 held, 0 spent, 0 expired", Books(story));
            Assert.Equal(0, story.State.Ledger![PointsAccount.Issued]);
        }
    }

    [Fact]
    public void Long_silence_after_many_orders_is_lived_through()
    {
        var story = Shop("""{"expiry":{"afterDays":30}}""");
        for (var i = 0; i < 1_100; i++)
            story.Order(i / 10.0, "o" + i, 5);
        for (var i = 0; i < 600; i++)
            story.Own(EntryTypes.PointsAdjust, 125 + i, Encoding.UTF8.GetString(LoyaltyCommands.Adjust("k" + i, 1, "gift", "test")));
        story.Wake(5_000.0);
        Assert.Equal(0, story.Points);
        Assert.Equal(0, story.State.Ledger!.Sum);
        Assert.True(SnapshotCodec.Encode(story.State).AsSpan().SequenceEqual(SnapshotCodec.Encode(story.Reload().State)));
    }

    private static ProgramDocument ProgramOf(string loyalty) =>
        ProgramDocument.Parse(Encoding.UTF8.GetBytes($$"""{"loyalty":{{loyalty}}}"""));

    private static Story Shop(string loyalty) => new(program: ProgramOf(loyalty));

    private static string Hold(Story story, double day, long points, string order = "")
    {
        story.Own(EntryTypes.RedemptionHold, day, Encoding.UTF8.GetString(LoyaltyCommands.Hold("k" + story.Entries.Count, points, order, "test")));
        return story.Output.Command!.Code.Length > 0 ? "" : JsonDocument.Parse(story.Output.Command.Body).RootElement.GetProperty("holdId").GetString()!;
    }

    private static string End(Story story, double day, string hold, string how) =>
        story.Own(how, day, Encoding.UTF8.GetString(LoyaltyCommands.End(hold, "test"))).Output.Command!.Code;

    private static string[] Wakes(Story story, double untilDay)
    {
        var notes = new List<string>();
        while (story.State.NextWakeMs != 0 && story.State.NextWakeMs <= Story.Ms(untilDay))
            notes.AddRange(story.Wake(story.State.NextWakeMs).Notes);
        return [.. notes];
    }

    private static string Books(Story story)
    {
        var ledger = story.State.Ledger!;
        return $"{ledger[PointsAccount.Available]} available, {ledger[PointsAccount.Pending]} pending, {ledger[PointsAccount.Held]} held, "
            + $"{ledger[PointsAccount.Spent]} spent, {ledger[PointsAccount.Expired]} expired";
    }
}
