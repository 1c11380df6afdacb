using System.Text;
using System.Text.Json;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Segments;
using OrleansCrm.Engagement.Tests.Customers;

namespace OrleansCrm.Engagement.Tests.Segments;

/// <summary>Customers go by the parameters of their segment, from the very step on in which they come to belong to it.</summary>
public sealed class SegmentChurnTests
{
    private const string Slow = """{"name":"mbg-nbd","r":0.9,"alphaWeeks":40,"a":0.3,"b":2}""";
    private const string Quick = """{"name":"pareto-nbd","r":1.4,"alphaWeeks":3,"s":0.5,"betaWeeks":9}""";

    /// <summary>Wholesale by a trait, the worried for ten days from a ticket on, those who have been there for 60 days by time alone; and one that asks for the risk.</summary>
    internal static readonly ProgramDocument Shop = Parse($$$$$"""
        {"churn":{"bySegment":[{"segment":"wholesale","model":{{{{{Slow}}}}},"calibration":{"intercept":0.2,"slope":1.1}},{"segment":"worried","model":{{{{{Quick}}}}}},{"segment":"settled","model":{"name":"nbd","r":1.1,"alphaWeeks":8}}]},
        "alerts":{"policies":{"detractor":{"when":{"field":"risk","atLeast":0.5}}}},
        "segments":{"wholesale":{"when":{"field":"traits.k1","exists":true}},"helped":{"when":{"count":"tickets","within":"10d","atLeast":1}},
          "worried":{"when":{"any":[{"segment":"helped"},{"field":"csat","atMost":2}]}},"settled":{"when":{"field":"daysSinceFirstSeen","atLeast":60}},
          "dear":{"when":{"all":[{"field":"risk","atLeast":0.6},{"field":"clv","above":10}]}}}}
        """);

    [Fact]
    public void Event_that_makes_a_customer_belong_sets_risk_and_instants_anew_in_the_same_step()
    {
        var story = new Story(program: Shop).Order(0, "a").Order(20, "b");
        var before = story.Profile.GetProperty("churn");
        Assert.Equal(Expected(story, Shop.Churn), story.State.Churn);
        Assert.False(before.TryGetProperty("segment", out _));

        story.Identify(21, """{"k1":"yes"}""");

        var own = Shop.Churn with { Model = Shop.Churn.BySegment[0].Model, Calibration = Shop.Churn.BySegment[0].Calibration };
        var after = story.Profile.GetProperty("churn");
        Assert.Equal("wholesale", after.GetProperty("segment").GetString());
        Assert.Equal(Expected(story, own), story.State.Churn);
        Assert.NotEqual(Expected(story, Shop.Churn), story.State.Churn);
        Assert.Equal(Math.Round(ChurnInstants.RiskAt(story.State.Purchases, own, Story.Ms(21)), 6), after.GetProperty("risk").GetDouble(), 6);
        Assert.NotEqual(before.GetProperty("crossesAt").GetRawText(), after.GetProperty("crossesAt").GetRawText());
        Assert.Equal(story.Digest, story.Reload().Digest);
    }

    [Fact]
    public void First_segment_of_the_program_counts_and_leaving_it_leads_to_the_next()
    {
        var story = new Story(program: Shop).Order(0, "a").Order(5, "b").Identify(6, """{"k1":"yes"}""").Track(7, "Ticket Opened", """{"ticket_id":"t"}""");
        Assert.Equal("wholesale", SegmentOf(story));
        story.Identify(8, """{"k1":null}""");
        Assert.Equal("worried", SegmentOf(story));
        story.Wake(17.0);
        Assert.Null(SegmentOf(story));
    }

    [Fact]
    public void Time_alone_changes_the_parameters_at_its_second_and_an_alert_comes_or_goes_with_them()
    {
        // Under the parameters of those who have just had a ticket, forty days are long; under everybody's they are not.
        var story = new Story(program: Shop);
        for (var i = 0; i < 6; i++)
            story.Order(i * 4, "o" + i);
        story.Track(48, "Ticket Opened", """{"ticket_id":"t"}""").WakeWhenDue(57.9);
        Assert.Equal(("worried", "recapture"), (SegmentOf(story), story.Phase));
        Assert.NotEmpty(Churns(story));

        story.WakeWhenDue(58.0);
        Assert.Equal(Story.Ms(58), story.State.NewestMs);
        Assert.Null(SegmentOf(story));
        Assert.Equal(Expected(story, Shop.Churn), story.State.Churn);
        Assert.Equal(story.State.Churn.AtRiskMs > Story.Ms(58), Churns(story).Length == 0);
        Assert.Equal("settled", SegmentOf(story.WakeWhenDue(60)));
    }

    /// <summary>The second look at the same: what is asked of the facts by hand, under the parameters that a list of orders and a clock ask for.</summary>
    [Fact]
    public void Every_moment_of_a_random_life_agrees_with_a_naive_reckoning_from_all_facts()
    {
        var (seen, moved) = (new HashSet<string>(StringComparer.Ordinal), 0);
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var story = new Story(program: Shop);
            var naive = new NaiveShopper();
            var day = 0.0;
            var before = "";
            for (var i = random.Next(3, 16); i > 0; i--)
            {
                day = Math.Round(day + random.NextDouble() * random.Next(1, 30), 4);
                while (story.State.NextWakeMs != 0 && story.State.NextWakeMs < Story.Ms(day))
                {
                    story.Wake(story.State.NextWakeMs);
                    Compare();
                }

                naive.Do(story, day, random.Next(6), i);
                Compare();
            }

            void Compare()
            {
                var expected = naive.At(story.State.NewestMs);
                Assert.Equal((seed, expected.Segment, expected.AtRisk, expected.Lost), (seed, SegmentOf(story) ?? "", story.State.Churn.AtRiskMs, story.State.Churn.LostMs));
                Assert.Equal(
                    expected.AtRisk != 0 && expected.AtRisk <= story.State.NewestMs,
                    story.Phase is "recapture" or "lost");
                seen.Add(expected.Segment);
                moved += before == expected.Segment ? 0 : 1;
                before = expected.Segment;
            }
        }

        Assert.Equal(["", "settled", "wholesale", "worried"], seen.Order(StringComparer.Ordinal));
        Assert.True(moved > 200, moved.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Alert_is_explained_by_the_parameters_of_the_segment()
    {
        var story = new Story(program: Shop);
        for (var i = 0; i < 6; i++)
            story.Order(i * 4, "o" + i);
        story.Track(48, "Ticket Opened", """{"ticket_id":"t"}""").WakeWhenDue(57.9);
        var alert = Assert.Single(story.State.Alerts!, a => a.Kind == ChurnAlertRules.Kind);
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            AlertBasis.Of(story.State, Shop, alert.Id)!.Write(json);
        var basis = Story.Json(buffer.ToArray());
        Assert.Equal(("worried", "pareto-nbd"), (basis.GetProperty("segment").GetString(), basis.GetProperty("model").GetProperty("name").GetString()));
        Assert.True(basis.GetProperty("risk").GetDouble() >= basis.GetProperty("threshold").GetDouble() - 1e-6);
    }

    [Fact]
    public void New_parameters_of_a_segment_move_its_customers_alone()
    {
        var (inside, outside) = (new Story(program: Shop).Order(0, "a").Order(3, "b").Identify(4, """{"k1":"x"}"""), new Story(program: Shop).Order(0, "a").Order(3, "b").Page(4));
        var (was, stays) = (inside.State.NextWakeMs, outside.State.NextWakeMs);
        var next = Shop with
        {
            Version = 2,
            Churn = Shop.Churn with { BySegment = [Shop.Churn.BySegment[0] with { Model = BetaGeometricModel.MbgCdnow with { Alpha = 90 } }, .. Shop.Churn.BySegment.Skip(1)] },
        };
        inside.Publish(next);
        outside.Publish(next);
        Assert.Equal(stays, outside.State.NextWakeMs);
        Assert.Equal(Expected(inside, next.Churn with { Model = next.Churn.BySegment[0].Model, Calibration = next.Churn.BySegment[0].Calibration }), inside.State.Churn);
        Assert.NotEqual(was, inside.State.Churn.AtRiskMs);
    }

    [Theory]
    [InlineData("""{"field":"risk","atLeast":0.5}""", "risk")]
    [InlineData("""{"not":{"field":"phase","is":"lost"}}""", "phase")]
    [InlineData("""{"any":[{"field":"orders","atLeast":1},{"field":"clv","above":5}]}""", "clv")]
    [InlineData("""{"all":[{"segment":"inner"}]}""", "probabilityAlive")]
    public void Segment_that_asks_for_what_follows_from_the_model_is_refused_by_the_fields_name(string when, string field)
    {
        var error = Assert.Throws<ProgramException>(() => Parse($$$$$"""
            {"segments":{"inner":{"when":{"field":"probabilityAlive","below":0.5}},"outer":{"when":{{{{{when}}}}}},"plain":{"when":{"field":"nps","atLeast":9}}},
            "churn":{"bySegment":[{"segment":"plain"},{"segment":"outer"}]}}
            """));
        var fault = Assert.Single(error.Faults);
        Assert.Equal("churn.bySegment[1].segment", fault.Field);
        Assert.Contains(field + ",", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_and_repeated_segments_are_refused_and_what_is_read_is_written()
    {
        var error = Assert.Throws<ProgramException>(() => Parse("""
            {"segments":{"a":{"when":{"field":"nps","atLeast":9}}},"churn":{"bySegment":[{"segment":"a"},{"segment":"a"},{"segment":"b"},{"model":{"r":0.1}}]}}
            """));
        Assert.Equal(
            ["churn.bySegment[1].segment", "churn.bySegment[2].segment", "churn.bySegment[3].segment"],
            error.Faults.Select(f => f.Field).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Shop.ToJson(), ProgramDocument.Parse(Shop.ToJson()).ToJson());
        Assert.Equal(Shop.Churn.BySegment, ProgramDocument.Parse(Shop.ToJson()).Churn.BySegment);
    }

    [Theory]
    [InlineData("""{"field":"tier","is":"gold"}""", "tier")]
    [InlineData("""{"count":"Order Completed","within":"30d","atLeast":2}""", "Order Completed")]
    [InlineData("""{"count":"refunds","within":"30d","atLeast":1}""", "refunds")]
    [InlineData("""{"field":"traits.plan","is":"pro"}""", null)]
    [InlineData("""{"count":"Product Viewed","within":"30d","atLeast":1}""", null)]
    public void Segments_chosen_by_purchases_are_told_from_others(string when, string? field)
    {
        var program = Parse($$$$$"""{"loyalty":{"tiers":{"levels":[{"name":"gold","from":10}]}},"segments":{"s":{"when":{{{{{when}}}}}},"t":{"when":{"segment":"s"}}}}""");
        Assert.Equal((field, field, null), (SegmentReach.PurchaseField(program.Segments, "s"), SegmentReach.PurchaseField(program.Segments, "t"), SegmentReach.ModelField(program.Segments, "t")));
    }

    private static ChurnInstants Expected(Story story, ChurnRules rules) => ChurnInstants.Of(story.State.Purchases, rules);

    private static string? SegmentOf(Story story) =>
        story.Profile.GetProperty("churn").TryGetProperty("segment", out var segment) ? segment.GetString() : null;

    private static Alert[] Churns(Story story) => [.. (story.State.Alerts ?? []).Where(a => !a.IsFinished && a.Kind == ChurnAlertRules.Kind)];

    internal static ProgramDocument Parse(string json) => ProgramDocument.Parse(Encoding.UTF8.GetBytes(json));

    /// <summary>Knows the conditions of <see cref="Shop"/> by heart and works everything out again each time.</summary>
    private sealed class NaiveShopper
    {
        private const long Day = 86_400_000;

        private readonly List<long> _orders = [];
        private readonly List<long> _tickets = [];
        private bool _isWholesale;
        private int _csat;
        private long _firstMs;

        public void Do(Story story, double day, int what, int id)
        {
            var ms = Story.Ms(day);
            _firstMs = _firstMs == 0 ? ms : _firstMs;
            switch (what)
            {
                case 0:
                    _tickets.Add(ms);
                    story.Track(day, "Ticket Opened", $$"""{"ticket_id":"t{{id}}"}""");
                    break;
                case 1:
                    _isWholesale = id % 2 == 0;
                    story.Identify(day, _isWholesale ? """{"k1":true}""" : """{"k1":null}""");
                    break;
                case 2:
                    _csat = 1 + id % 5;
                    story.Track(day, "Survey Answered", $$"""{"kind":"csat","score":{{_csat}},"survey_id":"c{{id}}"}""");
                    break;
                default:
                    _orders.Add(ms);
                    story.Order(day, "o" + id);
                    break;
            }
        }

        public (string Segment, long AtRisk, long Lost) At(long nowMs)
        {
            var segment = _isWholesale ? "wholesale"
                : _tickets.Exists(t => t + 10 * Day > nowMs) || _csat is 1 or 2 ? "worried"
                : nowMs - _firstMs >= 60 * Day ? "settled"
                : "";
            var own = Shop.Churn.BySegment.FirstOrDefault(s => s.Segment == segment);
            var (model, calibration) = (own?.Model ?? Shop.Churn.Model, own?.Calibration ?? RiskCalibration.None);
            if (_orders.Count < 2)
                return (segment, 0, 0);
            var repeats = _orders.Select(o => o / Day).Distinct().Count() - 1;
            var history = new PurchaseHistory(repeats, Weeks.FromMilliseconds(repeats == 0 ? 0 : _orders[^1] - _orders[0]));
            return (segment, FirstSecond(0.75, 0.25), FirstSecond(0.9, 0.5));

            double Risk(long silenceMs) => calibration.Of(model.HorizonRisk(history, Weeks.FromMilliseconds(silenceMs), Weeks.FromDays(90)));

            long FirstSecond(double floor, double share)
            {
                var threshold = Math.Max(floor, Risk(0) + share * (1 - Risk(0)));
                var (low, high) = (_orders[^1] / 1_000, _orders[^1] / 1_000 + 3_000_000_000);
                if (Risk(high * 1_000 - _orders[^1]) < threshold)
                    return 0;
                while (high - low > 1)
                {
                    var middle = (low + high) / 2;
                    (low, high) = Risk(middle * 1_000 - _orders[^1]) >= threshold ? (low, middle) : (middle, high);
                }

                return high * 1_000;
            }
        }
    }
}
