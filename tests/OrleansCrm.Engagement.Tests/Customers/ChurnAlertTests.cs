using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class ChurnAlertTests
{
    private static Story Regular() => new Story().Order(0, "a", 100).Order(7, "b", 100).Order(14, "c", 100);

    [Fact]
    public void Alert_is_raised_at_the_crossing_with_reasons_and_evidence()
    {
        var story = Regular();
        story.Identify(15, """{"name":"Ada","email":"ada@example.com"}""");
        var atRisk = story.State.NextWakeMs;
        story.Wake(atRisk);

        var id = Assert.Single(story.OpenAlerts);
        var wake = story.Entries[^1];
        Assert.Equal(new AlertId(7, wake.Offset, 0).ToString(), id);
        var outgoing = Assert.Single(story.Output.Outgoing);
        Assert.Equal(("default/default", id, false), (outgoing.Desk, outgoing.AlertId, outgoing.IsFinished));

        var alert = Story.Json(outgoing.Alert);
        Assert.Equal("churn_risk", alert.GetProperty("kind").GetString());
        Assert.Equal("open", alert.GetProperty("status").GetString());
        Assert.Equal("u1", alert.GetProperty("customerId").GetString());
        Assert.Equal(Rendering.Instant(atRisk), alert.GetProperty("raisedAt").GetString());
        Assert.Equal("Ada", alert.GetProperty("customer").GetProperty("name").GetString());
        Assert.Equal(300, alert.GetProperty("customer").GetProperty("revenue").GetProperty("EUR").GetDecimal());
        Assert.Equal(
            [story.Entries[2].PublicId, story.Entries[1].PublicId, story.Entries[0].PublicId],
            alert.GetProperty("evidence").EnumerateArray().Select(e => e.GetString()));
        var reasons = alert.GetProperty("reasons").EnumerateArray().ToDictionary(r => r.GetProperty("code").GetString()!);
        Assert.Equal(7, reasons["usual_gap_days"].GetProperty("value").GetDouble());
        Assert.Equal((atRisk - Story.Ms(14)) / 86_400_000, reasons["silent_days"].GetProperty("value").GetInt64());
        Assert.StartsWith("buys every 7 days on average, silent for ", reasons["silent_days"].GetProperty("text").GetString());
        Assert.InRange(reasons["risk"].GetProperty("value").GetDouble(), 0.75, 0.76);
        Assert.Equal(3, reasons["orders"].GetProperty("value").GetInt32());
        Assert.True(reasons["probability_alive"].GetProperty("value").GetDouble()
            < reasons["probability_alive_before"].GetProperty("value").GetDouble());
        Assert.Equal(id, story.Alert(id).GetProperty("id").GetString());
    }

    [Fact]
    public void Alert_is_withdrawn_when_the_customer_buys_again()
    {
        var story = Regular();
        story.Wake(story.State.NextWakeMs);
        var id = story.OpenAlerts[0];
        story.Order(100, "d");
        Assert.Empty(story.OpenAlerts);
        var outgoing = Assert.Single(story.Output.Outgoing);
        Assert.True(outgoing.IsFinished);
        Assert.Equal("withdrawn", story.Alert(id).GetProperty("status").GetString());
        Assert.Equal("withdrawn", story.Reload().Alert(id).GetProperty("status").GetString());
    }

    [Fact]
    public void One_time_buyer_raises_no_alert()
    {
        var story = new Story().Order(0, "a").WakeWhenDue(5_000).Page(3_000);
        Assert.Equal("bonding", story.Phase);
        Assert.Empty(story.OpenAlerts);
    }

    [Fact]
    public void Late_order_that_shows_the_customer_never_was_at_risk_withdraws()
    {
        var story = Regular();
        var atRisk = story.State.NextWakeMs;
        story.Wake(atRisk);
        Assert.Single(story.OpenAlerts);
        story.Order((atRisk - Story.StartMs) / 86_400_000.0 - 2, "late");
        Assert.Empty(story.OpenAlerts);
        Assert.Equal("loyalty", story.Phase);
        Assert.Equal(Story.At(14), story.PhaseSince);
    }

    [Fact]
    public void Late_order_that_leaves_the_customer_at_risk_corrects_the_alert()
    {
        var story = Regular().Page(100);
        var id = Assert.Single(story.OpenAlerts);
        var raisedAt = story.Alert(id).GetProperty("raisedAt").GetString();
        story.Order(15, "late", 100);
        Assert.Equal([id], story.OpenAlerts);
        Assert.NotEqual(raisedAt, story.Alert(id).GetProperty("raisedAt").GetString());
        Assert.Equal("alert changed churn_risk", Assert.Single(story.Notes, n => n.StartsWith("alert", StringComparison.Ordinal)));
        Assert.Equal(story.Alert(id).GetRawText(), Story.Json(story.Output.Outgoing[0].Alert).GetRawText());
    }

    [Fact]
    public void Old_order_that_shows_a_customer_at_risk_leaves_the_alert_to_a_wake_at_once()
    {
        var story = new Story().Order(0, "a").Page(100).Order(7, "b");
        Assert.Empty(story.OpenAlerts);
        Assert.Equal("recapture", story.Phase);
        Assert.Equal(Story.Ms(100), story.State.NextWakeMs);
        story.Reload().Wake(story.State.NextWakeMs);
        Assert.Single(story.OpenAlerts);
        Assert.Equal(new Story().Order(0, "a").Order(7, "b").Page(100).Digest, story.Digest);
    }

    [Fact]
    public void Cancelling_the_order_that_brought_the_customer_back_raises_again()
    {
        var story = Regular();
        var atRisk = story.State.NextWakeMs;
        story.Wake(atRisk);
        var first = story.OpenAlerts[0];
        story.Order(60, "d").Cancel(61, "d");
        var second = Assert.Single(story.OpenAlerts);
        Assert.NotEqual(first, second);
        Assert.Equal(Rendering.Instant(atRisk), story.Alert(second).GetProperty("raisedAt").GetString());
        Assert.Equal("recapture", story.Phase);
    }

    [Fact]
    public void First_claim_wins_and_a_second_one_is_told_who_has_it()
    {
        var story = Regular().Page(100);
        var id = story.OpenAlerts[0];
        story.Command(101, EntryTypes.AlertClaim, id, "ada@x");
        Assert.Equal("", story.Output.Command!.Code);
        Assert.Equal("ada@x", Story.Json(story.Output.Command.Body).GetProperty("claimedBy").GetString());
        Assert.Single(story.Output.Outgoing);

        story.Command(102, EntryTypes.AlertClaim, id, "ada@x");
        Assert.Equal("", story.Output.Command!.Code);
        Assert.Empty(story.Output.Outgoing);

        foreach (var type in new[] { EntryTypes.AlertClaim, EntryTypes.AlertRelease, EntryTypes.AlertResolve })
        {
            story.Reload().Command(103, type, id, "bob@x");
            Assert.Equal(("already_claimed", "ada@x"), (story.Output.Command!.Code, story.Output.Command.Detail));
            Assert.Equal("claimed", Story.Json(story.Output.Command.Body).GetProperty("status").GetString());
        }

        story.Command(104, EntryTypes.AlertRelease, id, "eve@x", "supervisor");
        Assert.Equal("open", story.Alert(id).GetProperty("status").GetString());
    }

    [Fact]
    public void Resolved_alert_stays_resolved_until_a_new_purchase_arms_it_again()
    {
        var story = Regular().Page(100);
        var id = story.OpenAlerts[0];
        story.Command(101, EntryTypes.AlertResolve, id, "ada@x", outcome: "called", note: "comes back");
        Assert.True(Assert.Single(story.Output.Outgoing).IsFinished);
        Assert.Equal("comes back", story.Alert(id).GetProperty("notes")[0].GetProperty("text").GetString());
        story.Page(102).Refund(103, "c", "r", 1);
        Assert.Empty(story.OpenAlerts);
        story.Command(104, EntryTypes.AlertClaim, id, "bob@x");
        Assert.Equal(("already_resolved", "ada@x"), (story.Output.Command!.Code, story.Output.Command.Detail));

        story.Reload().Order(110, "d").WakeWhenDue(500, 1);
        Assert.NotEqual(id, Assert.Single(story.OpenAlerts));
    }

    [Theory]
    [InlineData("7-1-0", "not_found")]
    [InlineData("nonsense", "not_found")]
    [InlineData("", "invalid_command")]
    public void Command_on_what_is_not_there_is_refused(string alert, string code)
    {
        var story = Regular().Command(20, EntryTypes.AlertClaim, alert, "ada@x");
        Assert.Equal(code, story.Output.Command!.Code);
        Assert.Empty(story.Output.Outgoing);
    }

    [Fact]
    public void Severity_rises_with_the_revenue_at_risk_and_ranks_first()
    {
        long RankOf(decimal revenue, string severity, int minutes)
        {
            var story = new Story().Order(0, "a", revenue).Order(7, "b", revenue).Order(14, "c", revenue).Page(100);
            var alert = story.Alert(story.OpenAlerts[0]);
            Assert.Equal(severity, alert.GetProperty("severity").GetString());
            Assert.Equal(
                Rendering.Instant(story.Entries[^1].RecordedMs + minutes * 60_000), alert.GetProperty("dueAt").GetString());
            return story.Output.Outgoing[^1].Rank;
        }

        var ranks = new[] { RankOf(1, "low", 4_320), RankOf(40, "medium", 1_440), RankOf(250, "high", 240), RankOf(2_000, "critical", 60) };
        Assert.Equal(ranks.Order(), ranks);
    }

    [Fact]
    public void New_program_moves_the_instants_and_leaves_alerts_to_a_wake_at_once()
    {
        var story = Regular().Page(20);
        var strict = ProgramDocument.Default with
        {
            Version = 2,
            Churn = new ChurnRules { AtRisk = new RiskThreshold(0.3, 0.02) },
        };
        story.Publish(strict);
        Assert.Equal(story.Entries[^1].Offset, story.State.ProgramOffset);
        Assert.Empty(story.Output.Outgoing);
        Assert.Equal(Story.Ms(20), story.State.NewestMs);
        story.WakeWhenDue(20);
        Assert.Single(story.OpenAlerts);

        story.Publish(ProgramDocument.Default with { Version = 3 });
        Assert.Empty(story.Output.Outgoing);
        story.Reload().WakeWhenDue(20);
        Assert.Empty(story.OpenAlerts);
        Assert.Equal(0, story.State.Alerts!.Count(a => !a.IsFinished));
    }

    [Fact]
    public void New_program_that_changes_nothing_for_a_customer_asks_for_no_wake()
    {
        var story = Regular().WakeWhenDue(100, 1);
        var next = story.State.NextWakeMs;
        story.Publish(ProgramDocument.Default with { Version = 2 });
        Assert.Equal(next, story.State.NextWakeMs);
    }

    [Fact]
    public void Program_of_another_tenant_moves_the_offset_alone()
    {
        var story = Regular();
        var before = story.Digest;
        story.Publish(ProgramDocument.Default with { Version = 9 }, "other");
        Assert.Equal(before, story.Digest);
        Assert.Equal(-1, story.State.ProgramOffset);
        Assert.Equal(story.Entries[^1].Offset, story.State.Offset);
    }
}
