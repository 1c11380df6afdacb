using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Alerts;

/// <summary>What the server does with alerts by itself, and what time makes of it.</summary>
public sealed class DispatchTests
{
    private const string Ada = "ada@x.example";
    private const string Bob = "bob@x.example";

    private double Today { get; set; }

    [Fact]
    public void Given_alert_is_its_agents_until_he_lets_it_pass()
    {
        var (story, id) = Raised();
        story.Dispatch(Today, id, "", Ada, "round robin");
        var alert = story.Reload().Alert(id);
        Assert.Equal(("claimed", Ada, story.State.NewestMs), (Text(alert, "status"), Text(alert, "claimedBy"), Ms(alert, "givenAt")));
        Assert.Equal(story.State.NextWakeMs, Ms(alert, "actBy"));
        Assert.Equal(Ceiling(Ms(alert, "givenAt") + 10 * 60_000), Ms(alert, "actBy"));
        Assert.Equal("alert assigned churn_risk", Assert.Single(story.Notes));

        story.Wake(story.State.NextWakeMs);
        alert = story.Reload().Alert(id);
        Assert.Equal(("open", null, null), (Text(alert, "status"), Text(alert, "claimedBy"), Text(alert, "actBy")));
        Assert.Equal(Ada, Assert.Single(alert.GetProperty("passedBy").EnumerateArray()).GetString());
        Assert.Equal("alert returned churn_risk", Assert.Single(story.Notes));
        Assert.Equal(id, Assert.Single(story.Output.Outgoing).AlertId);
    }

    [Theory]
    [InlineData(EntryTypes.AlertClaim)]
    [InlineData(EntryTypes.AlertNote)]
    [InlineData(EntryTypes.AlertSnooze)]
    public void Who_acts_in_time_keeps_it(string command)
    {
        var (story, id) = Raised();
        story.Dispatch(Today, id, "", Ada);
        var actBy = Ms(story.Alert(id), "actBy");
        if (command == EntryTypes.AlertSnooze)
            story.Snooze(Today + 0.001, id, Ada, Story.Ms(Today + 0.1));
        else
            story.Command(Today + 0.001, command, id, Ada, note: "called");
        Assert.Null(Text(story.Alert(id), "actBy"));
        Assert.Equal(id, Assert.Single(story.Output.Outgoing).AlertId);
        Assert.Equal(Story.At(Today + 0.001), Text(story.Alert(id), "takenAt"));
        story.Reload().Wake(actBy);
        Assert.Equal(Ada, Text(story.Alert(id), "claimedBy"));
    }

    [Fact]
    public void Of_an_agent_and_the_server_who_want_the_same_alert_the_first_has_it()
    {
        var (story, id) = Raised();
        story.Command(Today, EntryTypes.AlertClaim, id, Bob).Dispatch(Today, id, "", Ada);
        Assert.Equal((AlertCommands.AlreadyClaimed, Bob), (story.Output.Command!.Code, Text(story.Alert(id), "claimedBy")));
        Assert.Empty(story.Output.Outgoing);

        var (other, second) = Raised();
        other.Dispatch(Today, second, "", Ada).Command(Today, EntryTypes.AlertClaim, second, Bob);
        Assert.Equal((AlertCommands.AlreadyClaimed, Ada), (other.Output.Command!.Code, Text(other.Alert(second), "claimedBy")));
    }

    [Fact]
    public void Server_takes_nothing_from_an_agent_who_came_meanwhile()
    {
        var (story, id) = Raised();
        story.Dispatch(Today, id, "", Ada).Command(Today, EntryTypes.AlertRelease, id, Ada).Command(Today, EntryTypes.AlertClaim, id, Bob);
        story.Dispatch(Today, id, Ada, "eve@x.example", "agent went offline");
        Assert.Equal((AlertCommands.AlreadyClaimed, Bob), (story.Output.Command!.Code, Text(story.Alert(id), "claimedBy")));
        story.Command(Today, EntryTypes.AlertResolve, id, Bob, outcome: "reached").Dispatch(Today, id, Bob, "");
        Assert.Equal(AlertCommands.AlreadyResolved, story.Output.Command!.Code);
    }

    [Fact]
    public void Sleeping_alert_is_not_given_to_others()
    {
        var (story, id) = Raised();
        story.Snooze(Today, id, Ada, Story.Ms(Today + 1)).Dispatch(Today, id, Ada, Bob);
        Assert.Equal(("snoozed", "snoozed"), (story.Output.Command!.Code, Text(story.Alert(id), "status")));
    }

    [Fact]
    public void Who_gives_it_back_is_named_so_that_it_does_not_come_again()
    {
        var (story, id) = Raised();
        story.Dispatch(Today, id, "", Ada).Command(Today, EntryTypes.AlertRelease, id, Ada);
        Assert.Equal([Ada], story.Reload().Alert(id).GetProperty("passedBy").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal("open", Text(story.Alert(id), "status"));
    }

    [Fact]
    public void Alert_remembers_the_newest_agents_who_let_it_pass()
    {
        var (story, id) = Raised();
        for (var i = 0; i < Bounds.AlertPassesMax + 5; i++)
            story.Dispatch(Today, id, "", $"{i}@x.example").Command(Today, EntryTypes.AlertRelease, id, $"{i}@x.example");
        Assert.Equal(
            Enumerable.Range(5, Bounds.AlertPassesMax).Select(i => $"{i}@x.example"),
            story.Alert(id).GetProperty("passedBy").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public void History_says_who_was_given_it_and_why_it_was_taken_back()
    {
        var (story, id) = Raised();
        story.Dispatch(Today, id, "", Ada, "owner online");
        story.Wake(story.State.NextWakeMs).Dispatch(Today + 0.01, id, "", Bob, "round robin").Command(Today + 0.011, EntryTypes.AlertNote, id, Bob, note: "hm");
        story.Dispatch(Today + 0.02, id, Bob, "", "agent went offline");

        var history = new AlertHistory(id);
        var past = new PastCustomer(story.State.Key, long.MaxValue, [], new HashSet<long>());
        foreach (var entry in story.Entries)
        {
            past.Take(entry);
            history.Take(past);
        }

        Assert.Equal(
            [
                ("raised", "default", null),
                ("assigned", Ada, "owner online"),
                ("returned", Ada, "did not act in 10 minutes"),
                ("assigned", Bob, "round robin"),
                ("noted", "hm", null),
                ("returned", Bob, "agent went offline"),
            ],
            JsonDocument.Parse(history.Render()).RootElement.GetProperty("items").EnumerateArray()
                .Select(s => (Text(s, "action")!, Text(s, "detail")!, Text(s, "reason"))));
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("""[{"skill":"german","when":{"field":"traits.language","is":"de"}},{"skill":"french","when":{"field":"traits.language","is":"fr"}}]""", "german")]
    [InlineData("""[{"skill":"vip","when":{"segment":"buyers"}},{"skill":"churn","kinds":["churn_risk"]},{"skill":"pay","kinds":["payment_failed"]}]""", "churn vip")]
    public void Rules_say_what_an_agent_has_to_know(string skills, string expected)
    {
        var program = ProgramOf($$"""{"skills":{{skills}} }""");
        var story = new Story(program: program).Identify(4_999, """{"language":"de"}""");
        var id = Raise(story);
        Assert.Equal(expected, string.Join(' ', story.Reload().Alert(id).GetProperty("skills").EnumerateArray().Select(s => s.GetString())));
        Assert.Equal(program.ToJson(), ProgramDocument.Parse(program.ToJson()).ToJson());
    }

    [Fact]
    public void Policies_and_rules_may_ask_whose_customer_it_is_and_segments_may_not()
    {
        var story = new Story(program: ProgramOf("""{"churnRisk":{"when":{"field":"owner","is":"ada@x.example"}}}"""));
        story.Order(5_000, "a", 40).Order(5_030, "b", 40).Order(5_060, "c", 40);
        story.Wake(story.State.NextWakeMs);
        Assert.Empty(story.OpenAlerts);
        var today = (story.State.NewestMs - Story.StartMs) / 86_400_000.0 + 0.001;
        story.Own(EntryTypes.CustomerOwner, today, """{"owner":"ada@x.example"}""");
        Assert.Single(story.Reload().OpenAlerts);
        story.Own(EntryTypes.CustomerOwner, today, """{"owner":"bob@x.example"}""");
        Assert.Empty(story.OpenAlerts);

        var refusal = Assert.Throws<ProgramException>(() => ProgramDocument.Parse("""{"segments":{"hers":{"when":{"field":"owner","exists":true}}}}"""u8));
        Assert.Contains("segments.hers.when", refusal.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Desk_has_an_sla_of_its_own()
    {
        var (_, standard) = DueAfter(ProgramDocument.Default);
        var (severity, minutes) = DueAfter(ProgramOf("""{"desks":{"default":{"dueMinutes":{"low":11,"medium":12,"high":13,"critical":14}}}}"""));
        Assert.Equal(("medium", 12, 1_440), (severity, minutes, standard));
    }

    [Theory]
    [InlineData("""{"desks":{"Big Desk":{}}}""", "alerts.desks.Big Desk")]
    [InlineData("""{"desks":{"a":{"assignment":{"mode":"auto"}}}}""", "alerts.desks.a.assignment.mode")]
    [InlineData("""{"desks":{"a":{"assignment":{"capacity":0}}}}""", "alerts.desks.a.assignment.capacity")]
    [InlineData("""{"desks":{"a":{"assignment":{"team":1}}}}""", "alerts.desks.a.assignment.team")]
    [InlineData("""{"agents":{"ada":{}}}""", "alerts.agents.ada")]
    [InlineData("""{"agents":{"a@b.c":{"skills":["Big"]}}}""", "alerts.agents.a@b.c.skills")]
    [InlineData("""{"agents":{"a@b.c":{},"A@b.c":{}}}""", "alerts.agents.A@b.c")]
    [InlineData("""{"skills":[{}]}""", "alerts.skills[0].skill")]
    public void Faults_of_the_program_are_named(string alerts, string path)
    {
        var refusal = Assert.Throws<ProgramException>(() => ProgramOf(alerts));
        Assert.Contains(path, refusal.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Program_keeps_what_it_says_of_agents()
    {
        var program = ProgramOf("""{"agents":{"b@x":{"skills":["german"],"capacity":3,"desks":["care"]},"a@x":{}},"desks":{"care":{"assignment":{"mode":"roundRobin"}}}}""");
        Assert.Equal(["a@x", "b@x"], program.Alerts.Agents.Select(a => a.Agent));
        Assert.Equal((null, 3), (program.Alerts.Agents[0].Capacity, program.Alerts.Agents[1].Capacity));
        Assert.True(program.Alerts.DeskOf("care").IsRoundRobin);
        Assert.False(program.Alerts.DeskOf("other").IsRoundRobin);
        Assert.Contains("care", program.Alerts.Desks);
        Assert.Equal(program.ToJson(), ProgramDocument.Parse(program.ToJson()).ToJson());
    }

    private static (string Severity, int Minutes) DueAfter(ProgramDocument program)
    {
        var story = new Story(program: program);
        var alert = story.Alert(Raise(story));
        return (Text(alert, "severity")!, (int)((Ms(alert, "dueAt") - Ms(alert, "recordedAt")) / 60_000));
    }

    private (Story Story, string Id) Raised(ProgramDocument? program = null)
    {
        var story = new Story(program: program);
        var id = Raise(story);
        Today = (story.State.NewestMs - Story.StartMs) / 86_400_000.0 + 0.001;
        return (story, id);
    }

    private static string Raise(Story story)
    {
        story.Order(5_000, "a", 40).Order(5_030, "b", 40).Order(5_060, "c", 40);
        story.Wake(story.State.NextWakeMs);
        return story.OpenAlerts[0];
    }

    private static ProgramDocument ProgramOf(string alerts) => ProgramDocument.Parse(Encoding.UTF8.GetBytes(
        $$"""{"segments":{"buyers":{"when":{"field":"orders","atLeast":1} } },"alerts":{{alerts}} }"""));

    private static long Ceiling(long ms) => (ms + 999) / 1_000 * 1_000;

    private static long Ms(JsonElement alert, string name) => DateTimeOffset.Parse(Text(alert, name)!).ToUnixTimeMilliseconds();

    private static string? Text(JsonElement alert, string name) => alert.GetProperty(name).GetString();
}
