using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Conditions;

public sealed class ConditionTests
{
    [Theory]
    [InlineData("""{"field":"phase","is":"advocacy"}""", true)]
    [InlineData("""{"field":"phase","in":["purchase","loyalty"]}""", false)]
    [InlineData("""{"field":"orders","is":2}""", true)]
    [InlineData("""{"field":"orders","above":2}""", false)]
    [InlineData("""{"field":"orders","in":[2,3]}""", true)]
    [InlineData("""{"field":"revenue","atLeast":100.1}""", true)]
    [InlineData("""{"field":"revenue","above":100.1}""", false)]
    [InlineData("""{"field":"revenue","atMost":100.1}""", true)]
    [InlineData("""{"field":"averageOrder","is":50.05}""", true)]
    [InlineData("""{"field":"balance","below":100}""", false)]
    [InlineData("""{"field":"tier","exists":false}""", true)]
    [InlineData("""{"field":"daysSinceOrder","is":10}""", true)]
    [InlineData("""{"field":"daysSinceFirstSeen","atLeast":16}""", false)]
    [InlineData("""{"field":"traits.city","is":"Graz"}""", true)]
    [InlineData("""{"field":"traits.city","isNot":"Graz"}""", false)]
    [InlineData("""{"field":"traits.nobody","isNot":"Graz"}""", true)]
    [InlineData("""{"field":"traits.age","atLeast":40}""", true)]
    [InlineData("""{"field":"traits.plus","is":true}""", true)]
    [InlineData("""{"field":"traits.gone","exists":true}""", false)]
    [InlineData("""{"field":"consent.marketing.email","is":true}""", true)]
    [InlineData("""{"field":"consent.marketing.sms","is":true}""", false)]
    [InlineData("""{"field":"acquisition.first.campaign","is":"spring"}""", true)]
    [InlineData("""{"field":"acquisition.last.source","exists":true}""", false)]
    [InlineData("""{"field":"nps","atLeast":9}""", true)]
    [InlineData("""{"field":"csat","exists":true}""", false)]
    [InlineData("""{"field":"openAlerts","is":1}""", true)]
    [InlineData("""{"count":"orders","within":"15d","is":2}""", true)]
    [InlineData("""{"count":"orders","within":"14d","atLeast":2}""", false)]
    [InlineData("""{"count":"tickets","within":"5d","atLeast":2}""", true)]
    [InlineData("""{"count":"tickets","within":"5d","atLeast":3}""", false)]
    [InlineData("""{"count":"refunds","within":"60d","below":1}""", true)]
    [InlineData("""{"count":"Video Watched","within":"10d","above":0}""", true)]
    [InlineData("""{"not":{"all":[{"field":"orders","is":2},{"field":"phase","is":"lost"}]}}""", true)]
    [InlineData("""{"any":[{"field":"orders","is":7},{"field":"phase","is":"advocacy"}]}""", true)]
    public void Condition_holds_as_the_profile_says(string condition, bool holds)
    {
        var when = Read(condition, out var program);
        var story = new Story(program: program)
            .Identify(0.2, """{"city":"\u0047raz","age":41,"plus":true,"gone":1}""").Identify(0.3, """{"gone":null}""")
            .Own(EntryTypes.Page, 0.4, """{"type":"page","context":{"campaign":{"name":"spring","source":"news"}}}""")
            .Own(EntryTypes.Page, 0.5, """{"type":"page","context":{"page":{"referrer":"https://blog.example/p?secret=1","url":"https://shop.example/"}}}""")
            .Order(1, "a", 50.05m).Order(5.5, "b", 50.05m).Track(6, "Survey Answered", """{"kind":"nps","score":9}""")
            .Own(EntryTypes.Track, 7, """{"type":"track","event":"Consent Changed","properties":{"purpose":"marketing","channel":"email","granted":true}}""")
            .Track(8, "Video Watched").Track(12, "Ticket Opened", """{"ticket_id":"1"}""").Track(15.5, "Ticket Opened", """{"ticket_id":"2"}""");
        Assert.Equal(holds, when.Holds(story.State, program, story.State.NewestMs));
        Assert.Equal(holds, when.Holds(story.Reload().State, program, story.State.NewestMs));
    }

    [Theory]
    [InlineData("""{"field":"daysSinceOrder","atLeast":30}""", 40)]
    [InlineData("""{"field":"daysSinceOrder","above":30}""", 41)]
    [InlineData("""{"field":"daysSinceFirstSeen","below":60}""", 60)]
    [InlineData("""{"count":"orders","within":"30d","atLeast":2}""", 30)]
    [InlineData("""{"count":"orders","within":"30d","is":1}""", 30)]
    [InlineData("""{"count":"tickets","within":"12h","is":0}""", 10.5)]
    [InlineData("""{"field":"traits.city","is":"Graz"}""", -1)]
    [InlineData("""{"field":"orders","is":2}""", -1)]
    [InlineData("""{"all":[{"field":"orders","is":9},{"field":"daysSinceOrder","atLeast":30}]}""", -1)]
    [InlineData("""{"any":[{"field":"orders","is":2},{"field":"daysSinceOrder","atLeast":30}]}""", -1)]
    [InlineData("""{"any":[{"field":"orders","is":9},{"field":"daysSinceOrder","atLeast":30}]}""", 40)]
    public void Condition_says_when_time_alone_changes_it(string condition, double day)
    {
        var when = Read(condition, out var program);
        var story = new Story(program: program).Page(0).Order(0, "a").Track(10, "Ticket Opened").Order(10, "b");
        var nextMs = when.NextChangeMs(story.State, program, story.State.NewestMs);
        Assert.Equal(day < 0 ? long.MaxValue : Story.Ms(day), nextMs);
    }

    /// <summary>Whatever moves: just before the instant the answer is the old one, at the instant it is another.</summary>
    [Theory]
    [InlineData("""{"field":"risk","atLeast":0.6}""")]
    [InlineData("""{"field":"risk","below":0.8}""")]
    [InlineData("""{"field":"probabilityAlive","atMost":0.5}""")]
    [InlineData("""{"field":"probabilityAlive","atLeast":0.7}""")]
    [InlineData("""{"field":"clv","below":20}""")]
    [InlineData("""{"field":"clv","atLeast":5.5}""")]
    [InlineData("""{"field":"phase","is":"recapture"}""")]
    [InlineData("""{"field":"daysSinceOrder","is":33}""")]
    [InlineData("""{"count":"orders","within":"33d","below":2}""")]
    public void Answer_changes_at_the_instant_and_not_a_second_before(string condition)
    {
        var when = Read(condition, out var program);
        foreach (var noise in new[] { 0, 0.00001, 0.3337, 0.9 })
        {
            var story = new Story(program: program).Order(0, "a").Order(10 + noise, "b").Order(20 + 2 * noise, "c");
            var nowMs = story.State.NewestMs;
            var holds = when.Holds(story.State, program, nowMs);
            var nextMs = when.NextChangeMs(story.State, program, nowMs);
            Assert.NotEqual(long.MaxValue, nextMs);
            Assert.Equal(0, nextMs % 1_000);
            Assert.Equal(holds, when.Holds(story.State, program, nextMs - 1_000));
            Assert.NotEqual(holds, when.Holds(story.State, program, nextMs));
        }
    }

    [Fact]
    public void Refund_that_is_told_twice_counts_once()
    {
        var when = Read("""{"count":"refunds","within":"30d","atLeast":2}""", out var program);
        var story = new Story(program: program).Order(0, "a").Refund(1, "a", "r1", 5).Refund(2, "a", "r1", 5);
        Assert.False(when.Holds(story.State, program, story.State.NewestMs));
        story.Refund(3, "a", "r2", 5);
        Assert.True(when.Holds(story.State, program, story.State.NewestMs));
    }

    [Fact]
    public void No_more_times_are_kept_than_the_program_asks_for()
    {
        Read("""{"count":"Video Watched","within":"30d","atLeast":3}""", out var program);
        var story = new Story(program: program);
        for (var i = 0; i < 20; i++)
            story.Track(20 - i, "Video Watched");
        Assert.Equal([Story.Ms(18), Story.Ms(19), Story.Ms(20)], story.State.Counted![0].Times.Select(t => t.TimeMs));
        story.Publish(ProgramDocument.Default);
        Assert.Null(story.State.Counted);
    }

    [Fact]
    public void Program_without_conditions_keeps_no_times()
    {
        var story = new Story().Track(1, "Video Watched").Track(2, "Ticket Opened");
        Assert.Null(story.State.Counted);
        Assert.Empty(story.State.Segments);
    }

    private static Condition Read(string condition, out ProgramDocument program)
    {
        program = ProgramDocument.Parse(Encoding.UTF8.GetBytes(
            condition.Contains("openAlerts", StringComparison.Ordinal) ? "{}" : """{"segments":{"s":{"when":""" + condition + "}}}"));
        if (program.Segments.Count > 0)
            return program.Segments[0].When;
        using var json = System.Text.Json.JsonDocument.Parse($$"""{"when":{{condition}}}""");
        List<ProgramFault> faults = [];
        var read = new ConditionReader([], []).Read(new ProgramSection(json.RootElement, "", faults), "when");
        Assert.Empty(faults);
        return read;
    }
}
