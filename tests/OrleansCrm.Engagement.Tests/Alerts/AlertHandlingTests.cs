using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Alerts;

/// <summary>What agents and time do to an alert.</summary>
public sealed class AlertHandlingTests
{
    // An alert of a customer whose gaps are long stands for weeks before he counts as lost; the day on which it is raised is Today.
    private double Today { get; set; }

    private double Tomorrow => Today + 0.5;

    [Fact]
    public void Snoozed_alert_opens_again_at_its_instant_for_everybody()
    {
        var (story, id) = Raised();
        story.Snooze(Today, id, "ada@x", Story.Ms(Tomorrow));
        var alert = story.Alert(id);
        Assert.Equal(("snoozed", "ada@x", Ceiling(Tomorrow)), (Text(alert, "status"), Text(alert, "claimedBy"), Text(alert, "snoozedUntil")));
        Assert.Equal("alert snoozed churn_risk", Assert.Single(story.Notes));
        Assert.Equal(CeilingMs(Tomorrow), story.State.NextWakeMs);

        story.Reload().Command(Today + 0.1, EntryTypes.AlertClaim, id, "bob@x");
        Assert.Equal("already_claimed", story.Output.Command!.Code);
        story.Wake(story.State.NextWakeMs);
        alert = story.Alert(id);
        Assert.Equal(("open", null, null), (Text(alert, "status"), Text(alert, "claimedBy"), Text(alert, "snoozedUntil")));
        Assert.Equal("alert woken churn_risk", Assert.Single(story.Notes));
        Assert.Equal(id, Assert.Single(story.Output.Outgoing).AlertId);
        story.Command(Tomorrow + 0.1, EntryTypes.AlertClaim, id, "bob@x");
        Assert.Equal("", story.Output.Command!.Code);
    }

    [Fact]
    public void Alert_cannot_be_snoozed_until_an_instant_that_has_passed()
    {
        var (story, id) = Raised();
        story.Snooze(Today, id, "ada@x", Story.Ms(Today - 1));
        Assert.Equal("invalid_value", story.Output.Command!.Code);
        Assert.Equal("open", Text(story.Alert(id), "status"));
        Assert.Empty(story.Output.Outgoing);
    }

    [Theory]
    [InlineData(EntryTypes.AlertClaim, "claimed")]
    [InlineData(EntryTypes.AlertRelease, "open")]
    [InlineData(EntryTypes.AlertResolve, "resolved")]
    public void Whoever_snoozed_it_may_go_on_before_the_instant(string command, string status)
    {
        var (story, id) = Raised();
        story.Snooze(Today, id, "ada@x", Story.Ms(Tomorrow)).Command(Today + 0.1, command, id, "ada@x", outcome: "reached");
        Assert.Equal((status, null), (Text(story.Alert(id), "status"), Text(story.Alert(id), "snoozedUntil")));
        Assert.NotEqual(CeilingMs(Tomorrow), story.State.NextWakeMs);
    }

    [Fact]
    public void Alert_unfinished_when_it_is_due_is_escalated_once_and_ranks_higher()
    {
        var (story, id) = Raised();
        var (alert, rank) = (story.Alert(id), story.Output.Outgoing[^1].Rank);
        var dueAt = DateTimeOffset.Parse(Text(alert, "dueAt")!).ToUnixTimeMilliseconds();
        var severity = Text(alert, "severity");
        Assert.Null(Text(alert, "escalatedAt"));
        Assert.Equal((dueAt + 999) / 1_000 * 1_000, story.State.NextWakeMs);

        var wake = story.State.NextWakeMs;
        story.Reload().Wake(wake);
        alert = story.Alert(id);
        Assert.Equal(Rendering.Instant(wake), Text(alert, "escalatedAt"));
        Assert.Equal(("medium", "high"), (severity, Text(alert, "severity")));
        Assert.True(Assert.Single(story.Output.Outgoing).Rank > rank);
        Assert.Equal("alert escalated churn_risk", Assert.Single(story.Notes));

        story.Reload().WakeWhenDue(Today + 20).Page(Today + 20);
        Assert.Equal(Rendering.Instant(wake), Text(story.Alert(id), "escalatedAt"));
        Assert.DoesNotContain(story.Notes, n => n.StartsWith("alert escalated", StringComparison.Ordinal));
    }

    [Fact]
    public void Finished_alert_is_not_escalated()
    {
        var (story, id) = Raised();
        story.Command(Today, EntryTypes.AlertResolve, id, "ada@x", outcome: "reached").Page(Today + 20);
        Assert.Null(Text(story.Alert(id), "escalatedAt"));
    }

    [Fact]
    public void Sleep_does_not_hold_up_the_escalation()
    {
        var (story, id) = Raised();
        story.Snooze(Today, id, "ada@x", Story.Ms(Today + 10)).WakeWhenDue(Today + 9);
        Assert.Equal("snoozed", Text(story.Alert(id), "status"));
        Assert.NotNull(Text(story.Alert(id), "escalatedAt"));
    }

    [Fact]
    public void Escalation_moves_the_alert_to_the_desk_of_the_program_and_off_the_first()
    {
        var program = ProgramDocument.Default with { Alerts = new AlertRules { Escalation = new EscalationRules { RaisesSeverity = false, Desk = "leads" } } };
        var (story, id) = Raised(program);
        story.Command(Today, EntryTypes.AlertClaim, id, "ada@x").Wake(story.State.NextWakeMs);

        Assert.Equal(
            [("default/default", true, "leads"), ("default/leads", false, "leads")],
            story.Output.Outgoing.Select(o => (o.Desk, o.IsFinished, Text(Story.Json(o.Alert), "desk")!)));
        Assert.Equal(("claimed", "ada@x", "medium"), (Text(story.Alert(id), "status"), Text(story.Alert(id), "claimedBy"), Text(story.Alert(id), "severity")));
        Assert.Equal(program.Alerts.Escalation, ProgramDocument.Parse(program.ToJson()).Alerts.Escalation);
    }

    [Fact]
    public void Notes_keep_author_time_and_who_is_spoken_to()
    {
        var (story, id) = Raised();
        story.Command(Today, EntryTypes.AlertNote, id, "ada@x", note: "@bob has he called? cc @eve@shop.example.");
        story.Reload().Command(Today + 0.01, EntryTypes.AlertNote, id, "boss@x", "supervisor", note: "write to shop@shop.example");
        var notes = story.Alert(id).GetProperty("notes");
        Assert.Equal(("ada@x", Story.At(Today)), (Text(notes[0], "by"), Text(notes[0], "at")));
        Assert.Equal(["bob", "eve@shop.example"], notes[0].GetProperty("mentions").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal(("boss@x", 0), (Text(notes[1], "by"), notes[1].GetProperty("mentions").GetArrayLength()));
        Assert.Equal(("claimed", "ada@x"), (Text(story.Alert(id), "status"), Text(story.Alert(id), "claimedBy")));
        Assert.Equal("alert noted churn_risk", Assert.Single(story.Notes));
    }

    [Fact]
    public void Notes_of_an_alert_are_bounded()
    {
        var (story, id) = Raised();
        for (var i = 0; i < 50; i++)
            story.Command(Today, EntryTypes.AlertNote, id, "ada@x", note: "again");
        Assert.Equal("", story.Output.Command!.Code);
        story.Command(Today, EntryTypes.AlertNote, id, "ada@x", note: "once more");
        Assert.Equal("too_many_notes", story.Output.Command!.Code);
        story.Command(Today, EntryTypes.AlertResolve, id, "ada@x", outcome: "reached", note: "done");
        Assert.Equal("done", story.Alert(id).GetProperty("notes")[50].GetProperty("text").GetString());
    }

    [Fact]
    public void Alert_is_handed_to_another_agent_by_whoever_has_it_or_a_supervisor()
    {
        var (story, id) = Raised();
        story.Assign(Today, id, "ada@x", "bob@x");
        Assert.Equal(("claimed", "bob@x"), (Text(story.Alert(id), "status"), Text(story.Alert(id), "claimedBy")));
        story.Assign(Today, id, "ada@x", "ada@x");
        Assert.Equal("already_claimed", story.Output.Command!.Code);
        story.Assign(Today, id, "boss@x", "eve@x", "supervisor");
        Assert.Equal("eve@x", Text(story.Alert(id), "claimedBy"));
        story.Assign(Today, id, "eve@x", "");
        Assert.Equal("invalid_value", story.Output.Command!.Code);
    }

    [Theory]
    [InlineData(EntryTypes.AlertSnooze)]
    [InlineData(EntryTypes.AlertNote)]
    [InlineData(EntryTypes.AlertAssign)]
    public void Command_on_another_agents_or_a_finished_alert_is_refused(string type)
    {
        var (story, id) = Raised();
        string Try(string agent, string role = "agent")
        {
            story.Own(type, Today, $$"""{"alert":"{{id}}","agent":"{{agent}}","role":"{{role}}","note":"n","to":"x@x","untilMs":{{Story.Ms(Tomorrow)}}}""");
            return story.Output.Command!.Code;
        }

        story.Command(Today, EntryTypes.AlertClaim, id, "ada@x");
        Assert.Equal("already_claimed", Try("bob@x"));
        Assert.Equal("", Try("boss@x", "supervisor"));
        story.Command(Today, EntryTypes.AlertResolve, id, "boss@x", "admin", "reached");
        Assert.Equal("already_resolved", Try("ada@x"));
        Assert.Equal("already_resolved", Try("boss@x", "admin"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("@", "")]
    [InlineData("@@ada", "ada")]
    [InlineData("@ada @Ada @ada@x.example", "ada,ada@x.example")]
    [InlineData("a@b.example", "")]
    [InlineData("(@zoë-2), @bob!", "zoë-2,bob")]
    public void Mentions_are_names_after_an_at_sign(string text, string names) =>
        Assert.Equal(names, string.Join(',', AlertNote.MentionsIn(text)));

    private (Story Story, string Id) Raised(ProgramDocument? program = null)
    {
        var story = new Story(program: program);
        story.Order(5_000, "a", 40).Order(5_030, "b", 40).Order(5_060, "c", 40);
        var wake = story.State.NextWakeMs;
        story.Wake(wake);
        Today = (wake - Story.StartMs) / 86_400_000.0 + 0.001;
        return (story, story.OpenAlerts[0]);
    }

    private static long CeilingMs(double day) => (Story.Ms(day) + 999) / 1_000 * 1_000;

    private static string Ceiling(double day) => Rendering.Instant(CeilingMs(day));

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
