using System.Text;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Evaluation;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Evaluation;

public sealed class OfferLogTests
{
    private static readonly ProgramDocument Program = ProgramDocument.Parse("""{"offers":[{"id":"a","title":"A"},{"id":"b","title":"B"}]}"""u8.ToArray());

    [Fact]
    public void Order_counts_for_the_newest_decision_before_it_and_a_cancelled_one_for_none()
    {
        var story = new Story(program: Program);
        Show(story, 0, 1);
        Show(story, 2, 2);
        story.Order(3, "x").Order(3, "x");
        Show(story, 4, 3);
        story.Order(5, "y").Cancel(6, "y");
        Show(story, 20, 4);
        story.Order(28, "z");

        var built = Build(story.Entries);

        Assert.Equal([false, true, false, false], built.Select(d => d.HasOrder));
        Assert.All(built, d => Assert.Equal(1, d.Arms.Sum(arm => arm.Propensity), 9));
        Assert.Equal(["new", "new", "active", "active"], built.Select(d => d.Kind));
    }

    [Fact]
    public void Visitor_who_becomes_known_is_one_customer()
    {
        var (visitor, customer) = (new Story("default/anonymous:v", Program), new Story(program: Program));
        Show(visitor, 0, 1);
        customer.Own(EntryTypes.Identify, 1, """{"type":"identify","userId":"u1","anonymousId":"v"}""");
        visitor.Receive(customer.Output.Outgoing.Single(o => o.Entry?.Type == EntryTypes.IdentityClaim).Entry!);
        customer.Order(2, "x");

        Assert.True(Assert.Single(Build([.. customer.Entries, .. visitor.Entries])).HasOrder);
    }

    private static LoggedDecision[] Build(IEnumerable<Entry> entries)
    {
        var log = new OfferLog("default");
        foreach (var entry in entries)
            log.Add(entry);
        return log.Build(attributionDays: 7);
    }

    private static void Show(Story story, double day, ulong nonce)
    {
        var made = Decider.Decide(
            story.State, Program, new DecisionQuestion("checkout", "EUR", 1_000_000, [], 1, []), DecisionTables.Empty, new DecisionId(7, 0, nonce), Story.Ms(day), false);
        story.Own(EntryTypes.DecisionMade, day, Encoding.UTF8.GetString(made.Note));
    }
}
