using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Personalization;

public sealed class OfferTests
{
    private ulong _nonce;

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"placements":["home"]}""", "placement")]
    [InlineData("""{"from":"2024-01-03T00:00:00Z"}""", "not_started")]
    [InlineData("""{"until":"2024-01-02T00:00:00Z"}""", "ended")]
    [InlineData("""{"from":"2024-01-02T00:00:00Z","until":"2024-01-03T00:00:00Z"}""", "")]
    [InlineData("""{"when":{"field":"phase","is":"loyalty"}}""", "condition")]
    [InlineData("""{"when":{"field":"orders","atLeast":1}}""", "")]
    [InlineData("""{"cart":{"from":60}}""", "cart")]
    [InlineData("""{"cart":{"from":50,"until":50,"products":["lamp"]}}""", "")]
    [InlineData("""{"cart":{"products":["sofa"]}}""", "cart")]
    [InlineData("""{"consent":{"purpose":"marketing","channel":"site"}}""", "consent")]
    [InlineData("""{"consent":{"purpose":"service","channel":"site"}}""", "")]
    public void Offer_is_for_whom_the_program_says(string rules, string reason)
    {
        var story = Shop(Say(rules)).Order(0, "a", 20);

        var explained = Explained(Decide(story, 1), "o1");

        Assert.Equal(reason.Length == 0 ? [] : [reason], explained.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()!));
        Assert.Equal(reason.Length == 0, explained.GetProperty("shown").GetBoolean());
    }

    [Fact]
    public void Frequency_and_customer_caps_are_exact_and_showings_of_one_visit_are_one()
    {
        var story = Shop("""{"id":"often","title":"A","frequency":{"times":2,"days":7}},{"id":"once","title":"B","perCustomer":1}""");

        Show(story, 0);
        Show(story, 0.01);
        Assert.Empty(ReasonsOf(Decide(story, 0.02), "often"));
        Show(story, 1);
        Assert.Equal(["frequency_cap"], ReasonsOf(Decide(story, 2), "often"));
        Assert.Empty(ReasonsOf(Decide(story, 7.5), "often"));
        story.Order(2, "a");

        Assert.Equal(["customer_cap"], ReasonsOf(Decide(story.Reload(), 3), "once"));
    }

    [Fact]
    public void Order_counts_for_the_newest_showing_before_it_whenever_and_however_often_it_is_told()
    {
        static Story Run(params (double Day, string Id)[] orders)
        {
            var story = Shop("""{"id":"o1","title":"A"}""");
            var test = new OfferTests();
            test.Show(story, 0);
            test.Show(story, 3);
            foreach (var (day, id) in orders)
                story.Order(day, id);
            return story;
        }

        var once = Run((4, "a"));
        Assert.Equal([("shown", 2), ("converted", 1)], Learned(once));
        Assert.Equal(Learned(once), Learned(Run((4, "a"), (4, "a"))));
        Assert.Equal([("shown", 2), ("converted", 2)], Learned(Run((4, "a"), (2, "b"))));
        Assert.Equal(Learned(Run((4, "a"), (2, "b"))), Learned(Run((2, "b"), (4, "a"))));
        Assert.Equal([("shown", 2)], Learned(Run((11, "a"))));
    }

    [Fact]
    public void One_of_a_group_is_shown_and_what_does_not_stack_stands_alone()
    {
        var story = Shop("""
            {"id":"a1","title":"A","exclusionGroup":"a"},{"id":"a2","title":"A","exclusionGroup":"a"},{"id":"b","title":"B"},
            {"id":"alone","title":"C","stackable":false}
            """);

        var seen = new SortedSet<string>();
        for (var i = 0; i < 50; i++)
        {
            var shown = Decide(story, 1).GetProperty("offers").EnumerateArray().Select(o => o.GetProperty("offerId").GetString()!).Order(StringComparer.Ordinal).ToArray();
            seen.Add(string.Join(' ', shown));
        }

        Assert.Equal(["a1 b", "a2 b", "alone"], seen);
    }

    [Fact]
    public void Control_group_stays_the_same_and_has_its_share()
    {
        var program = Program("""{"id":"o1","title":"A","controlShare":0.2}""");
        var controls = Enumerable.Range(0, 2_000).Count(i =>
        {
            var story = new Story($"default/user:u{i}", program);
            var (first, second) = (ReasonsOf(Decide(story, 1), "o1"), ReasonsOf(Decide(story, 9), "o1"));
            Assert.Equal(first, second);
            return first is ["control_group"];
        });

        Assert.InRange(controls, 340, 460);
    }

    [Fact]
    public void Same_decision_draws_the_same_and_the_note_gives_it_back()
    {
        var story = Shop("""{"id":"a","title":"A"},{"id":"b","title":"B"},{"id":"c","title":"C","when":{"segment":"all"}}""", """ "segments":{"all":{"when":{"field":"orders","atLeast":0}}} """);
        var sums = new Dictionary<string, long> { [OfferMetrics.NameOf(story.Program.Offers[0].Key, 0, Story.Ms(1) / 86_400_000, ".shown")] = 70 };
        var tables = DecisionTables.Empty.With(new OfferTable(sums, Story.Ms(1), story.Program.Learning));
        var id = new DecisionId(7, 1, 99);

        var (answer, payload, _) = Decider.Decide(story.State, story.Program, Question, tables, id, Story.Ms(1), false);

        var note = DecisionNote.Read(payload);
        Assert.Equal(Encoding.UTF8.GetString(answer), Encoding.UTF8.GetString(note.Recompute(story.State, story.Program, id)));
        Assert.Equal(answer, Decider.Decide(story.State, story.Program, Question, tables, id, Story.Ms(1), false).Answer);
        Assert.Equal(70, Explained(Story.Json(answer), "a").GetProperty("exposures").GetDouble(), 3);
    }

    [Fact]
    public void What_a_visitor_was_shown_comes_along_with_the_customer()
    {
        var visitor = new Story("default/anonymous:v", Program("""{"id":"o1","title":"A","frequency":{"times":1,"days":7}}"""));
        Show(visitor, 0);
        Assert.True(visitor.State.IsEmpty);
        var customer = new Story(program: visitor.Program);

        OfferFold.Take(customer.State, visitor.Reload().State.Offers);

        Assert.Equal(["frequency_cap"], ReasonsOf(Decide(customer, 1), "o1"));
        Assert.Equal(Learned(visitor), Learned(customer));
    }

    private static DecisionQuestion Question { get; } = new("checkout", "EUR", 50_000_000, [new("lamp", "", 1_000_000, 50_000_000)], 3, []);

    private static string Say(string rules) => rules == "{}" ? """{"id":"o1","title":"A"}""" : """{"id":"o1","title":"A",""" + rules[1..];

    private static ProgramDocument Program(string offers, string more = "") =>
        ProgramDocument.Parse(Encoding.UTF8.GetBytes($$"""{"offers":[{{offers}}]{{(more.Length > 0 ? "," + more : "")}}}"""));

    private static Story Shop(string offers, string more = "") => new Story(program: Program(offers, more));

    private JsonElement Decide(Story story, double day) =>
        Story.Json(Decider.Decide(story.State, story.Program, Question, DecisionTables.Empty, new DecisionId(7, 0, ++_nonce), Story.Ms(day), false).Answer);

    /// <summary>Decides and journals it.</summary>
    private void Show(Story story, double day)
    {
        var made = Decider.Decide(story.State, story.Program, Question, DecisionTables.Empty, new DecisionId(7, 0, ++_nonce), Story.Ms(day), false);
        story.Own(EntryTypes.DecisionMade, day, Encoding.UTF8.GetString(made.Note));
    }

    private static JsonElement Explained(JsonElement decided, string offer) =>
        decided.GetProperty("explanation").GetProperty("offers").EnumerateArray().Single(o => o.GetProperty("offerId").GetString() == offer);

    private static string[] ReasonsOf(JsonElement decided, string offer) =>
        [.. Explained(decided, offer).GetProperty("reasons").EnumerateArray().Select(r => r.GetString()!)];

    private static (string What, long Count)[] Learned(Story story) =>
    [
        .. Contribution.Sums(story.State, story.Program).Where(s => s.Metric.StartsWith("offer.", StringComparison.Ordinal))
            .GroupBy(s => s.Metric.Split('.')[^1]).OrderByDescending(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Sum(s => s.Value))),
    ];
}
