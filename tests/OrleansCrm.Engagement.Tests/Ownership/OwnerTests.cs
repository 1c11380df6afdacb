using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Ownership;

public sealed class OwnerTests
{
    private const string Buyers = """
        {"segments":{"buyers":{"when":{"field":"orders","atLeast":1}}},
         "owners":{"rules":[{"segment":"buyers","agents":["ada@x","ben@x","eve@x"]}]}}
        """;

    [Fact]
    public void Customer_belongs_to_nobody_until_somebody_says_so()
    {
        var story = new Story().Order(0, "a");
        Assert.Null(OwnerOf(story));
        Give(story, 1, "ada@x");
        Assert.Equal("ada@x", OwnerOf(story.Reload()));
        Assert.Equal("owner ada@x", Assert.Single(story.Notes));
        Assert.Equal("ada@x", Story.Json(story.Output.Command!.Body).GetProperty("owner").GetString());
        Give(story, 2, null);
        Assert.Null(OwnerOf(story.Reload()));
    }

    [Fact]
    public void Trait_names_the_owner_and_a_command_goes_before_it()
    {
        var story = new Story().Identify(0, """{"owner":"ada@x"}""");
        Assert.Equal("ada@x", OwnerOf(story));
        Give(story, 1, "ben@x");
        story.Identify(2, """{"owner":"eve@x"}""");
        Assert.Equal("ben@x", OwnerOf(story));
        Give(story, 3, null);
        Assert.Equal("eve@x", OwnerOf(story));
        story.Identify(4, """{"owner":"the sales team"}""");
        Assert.Null(OwnerOf(story));
    }

    [Fact]
    public void Browser_cannot_name_an_owner()
    {
        var story = new Story().Own(EntryTypes.BrowserIdentify, 0, """{"type":"identify","userId":"u1","traits":{"owner":"ada@x"}}""");
        Assert.Null(OwnerOf(story));
    }

    [Fact]
    public void Customers_of_a_segment_are_shared_out_and_stay_where_they_are_when_another_agent_goes()
    {
        var program = ProgramDocument.Parse(Encoding.UTF8.GetBytes(Buyers));
        var fewer = ProgramDocument.Parse(Encoding.UTF8.GetBytes(Buyers.Replace(",\"eve@x\"", "")));
        var owners = new Dictionary<string, int>();
        for (var i = 0; i < 300; i++)
        {
            var before = OwnerOf(new Story($"default/user:u{i}", program).Order(0, "a"))!;
            var after = OwnerOf(new Story($"default/user:u{i}", fewer).Order(0, "a"))!;
            owners[before] = owners.GetValueOrDefault(before) + 1;
            Assert.Equal(before == "eve@x" ? after : before, after);
        }

        Assert.Equal(3, owners.Count);
        Assert.All(owners.Values, count => Assert.InRange(count, 70, 130));
        Assert.Null(OwnerOf(new Story(program: program).Page(0)));
    }

    [Fact]
    public void New_owner_is_told_to_the_desk_with_every_open_alert()
    {
        var story = new Story().Order(0, "a").Order(7, "b").Order(14, "c").Page(100);
        var id = Assert.Single(story.OpenAlerts);
        Give(story, 101, "ada@x");
        var sent = Assert.Single(story.Output.Outgoing);
        Assert.Equal((id, "ada@x"), (sent.AlertId, Story.Json(sent.Alert).GetProperty("owner").GetString()));
        Give(story, 102, "ada@x");
        Assert.Empty(story.Output.Outgoing);
    }

    [Fact]
    public void New_program_changes_owners_with_a_wake_at_once()
    {
        var story = new Story().Order(0, "a").Order(7, "b").Order(14, "c").Page(100);
        story.Publish(ProgramDocument.Parse(Encoding.UTF8.GetBytes(Buyers)) with { Version = 2 });
        Assert.Empty(story.Output.Outgoing);
        Assert.Equal(Story.Ms(100), story.State.NextWakeMs);
        story.WakeWhenDue(100);
        Assert.Contains(OwnerOf(story), new[] { "ada@x", "ben@x", "eve@x" });
        Assert.Equal(OwnerOf(story), story.Alert(story.OpenAlerts[0]).GetProperty("owner").GetString());
    }

    [Theory]
    [InlineData("""{"rules":[{"segment":"nobody","agents":["a@x"]}]}""", "owners.rules[0].segment")]
    [InlineData("""{"rules":[{"segment":"buyers","agents":[]}]}""", "owners.rules[0].agents")]
    [InlineData("""{"rules":[{"segment":"buyers","agents":["somebody"]}]}""", "owners.rules[0].agents")]
    [InlineData("""{"trait":7}""", "owners.trait")]
    [InlineData("""{"rule":[]}""", "owners.rule")]
    public void Faults_of_the_program_are_named(string owners, string path)
    {
        var json = $$"""{"segments":{"buyers":{"when":{"field":"orders","atLeast":1} } },"owners":{{owners}}}""";
        var refusal = Assert.Throws<ProgramException>(() => ProgramDocument.Parse(Encoding.UTF8.GetBytes(json)));
        Assert.Contains(path, refusal.Faults.Select(f => f.Field));
    }

    private static string? OwnerOf(Story story) => story.Profile.GetProperty("owner").GetString();

    private static void Give(Story story, double day, string? owner) =>
        story.Own(EntryTypes.CustomerOwner, day, JsonSerializer.Serialize(new { owner, by = "boss@x" }));
}
