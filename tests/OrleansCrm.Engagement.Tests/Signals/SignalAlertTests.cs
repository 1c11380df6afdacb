using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Tests.Signals;

public sealed class SignalAlertTests
{
    private const double Hour = 1 / 24.0;

    [Fact]
    public void Bad_answer_raises_a_detractor_until_a_better_one_comes()
    {
        var story = new Story().Order(0, "a").Track(3, "Survey Answered", """{"kind":"nps","score":2,"survey_id":"s1"}""");
        var answer = story.Entries[^1];
        var alert = Only(story, "detractor");
        Assert.Equal(("medium", Story.At(3)), (alert.GetProperty("severity").GetString(), alert.GetProperty("raisedAt").GetString()));
        Assert.Equal([answer.PublicId], alert.GetProperty("evidence").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(("nps_score", 2.0), ReasonOf(alert, 0));
        Assert.Equal("u1 answered 2 to NPS", alert.GetProperty("title").GetString());

        story.Track(4, "Survey Answered", """{"kind":"nps","score":9,"survey_id":"s2"}""");
        Assert.Empty(story.OpenAlerts);
        Assert.Empty(new Story().Track(0, "Survey Answered", """{"kind":"nps","score":7}""").OpenAlerts);
        Assert.Single(new Story().Track(0, "Survey Answered", """{"kind":"csat","score":2}""").OpenAlerts);
        Assert.Empty(new Story().Track(0, "Survey Answered", """{"kind":"csat","score":3}""").OpenAlerts);
    }

    [Fact]
    public void Alert_withdraws_itself_when_it_is_no_use_any_more()
    {
        var story = new Story().Track(0, "Survey Answered", """{"kind":"nps","score":0}""");
        Assert.Equal(Story.Ms(30), story.State.NextWakeMs);
        story.Wake(30 - 1 / 86_400.0);
        Only(story, "detractor");
        story.Wake(30.0);
        Assert.Empty(story.OpenAlerts);
        Assert.Equal(0, story.State.NextWakeMs);
    }

    [Fact]
    public void Refunds_in_a_row_raise_one_alert_that_is_kept_true()
    {
        var story = new Story().Order(0, "a").Order(1, "b").Order(2, "c").Refund(5, "a", "r1", 10);
        Assert.Empty(story.OpenAlerts);
        story.Refund(9, "b", "r2");
        var alert = Only(story, "refund_spike");
        Assert.Equal(("refunds", 2.0), ReasonOf(alert, 0));
        Assert.Equal(Story.At(9), alert.GetProperty("raisedAt").GetString());
        Assert.Equal([story.Entries[^1].PublicId, story.Entries[^2].PublicId], alert.GetProperty("evidence").EnumerateArray().Select(e => e.GetString()));

        story.Refund(9.5, "b", "r2");
        Assert.Empty(story.Output.Outgoing);
        story.Refund(10, "c", "r3");
        Assert.Equal(("refunds", 3.0), ReasonOf(Only(story, "refund_spike"), 0));
        Assert.Contains("alert changed refund_spike", story.Notes);
        Assert.Equal(Story.At(9), Only(story, "refund_spike").GetProperty("raisedAt").GetString());

        // The second newest leaves the window 30 days after it came.
        Only(story.Wake(39 - 1 / 86_400.0), "refund_spike");
        Assert.Empty(story.Wake(39.0).OpenAlerts);
    }

    [Fact]
    public void Cart_is_abandoned_after_four_hours_and_an_order_withdraws_it()
    {
        var story = new Story(program: AnyCart).Order(-1, "z").Track(0, "Product Added", """{"product_id":"p1"}""").Track(Hour, "Checkout Started");
        Assert.Empty(story.OpenAlerts);
        Assert.Equal(Story.Ms(5 * Hour), story.State.NextWakeMs);
        story.Wake(story.State.NextWakeMs);
        var alert = Only(story, "cart_abandoned");
        Assert.Equal(Story.At(5 * Hour), alert.GetProperty("raisedAt").GetString());
        Assert.Equal([story.Entries[2].PublicId], alert.GetProperty("evidence").EnumerateArray().Select(e => e.GetString()));
        Assert.Empty(story.Reload().Order(6 * Hour, "a").OpenAlerts);
        Assert.Equal("withdrawn", story.Alert(alert.GetProperty("id").GetString()!).GetProperty("status").GetString());

        // What was put in before the order was bought, however late it is told; also when the order is cancelled.
        Assert.Empty(story.Track(5.5 * Hour, "Product Added").Cancel(7 * Hour, "a").Reload().Wake(2.0).OpenAlerts);
    }

    [Fact]
    public void Cart_of_somebody_of_whom_little_is_expected_raises_nothing_unless_the_program_says_so()
    {
        Assert.Empty(new Story().Order(-1, "z").Track(0, "Product Added").Wake(1.0).OpenAlerts);
        Only(new Story(program: AnyCart).Track(0, "Product Added").Wake(1.0), "cart_abandoned");
    }

    [Fact]
    public void Cart_of_a_visitor_waits_until_somebody_can_be_written_to()
    {
        var visitor = new Story("default/anonymous:v").Track(0, "Product Added");
        Assert.Equal(0, visitor.State.NextWakeMs);
        Assert.NotNull(visitor.State.Signals);
    }

    [Fact]
    public void Failed_payment_raises_at_once_and_counts_until_an_order()
    {
        var story = new Story().Track(0, "Payment Failed");
        Only(story, "payment_failed");
        story.Track(Hour, "Payment Failed");
        Assert.Equal(("failed_payments", 2.0), ReasonOf(Only(story, "payment_failed"), 0));
        Assert.Equal(Story.Ms(3 + Hour), story.State.NextWakeMs);
        Assert.Empty(story.Order(2 * Hour, "a").OpenAlerts);
        Assert.Empty(story.Track(1.5 * Hour, "Payment Failed").OpenAlerts);
    }

    [Fact]
    public void Ticket_without_an_answer_is_told_after_a_day()
    {
        var story = new Story().Track(0, "Ticket Opened", """{"ticket_id":"t1","channel":"email"}""").Track(0.5, "Ticket Opened", """{"ticket_id":"t2"}""");
        Assert.Equal(Story.Ms(1), story.State.NextWakeMs);
        story.Wake(1.0);
        var alert = Only(story, "ticket_unanswered");
        Assert.Equal((("open_tickets", 1.0), Story.At(1)), (ReasonOf(alert, 0), alert.GetProperty("raisedAt").GetString()));
        story.Wake(1.5);
        Assert.Equal(("open_tickets", 2.0), ReasonOf(Only(story, "ticket_unanswered"), 0));
        story.Track(1.6, "Ticket Closed", """{"ticket_id":"t1"}""");
        Only(story, "ticket_unanswered");
        Assert.Empty(story.Track(1.7, "Ticket Closed", """{"ticket_id":"t2"}""").OpenAlerts);
        Assert.Equal(0, story.State.NextWakeMs);
        Assert.Empty(new Story().Track(1, "Ticket Closed", """{"ticket_id":"t"}""").Track(0, "Ticket Opened", """{"ticket_id":"t"}""").Wake(9.0).OpenAlerts);
    }

    [Fact]
    public void Basket_and_frequency_that_fall_are_told_with_what_they_were()
    {
        var story = new Story(program: With(p => p with { ValueMinMicros = 0, Share = p.Kind == "basket_falling" ? 0.4 : 0.5 }));
        for (var i = 0; i < 6; i++)
            story.Order(7 * i, "a" + i, 100);
        story.Order(50, "x", 30).Order(70, "y", 30);
        Assert.Empty(story.OpenAlerts);
        Assert.True(story.State.NextWakeMs <= Story.Ms(70), "no purchase raises an alert itself: a wake does");
        Assert.Equal(["basket_falling", "frequency_falling"], Kinds(story.Wake(70.0)));
        story.Order(95, "z", 30);
        Assert.Equal(["basket_falling", "frequency_falling"], Kinds(story));
        var alerts = story.OpenAlerts.Select(story.Alert).ToDictionary(a => a.GetProperty("kind").GetString()!);
        Assert.Equal(("average_order", 30.0), ReasonOf(alerts["basket_falling"], 0));
        Assert.Equal(("average_order_before", 100.0), ReasonOf(alerts["basket_falling"], 1));
        Assert.Equal(("gap_days", 20.0), ReasonOf(alerts["frequency_falling"], 0));
        Assert.Equal(("gap_days_before", 7.0), ReasonOf(alerts["frequency_falling"], 1));
        Assert.Contains("buys for 70% less than before", alerts["basket_falling"].GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal(["frequency_falling"], Kinds(story.Order(110, "big", 300).Order(110.1, "big2", 300)));
    }

    [Fact]
    public void Tier_that_is_about_to_end_is_told_two_weeks_before()
    {
        var loyal = ProgramDocument.Default with
        {
            Loyalty = new LoyaltyRules { Tiers = new TierRules { WindowDays = 100, GraceDays = 10, Levels = [new TierLevel("silver", 200, 1_000_000)] } },
        };
        var story = new Story(program: loyal).Order(0, "a", 250);
        story.WakeWhenDue(96);
        var alert = Only(story, "tier_downgrade");
        Assert.Equal(Story.At(96), alert.GetProperty("raisedAt").GetString());
        Assert.Contains("250 points hold the tier silver until " + Story.At(110)[..10], alert.GetProperty("reasons").GetRawText(), StringComparison.Ordinal);
        Assert.Empty(story.Order(97, "b", 250).OpenAlerts);
    }

    [Fact]
    public void Customer_worth_a_lot_is_told_apart_when_at_risk()
    {
        var story = new Story().Order(0, "a", 3000).Order(7, "b", 3000).Order(14, "c", 3000).WakeWhenDue(200, timesMax: 1);
        Assert.Equal(["churn_risk", "vip_at_risk"], Kinds(story));
        var poor = new Story().Order(0, "a", 3).Order(7, "b", 3).Order(14, "c", 3).WakeWhenDue(200, timesMax: 1);
        Assert.Equal(["churn_risk"], Kinds(poor));
    }

    [Fact]
    public void What_an_agent_has_dealt_with_is_not_told_again_until_the_cool_down_is_over()
    {
        var story = new Story().Track(0, "Survey Answered", """{"kind":"nps","score":1}""");
        story.Command(1, EntryTypes.AlertResolve, story.OpenAlerts[0], "ada@x", outcome: "called").Reload();
        Assert.Empty(story.OpenAlerts);
        Assert.Empty(story.Page(2).Track(10, "Survey Answered", """{"kind":"nps","score":1}""").OpenAlerts);
        Assert.Single(story.Track(32, "Survey Answered", """{"kind":"nps","score":3}""").OpenAlerts);
    }

    [Fact]
    public void Nobody_hears_of_customers_who_refuse_to_be_addressed()
    {
        var story = new Story().Track(0, "Payment Failed");
        Only(story, "payment_failed");
        Assert.Empty(story.Track(0.1, "Consent Changed", """{"purpose":"service","granted":false}""").OpenAlerts);
        Assert.Equal("withdrawn", Story.Json(Assert.Single(story.Output.Outgoing).Alert).GetProperty("status").GetString());
        Only(story.Track(0.2, "Consent Changed", """{"purpose":"service","granted":true}"""), "payment_failed");
    }

    [Fact]
    public void Policy_is_for_those_of_whom_its_condition_holds_also_when_time_alone_makes_it_hold()
    {
        var program = ProgramDocument.Parse("""
            {"segments":{"silent":{"when":{"field":"daysSinceOrder","atLeast":5}}},"alerts":{"policies":{"detractor":{"when":{"segment":"silent"}},
            "refund_spike":{"when":{"count":"tickets","within":"30d","atLeast":1}}}}}
            """u8);
        var story = new Story(program: program).Order(0, "a").Track(1, "Survey Answered", """{"kind":"nps","score":1}""").Refund(1.1, "a", "r1", 5).Refund(1.2, "a", "r2", 5);
        Assert.Empty(story.OpenAlerts);
        Assert.Equal(Story.Ms(5), story.State.NextWakeMs);
        Assert.Equal(["detractor"], Kinds(story.Reload().Wake(5.0)));
        Assert.Equal(["detractor", "refund_spike"], Kinds(story.Track(6, "Ticket Opened", """{"ticket_id":"t"}""")));
        Assert.Equal(["refund_spike"], Kinds(story.Order(6.5, "b")));
    }

    [Fact]
    public void Another_program_raises_changes_and_withdraws()
    {
        var story = new Story(program: With(p => p with { Enabled = false })).Refund(0, "o1", "a").Refund(1, "o2", "b");
        Assert.Empty(story.OpenAlerts);
        var care = ProgramDocument.Parse("""{"alerts":{"policies":{"refund_spike":{"desk":"care","severityMin":"high"},"twice_refused":{"signal":"payment_failed","count":2}}}}"""u8);
        story.Publish(care with { Version = 2 });
        Assert.True(story.State.IsAlertStale);
        story.Wake(story.State.NextWakeMs);
        Assert.Equal(("care", "high"), (Only(story, "refund_spike").GetProperty("desk").GetString(), Only(story, "refund_spike").GetProperty("severity").GetString()));
        story.Track(2, "Payment Failed").Track(2.1, "Payment Failed");
        Assert.Equal(["payment_failed", "refund_spike", "twice_refused"], Kinds(story));

        // A kind that the program has no longer is over.
        story.Publish(ProgramDocument.Default with { Version = 3 });
        story.Wake(story.State.NextWakeMs);
        Assert.Equal(["payment_failed", "refund_spike"], Kinds(story));
    }

    [Fact]
    public void Snapshot_keeps_every_kind_of_alert()
    {
        var story = new Story(program: AnyCart).Order(0, "a", 40).Refund(1, "a", "r1", 5).Refund(2, "a", "r2", 5).Track(3, "Payment Failed")
            .Track(3, "Survey Answered", """{"kind":"csat","score":1}""").Track(3, "Product Added").Track(3, "Ticket Opened", """{"ticket_id":9}""").Wake(5.0);
        Assert.Equal(["cart_abandoned", "detractor", "payment_failed", "refund_spike", "ticket_unanswered"], Kinds(story));
        var before = story.OpenAlerts.Select(id => story.Alert(id).GetRawText()).ToArray();
        var stored = SnapshotCodec.Encode(story.State);
        Assert.Equal(before, story.Reload().OpenAlerts.Select(id => story.Alert(id).GetRawText()));
        Assert.Equal(stored, SnapshotCodec.Encode(story.State));
    }

    private static readonly ProgramDocument AnyCart = ProgramDocument.Parse("""{"alerts":{"policies":{"cart_abandoned":{"valueMin":0}}}}"""u8);

    private static ProgramDocument With(Func<SignalPolicy, SignalPolicy> change) =>
        ProgramDocument.Default with { Alerts = new AlertRules { Policies = [.. ProgramDocument.Default.Alerts.Policies.Select(change)] } };

    private static string[] Kinds(Story story) =>
        [.. story.OpenAlerts.Select(id => story.Alert(id).GetProperty("kind").GetString()!).Order(StringComparer.Ordinal)];

    private static JsonElement Only(Story story, string kind)
    {
        var found = story.OpenAlerts.Select(story.Alert).Where(a => a.GetProperty("kind").GetString() == kind);
        return Assert.Single(found);
    }

    private static (string Code, double Value) ReasonOf(JsonElement alert, int index)
    {
        var reason = alert.GetProperty("reasons")[index];
        return (reason.GetProperty("code").GetString()!, reason.GetProperty("value").GetDouble());
    }
}
