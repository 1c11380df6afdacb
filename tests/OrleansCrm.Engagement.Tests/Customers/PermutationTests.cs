using System.Globalization;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Segments;

namespace OrleansCrm.Engagement.Tests.Customers;

/// <summary>What a history means does not depend on the order in which it arrives.</summary>
public sealed class PermutationTests
{
    /// <summary>Everything that a loyalty program can have.</summary>
    internal static readonly ProgramDocument Loyal = ProgramDocument.Default with
    {
        Loyalty = new LoyaltyRules
        {
            ReturnDays = 14,
            Expiry = new ExpiryRules { AfterDays = 150 },
            Bonuses = new BonusRules { Welcome = 100 },
            Campaigns = [new Campaign("spring", Story.Ms(60), Story.Ms(90), 2_000_000)],
            Earn = [new EarnRule(["p1", "p2"], [], 3_000_000)],
            Tiers = new TierRules
            {
                WindowDays = 100,
                Levels = [new TierLevel("silver", 200, 1_250_000), new TierLevel("gold", 600, 2_000_000)],
            },
        },
    };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Same_facts_in_any_order_mean_the_same(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            var program = (round % 4) switch
            {
                0 => ProgramDocument.Default with { Churn = new ChurnRules { OrdersMin = 1 } },
                1 => Loyal,
                2 => SegmentChurnTests.Shop,
                _ => ProgramDocument.Default,
            };
            var facts = History(random);
            var end = facts.Max(f => f.TimeMs) + random.NextInt64(0, 400 * 86_400_000L);
            var inOrder = Tell(facts.OrderBy(f => f.TimeMs), end, program, wakes: false, random);
            var shuffled = Tell(Shuffled(facts, random), end, program, wakes: false, random);
            var woken = Tell(Shuffled(facts, random), end, program, wakes: true, random);
            Assert.True(inOrder == shuffled, $"seed {seed} round {round}:\n{inOrder}\n{shuffled}");
            Assert.True(inOrder == woken, $"seed {seed} round {round}, woken:\n{inOrder}\n{woken}");
        }
    }

    [Fact]
    public void Random_histories_come_to_alerts_and_to_every_phase()
    {
        var random = new Random(0);
        var anyCart = ProgramDocument.Parse("""{"alerts":{"policies":{"cart_abandoned":{"valueMin":0}}}}"""u8);
        var digests = Enumerable.Range(0, 500).Select(_ => Tell(Shuffled(History(random), random), Story.Ms(300), anyCart, false, random));
        var all = string.Concat(digests);
        foreach (var phase in new[] { "orientation", "bonding", "loyalty", "advocacy", "recapture", "lost" })
            Assert.Contains($"\"phase\":\"{phase}\"", all, StringComparison.Ordinal);
        foreach (var kind in new[] { "churn_risk", "cart_abandoned", "detractor", "payment_failed", "ticket_unanswered" })
            Assert.True(all.Split($"\"kind\":\"{kind}\"").Length > (kind == "churn_risk" ? 50 : 1), kind);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_purchase_raises_an_alert_and_balances_sum_to_zero(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            var facts = round % 2 == 0 ? [.. History(random).OrderBy(f => f.TimeMs)] : Shuffled(History(random), random);
            var story = new Story(program: round % 4 < 2 ? Loyal : ProgramDocument.Default);
            foreach (var (timeMs, type, payload) in facts)
            {
                var open = story.State.IsEmpty ? [] : story.OpenAlerts;
                var nothingDue = story.State.NextWakeMs == 0 || story.State.NextWakeMs > Math.Max(timeMs, story.State.NewestMs);
                story.Own(type, (timeMs - Story.StartMs) / 86_400_000.0, payload);
                if (nothingDue && payload.Contains("Order Completed", StringComparison.Ordinal))
                    Assert.All(story.OpenAlerts, id => Assert.Contains(id, open));
                Assert.Equal(0, story.State.Ledger?.Sum ?? 0);
                if (random.Next(5) == 0)
                    story.Reload();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Snapshot_in_the_middle_changes_no_byte(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            var facts = Shuffled(History(random), random);
            var program = round % 2 == 0 ? Loyal : ProgramDocument.Default;
            var (straight, broken) = (new Story(program: program), new Story(program: program));
            foreach (var (timeMs, type, payload) in facts)
            {
                var day = (timeMs - Story.StartMs) / 86_400_000.0;
                straight.Own(type, day, payload);
                broken.Reload().Own(type, day, payload);
                if (random.Next(10) == 0 && straight.OpenAlerts is [var alert])
                {
                    var command = random.Next(3) switch { 0 => EntryTypes.AlertClaim, 1 => EntryTypes.AlertRelease, _ => EntryTypes.AlertResolve };
                    straight.Command(day, command, alert, "ada@x");
                    broken.Command(day, command, alert, "ada@x");
                }

                Assert.Equal(straight.Output.Notes, broken.Output.Notes);
                Assert.True(SnapshotCodec.Encode(straight.State).AsSpan().SequenceEqual(SnapshotCodec.Encode(broken.State)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_event_told_twice_changes_neither_orders_nor_money_nor_points(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            var facts = History(random);
            var program = round % 2 == 0 ? Loyal : ProgramDocument.Default;
            var (once, twice) = (new Story(program: program), new Story(program: program));
            foreach (var (timeMs, type, payload) in facts)
            {
                once.Own(type, (timeMs - Story.StartMs) / 86_400_000.0, payload);
                twice.Own(type, (timeMs - Story.StartMs) / 86_400_000.0, payload);
            }

            foreach (var (timeMs, type, payload) in facts)
                twice.Own(type, (timeMs - Story.StartMs) / 86_400_000.0, payload);
            Assert.Equal((once.Orders, once.Revenue(), once.Points), (twice.Orders, twice.Revenue(), twice.Points));
            Assert.Equal((once.Phase, once.PhaseSince), (twice.Phase, twice.PhaseSince));
        }
    }

    private static string Tell(IEnumerable<Fact> facts, long endMs, ProgramDocument program, bool wakes, Random random)
    {
        var story = new Story(program: program);
        foreach (var (timeMs, type, payload) in facts)
        {
            story.Own(type, (timeMs - Story.StartMs) / 86_400_000.0, payload);
            if (wakes && story.State.NextWakeMs != 0 && story.State.NextWakeMs <= endMs && random.Next(2) == 0)
                story.Wake(story.State.NextWakeMs);
        }

        story.Wake(endMs);
        Assert.True(story.State.NextWakeMs == 0 || story.State.NextWakeMs > endMs);
        return story.Digest;
    }

    internal static Fact[] Shuffled(Fact[] facts, Random random)
    {
        var shuffled = facts.ToArray();

        // Sometimes only neighbours change places, as in real life; sometimes everything.
        if (random.Next(2) == 0)
        {
            random.Shuffle(shuffled);
        }
        else
        {
            for (var i = 0; i + 1 < shuffled.Length; i += 2)
                (shuffled[i], shuffled[i + 1]) = (shuffled[i + 1], shuffled[i]);
        }

        return shuffled;
    }

    internal static Fact[] History(Random random)
    {
        var facts = new List<Fact>();
        var day = 0.0;
        var orders = random.Next(1, 9);
        var gap = random.Next(1, 60);
        var step = random.Next(3) == 0 ? 1.0 : 1 / 86_400_000.0;
        for (var i = 0; i < orders; i++)
        {
            day += random.Next(4) == 0 ? random.NextDouble() : random.NextDouble() * gap * (random.Next(5) == 0 ? 8 : 1);
            var value = random.Next(0, 30_000) / 100m;
            var lines = random.Next(2) == 0 ? "" : Say($$""","products":[{"product_id":"p{{i}}","price":{{value / 2}},"quantity":2}]""");
            Add(day, "Order Completed", Say($$"""{"order_id":"o{{i}}","revenue":{{value}},"currency":"{{(i % 4 == 3 ? "USD" : "EUR")}}"{{lines}}}"""));
            var after = day + random.NextDouble() * 100;
            switch (random.Next(12))
            {
                case 0:
                    Add(after, "Order Cancelled", Say($$"""{"order_id":"o{{i}}"}"""));
                    break;
                case 1:
                    Add(after, "Order Refunded", Say($$"""{"order_id":"o{{i}}","refund_id":"r"}"""));
                    break;
                case 2:
                    Add(after, "Order Refunded", Say($$"""{"order_id":"o{{i}}","refund_id":"r","total":{{value / 3:0.00}}}"""));
                    Add(after + 1, "Order Refunded", Say($$"""{"order_id":"o{{i}}","refund_id":"s","amount":"{{value / 2:0.00}}"}"""));
                    break;
                case 3:
                    Add(after, "Order Refunded", Say($$"""{"order_id":"o{{i}}","refund_id":"t","products":[{"product_id":"p{{i}}"}]}"""));
                    break;
                case 4:
                    Add(after, "Order Updated", Say($$"""{"order_id":"o{{i}}","revenue":{{value + 7}}}"""));
                    Add(after + random.NextDouble(), "Order Updated", Say($$"""{"order_id":"o{{i}}","total":{{value + 9}}}"""));
                    break;
                case 5:
                    Add(day + 3, "Order Delivered", Say($$"""{"order_id":"o{{i}}"}"""));
                    break;
                case 6:
                    Add(after, "Order Refunded", Say($$"""{"refund_id":"account{{i}}","total":5,"currency":"EUR"}"""));
                    break;
                case 8:
                    Add(day - 2, "Order Completed", Say($$"""{"order_id":"o{{i}}","revenue":{{value + 1}},"currency":"GBP"}"""));
                    break;
                case 7:
                    Add(after, "Order Completed", Say($$"""{"order_id":"o{{i}}","revenue":{{value}},"currency":"{{(i % 4 == 3 ? "USD" : "EUR")}}"}"""));
                    break;
            }
        }

        for (var i = random.Next(9); i > 0; i--)
        {
            var time = Story.Ms(Math.Floor(random.NextDouble() * (day + 200) / step) * step);
            facts.Add(random.Next(11) switch
            {
                10 => new Fact(time, EntryTypes.Track, """{"event":"Product Added","properties":{"product_id":"p1"}}"""),
                9 => new Fact(time, EntryTypes.Track, """{"event":"Payment Failed"}"""),
                8 => new Fact(time, EntryTypes.Track, Say($$$"""{"event":"Ticket {{{(i % 2 == 0 ? "Opened" : "Closed")}}}","properties":{"ticket_id":"t{{{i / 4}}}"}}""")),
                7 => new Fact(time, EntryTypes.Track, Say($$$"""{"event":"Survey Answered","properties":{"kind":"csat","score":{{{random.Next(1, 6)}}},"survey_id":"c{{{i}}}"}}""")),
                6 => new Fact(time, EntryTypes.Track, $$$"""{"event":"Consent Changed","properties":{"purpose":"service","granted":{{{(random.Next(4) == 0 ? "false" : "true")}}}}}"""),
                5 => new Fact(time, EntryTypes.Track, Say($$$"""{"event":"Survey Answered","properties":{"kind":"nps","score":{{{random.Next(11)}}},"survey_id":"s{{{i}}}"}}""")),
                4 => new Fact(time, EntryTypes.Track, Say($$$"""{"event":"Product Reviewed","properties":{"review_id":"r{{{i % 3}}}","rating":{{{random.Next(1, 6)}}}}}""")),
                3 => new Fact(time, EntryTypes.Track, ConsentEvent(random.Next(2) == 0 ? "email" : "*", random.Next(2) == 0)),
                0 => new Fact(time, EntryTypes.Page, """{"type":"page","name":"Home"}"""),
                1 => new Fact(time, EntryTypes.Identify, Say($$"""{"traits":{"n":{{random.Next(9)}},"k{{random.Next(3)}}":"{{i}}"} }""")),
                _ => new Fact(time, EntryTypes.Track, """{"event":"Product Viewed","properties":{"name":"Cup"}}"""),
            });
        }

        return [.. facts];

        void Add(double at, string name, string properties) =>
            facts.Add(new Fact(Story.Ms(Math.Floor(at / step) * step), EntryTypes.Track, $$"""{"type":"track","event":"{{name}}","properties":{{properties}}}"""));
    }

    private static string ConsentEvent(string channel, bool isGranted) =>
        $$$"""{"event":"Consent Changed","properties":{"purpose":"marketing","channel":"{{{channel}}}","granted":{{{(isGranted ? "true" : "false")}}}}}""";

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    internal sealed record Fact(long TimeMs, string Type, string Payload);
}
