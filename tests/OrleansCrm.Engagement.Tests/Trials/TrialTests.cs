using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Trials;

namespace OrleansCrm.Engagement.Tests.Trials;

public sealed class TrialTests
{
    private static readonly ProgramDocument Half = ProgramDocument.Default with { Alerts = new AlertRules { ControlGroup = new ControlGroup { Share = 0.5, Salt = "t1" } } };

    [Fact]
    public void Lot_follows_from_key_and_salt_and_meets_its_share()
    {
        var (fifth, other) = (new ControlGroup { Share = 0.2, Salt = "a" }, new ControlGroup { Share = 0.2, Salt = "b" });
        var keys = Enumerable.Range(0, 20_000).Select(i => "default/user:u" + i).ToArray();
        Assert.InRange(keys.Count(fifth.Has), 3_800, 4_200);
        Assert.InRange(keys.Count(k => fifth.Has(k) && other.Has(k)), 700, 900);
        Assert.Equal(keys.Count(fifth.Has), keys.Count(k => (fifth with { Share = 0.5 }).Has(k) && fifth.Has(k)));
        Assert.DoesNotContain(keys, new ControlGroup().Has);
    }

    [Fact]
    public void Of_a_control_customer_nobody_is_told_and_his_return_counts()
    {
        var story = Silent(isControl: true);
        Assert.Contains("alert withheld churn_risk", story.Notes);
        Assert.Empty(story.OpenAlerts);
        Assert.Empty(story.Output.Outgoing);
        var startMs = story.State.NewestMs;
        Assert.Equal((1, 0), (SumOf(story, "control.running"), SumOf(story, "treated.running")));

        story.Reload().Order(DayOf(startMs) + 20, "back", 70).Order(DayOf(startMs) + 30, "again", 30).Refund(DayOf(startMs) + 31, "again", "r", 5).WakeWhenDue(DayOf(startMs) + 91);
        Assert.Equal((1, 1, 95_000_000), (SumOf(story, "control.customers"), SumOf(story, "control.returned"), SumOf(story, "control.revenue")));
        Assert.Equal((95, 9_025, 0), (SumOf(story, "control.units"), SumOf(story, "control.squares"), SumOf(story, "control.running")));
    }

    [Fact]
    public void Treated_customer_is_told_of_and_counted_when_the_horizon_ends()
    {
        var story = Silent(isControl: false);
        Assert.Single(story.OpenAlerts);
        var startMs = story.State.NewestMs;
        story.WakeWhenDue(DayOf(startMs) + 90.001);
        Assert.Equal((1, 0, 0), (SumOf(story, "treated.customers"), SumOf(story, "treated.returned"), SumOf(story, "treated.revenue")));

        // What comes later is no return within the horizon.
        story.Order(DayOf(startMs) + 95, "late");
        Assert.Equal(0, SumOf(story, "treated.returned"));
    }

    [Fact]
    public void Control_customer_is_never_told_of_for_this_silence_and_drawn_again_for_the_next()
    {
        var story = Silent(isControl: true);
        story.WakeWhenDue(DayOf(story.State.NewestMs) + 300, timesMax: 50);
        Assert.Empty(story.OpenAlerts);
        Assert.Equal(1, SumOf(story, "control.customers"));
        var day = DayOf(story.State.NewestMs);
        story.Order(day + 1, "x").Order(day + 2, "y").WakeWhenDue(day + 400, timesMax: 50);
        Assert.Empty(story.OpenAlerts);
        Assert.Equal(2, SumOf(story, "control.customers"));
    }

    [Fact]
    public void Alerts_that_are_not_about_leaving_are_told_of_control_customers_too()
    {
        var story = Silent(isControl: true);
        story.Track(DayOf(story.State.NewestMs) + 1, "Survey Answered", """{"kind":"nps","score":1}""");
        Assert.Equal("detractor", story.Alert(Assert.Single(story.OpenAlerts)).GetProperty("kind").GetString());
    }

    [Fact]
    public void Sums_of_customers_are_found_by_group_and_salt()
    {
        var story = Silent(isControl: true);
        story.WakeWhenDue(DayOf(story.State.NewestMs) + 91);
        var sums = Contribution.Sums(story.State, story.Program).ToDictionary(s => s.Metric, s => s.Value);
        Assert.Equal((story.State.Trials!.Control, 0), Uplift.Find("t1", isControl: true, sums.GetValueOrDefault));
        Assert.Equal((default, 0), Uplift.Find("t2", isControl: true, sums.GetValueOrDefault));
    }

    [Fact]
    public void Erased_customer_leaves_his_trial_in_the_totals()
    {
        var story = Silent(isControl: false);
        story.WakeWhenDue(DayOf(story.State.NewestMs) + 91);
        story.Own(EntryTypes.ErasureRequested, DayOf(story.State.NewestMs) + 1, "{}");
        Assert.Equal(1, SumOf(story, "treated.customers"));
    }

    /// <summary>Whoever an agent is told of comes back by 8 points (or none) more; the report says so.</summary>
    [Theory]
    [InlineData(0.08)]
    [InlineData(0)]
    public void Interval_covers_the_planted_effect_in_ninety_of_a_hundred_shops(double effect)
    {
        var covered = 0;
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var (treated, control) = (new TrialTally(), new TrialTally());
            for (var i = 0; i < 400; i++)
            {
                var story = new Story($"default/user:s{seed}-{i}", Half).Order(0, "a", 60).Order(5, "b", 60).Order(9, "c", 60);
                story.WakeWhenDue(400, timesMax: 1);
                var day = DayOf(story.State.NewestMs);
                if (random.NextDouble() < 0.3 + (story.OpenAlerts.Length > 0 ? effect : 0))
                    story.Order(day + 1 + 80 * random.NextDouble(), "back", random.Next(10, 200));
                story.Wake(day + 90.1);
                (treated, control) = (treated + story.State.Trials!.Treated, control + story.State.Trials.Control);
            }

            Assert.Equal(400, treated.Customers + control.Customers);
            var rate = Uplift.Of(treated, control).ReturnRate!.Value;
            covered += rate.Low <= effect && effect <= rate.High ? 1 : 0;
        }

        Assert.InRange(covered, 90, 100);
    }

    private static Story Silent(bool isControl)
    {
        for (var i = 0; ; i++)
        {
            var key = "default/user:u" + i;
            if (Half.Alerts.ControlGroup.Has(key) != isControl)
                continue;
            var story = new Story(key, Half).Order(0, "a", 100).Order(7, "b", 100).Order(14, "c", 100);
            Assert.Null(story.State.Trials);
            return story.WakeWhenDue(400, timesMax: 1);
        }
    }

    private static double DayOf(long ms) => (double)(ms - Story.StartMs) / UtcDay.Ms;

    private static long SumOf(Story story, string name) =>
        Contribution.Sums(story.State, story.Program).Where(s => s.Metric == "uplift.t1." + name).Select(s => s.Value).SingleOrDefault();
}
