using System.Text;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Alerts;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("[]", "default")]
    [InlineData("""[{"desk":"all"}]""", "all")]
    [InlineData("""[{"desk":"churn","kinds":["churn_risk"]}]""", "churn")]
    [InlineData("""[{"desk":"pay","kinds":["payment_failed"]}]""", "default")]
    [InlineData("""[{"desk":"hot","severities":["critical"]},{"desk":"warm","severities":["high","medium"]}]""", "warm")]
    [InlineData("""[{"desk":"rich","valueFrom":1000000},{"desk":"poor","valueFrom":1}]""", "poor")]
    [InlineData("""[{"desk":"buyers","when":{"segment":"buyers"}}]""", "buyers")]
    [InlineData("""[{"desk":"german","when":{"field":"traits.language","is":"de"}}]""", "german")]
    [InlineData("""[{"desk":"french","when":{"field":"traits.language","is":"fr"}}]""", "default")]
    [InlineData("""[{"desk":"many","when":{"count":"orders","within":"365d","atLeast":3}}]""", "many")]
    public void First_rule_that_fits_names_the_desk(string routing, string desk)
    {
        var program = ProgramOf(routing);
        var story = new Story(program: program).Identify(0, """{"language":"de"}""").Order(0, "a", 40).Order(30, "b", 40).Order(60, "c", 40);
        story.Wake(story.State.NextWakeMs);
        var sent = Assert.Single(story.Output.Outgoing);
        Assert.Equal(("default/" + desk, desk), (sent.Desk, story.Alert(sent.AlertId).GetProperty("desk").GetString()));
        Assert.Contains(desk, program.Alerts.Desks);
        Assert.Equal(program.ToJson(), ProgramDocument.Parse(program.ToJson()).ToJson());
    }

    [Fact]
    public void Alert_stays_where_it_has_gone_whatever_changes()
    {
        var story = new Story(program: ProgramOf("""[{"desk":"german","when":{"field":"traits.language","is":"de"}}]"""));
        story.Identify(0, """{"language":"de"}""").Order(0, "a", 40).Order(30, "b", 40).Order(60, "c", 40);
        story.Wake(story.State.NextWakeMs);
        var id = Assert.Single(story.OpenAlerts);
        story.Identify((story.State.NewestMs - Story.StartMs) / 86_400_000.0 + 0.1, """{"language":"fr"}""");
        Assert.Equal("german", story.Reload().Alert(id).GetProperty("desk").GetString());
    }

    [Theory]
    [InlineData("""[{}]""", "alerts.routing[0].desk")]
    [InlineData("""[{"desk":"Big Desk"}]""", "alerts.routing[0].desk")]
    [InlineData("""[{"desk":"a","severities":["huge"]}]""", "alerts.routing[0].severities")]
    [InlineData("""[{"desk":"a","when":{"segment":"nobody"}}]""", "alerts.routing[0].when.segment")]
    [InlineData("""[{"desk":"a","team":"x"}]""", "alerts.routing[0].team")]
    public void Faults_of_the_program_are_named(string routing, string path)
    {
        var refusal = Assert.Throws<ProgramException>(() => ProgramOf(routing));
        Assert.Contains(path, refusal.Faults.Select(f => f.Field));
    }

    private static ProgramDocument ProgramOf(string routing) => ProgramDocument.Parse(Encoding.UTF8.GetBytes(
        $$"""{"segments":{"buyers":{"when":{"field":"orders","atLeast":1} } },"alerts":{"routing":{{routing}} } }"""));
}
