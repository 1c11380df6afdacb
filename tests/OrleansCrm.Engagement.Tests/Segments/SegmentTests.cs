using System.Text;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Segments;

public sealed class SegmentTests
{
    private const string Shop = """
        {"segments":{
          "buyers":{"title":"Have bought","when":{"field":"orders","atLeast":1}},
          "frequent":{"when":{"count":"orders","within":"30d","atLeast":2}},
          "quiet":{"when":{"all":[{"segment":"buyers"},{"not":{"segment":"frequent"}},{"field":"daysSinceOrder","atLeast":40}]}},
          "at-risk":{"when":{"all":[{"field":"orders","atLeast":3},{"field":"risk","atLeast":0.6}]}}}}
        """;

    [Fact]
    public void Program_without_segments_ends_the_wait_of_those_that_only_time_would_have_moved()
    {
        var story = new Story(program: SegmentChurnTests.Shop).Order(0, "a");
        Assert.Equal(Story.Ms(60), story.State.SegmentsNextMs);
        story.Publish(ProgramDocument.Default with { Version = 2 });
        Assert.Equal(0, story.State.SegmentsNextMs);
        story.Wake(60.0).Order(70, "b");
        Assert.Equal(2, story.Orders);
    }

    [Fact]
    public void Customer_enters_in_the_turn_of_the_event_that_makes_him_belong()
    {
        var story = new Story(program: Parse(Shop)).Order(0, "a");
        Assert.Equal(["entered segment buyers"], Segments(story.Notes));
        story.Order(3, "b");
        Assert.Equal(["entered segment frequent"], Segments(story.Notes));
        Assert.Equal(["buyers", "frequent"], Names(story));
        story.Cancel(4, "b");
        Assert.Equal(["left segment frequent"], Segments(story.Notes));
        Assert.Equal(["buyers"], Names(story.Reload()));
    }

    [Fact]
    public void Time_alone_moves_a_customer_at_the_exact_instant()
    {
        var story = new Story(program: Parse("""
            {"segments":{"fresh":{"when":{"count":"orders","within":"10d","atLeast":1}},"gone":{"when":{"all":[{"not":{"segment":"fresh"}},{"field":"daysSinceOrder","atLeast":12}]}}}}
            """)).Order(0, "a");
        Assert.Equal(Story.Ms(10), story.State.NextWakeMs);
        story.Wake(10.0);
        Assert.Equal(["left segment fresh"], Segments(story.Notes));
        Assert.Equal(Story.Ms(12), story.State.NextWakeMs);
        story.Wake(12.0);
        Assert.Equal(["entered segment gone"], Segments(story.Notes));
        story.Order(20, "b");
        Assert.Equal(["left segment gone", "entered segment fresh"], Segments(story.Notes));
    }

    [Fact]
    public void Instants_before_an_entry_are_lived_through_in_order()
    {
        var story = new Story(program: Parse(Shop)).Order(0, "a").Order(5, "b").Page(100);
        Assert.Equal(["left segment frequent", "entered segment quiet"], Segments(story.Notes));
    }

    [Fact]
    public void Changed_definition_moves_customers_and_a_removed_one_lets_them_go()
    {
        var story = new Story(program: Parse(Shop)).Order(0, "a").Order(5, "b");
        story.Publish(Parse("""{"segments":{"frequent":{"when":{"count":"orders","within":"30d","atLeast":3}},"new":{"when":{"field":"orders","below":5}}}}"""));
        Assert.Equal(["left segment buyers", "left segment frequent", "entered segment new"], Segments(story.Notes));
        Assert.Equal(["new"], Names(story));
        story.Publish(ProgramDocument.Default);
        Assert.Empty(Names(story));
    }

    [Fact]
    public void Order_of_arrival_does_not_matter()
    {
        var program = Parse("""
            {"segments":{"looks":{"when":{"count":"Product Viewed","within":"5d","atLeast":3}},"tickets":{"when":{"count":"tickets","within":"9d","atLeast":1}},
            "both":{"when":{"all":[{"segment":"looks"},{"segment":"tickets"}]}},"quiet":{"when":{"field":"daysSinceOrder","atLeast":3}}}}
            """);
        var random = new Random(4711);
        for (var run = 0; run < 50; run++)
        {
            var events = Enumerable.Range(0, 15).Select(i => (Day: Math.Round(random.NextDouble() * 20, 3), Kind: random.Next(4), Id: i)).ToArray();
            var inOrder = Play(program, events.OrderBy(e => e.Day));
            random.Shuffle(events);
            var shuffled = Play(program, events);
            Assert.Equal(Names(inOrder), Names(shuffled));
            Assert.Equal(inOrder.State.SegmentsNextMs, shuffled.State.SegmentsNextMs);
        }
    }

    /// <summary>Woken when asked for, a customer stands at every moment where a fresh look at the facts would put him.</summary>
    [Fact]
    public void Wakes_leave_no_moment_at_which_the_segments_are_wrong()
    {
        var program = Parse(Shop);
        var random = new Random(99);
        for (var run = 0; run < 30; run++)
        {
            var story = new Story(program: program).Order(0, "first");
            var day = 0.0;
            for (var i = 0; i < 12; i++)
            {
                var until = day + random.NextDouble() * 40;
                while (story.State.NextWakeMs != 0 && story.State.NextWakeMs <= Story.Ms(until))
                {
                    AssertSettledUntil(story, story.State.NextWakeMs - 1, random);
                    story.Wake(story.State.NextWakeMs);
                }

                AssertSettledUntil(story, Story.Ms(until), random);
                day = until;
                if (random.Next(3) == 0)
                    story.Page(day);
                else
                    story.Order(day, "o" + i);
            }
        }
    }

    private static void AssertSettledUntil(Story story, long untilMs, Random random)
    {
        for (var i = 0; i < 3; i++)
        {
            var atMs = random.NextInt64(story.State.NewestMs, Math.Max(story.State.NewestMs + 1, untilMs));
            foreach (var segment in story.Program.Segments)
                Assert.Equal(story.State.IsIn(segment.Name), segment.When.Holds(story.State, story.Program, atMs / 1_000 * 1_000));
        }
    }

    private static Story Play(ProgramDocument program, IEnumerable<(double Day, int Kind, int Id)> events)
    {
        var story = new Story(program: program);
        foreach (var (day, kind, id) in events)
            _ = kind switch
            {
                0 => story.Order(day, "o" + id),
                1 => story.Track(day, "Ticket Opened"),
                _ => story.Track(day, "Product Viewed"),
            };
        return story.Wake(21.0);
    }

    private static string[] Segments(string[] notes) => [.. notes.Where(n => n.Contains("segment", StringComparison.Ordinal))];

    private static string[] Names(Story story) => [.. story.Profile.GetProperty("segments").EnumerateArray().Select(s => s.GetString()!)];

    private static ProgramDocument Parse(string json) => ProgramDocument.Parse(Encoding.UTF8.GetBytes(json));
}
