using System.Text;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using Xunit.Abstractions;

namespace OrleansCrm.Engagement.Tests.Personalization;

public sealed class DecisionAllocationTests(ITestOutputHelper output)
{
    private const int Rounds = 1_000;
    private const int BesideMax = 900;

    [Fact]
    public void Warm_decision_allocates_little_beside_the_note_that_has_its_answer()
    {
        var program = ProgramDocument.Parse("""
            {"offers":[
              {"id":"free-shipping","kind":"shipping","title":"Free shipping today","cart":{"from":30},"frequency":{"times":20,"days":7}},
              {"id":"ten-percent","kind":"percent","value":10,"title":"10% for you","when":{"field":"orders","atLeast":1},"controlShare":0.1},
              {"id":"welcome","kind":"amount","value":5,"title":"5 for your first order","when":{"field":"orders","is":0},"exclusionGroup":"welcome"},
              {"id":"gift-wrap","kind":"gift","title":"Gift wrapping for nothing","cart":{"products":["sku-0042"]}},
              {"id":"double-points","kind":"points","value":2,"title":"Points count twice","placements":["checkout","cart"]}]}
            """u8.ToArray());
        var story = new Story(program: program);
        for (var i = 0; i < 30; i++)
            story.Track(i * 0.1, "Order Completed", $$$"""{"order_id":"o{{{i}}}","revenue":20,"products":[{"product_id":"sku-{{{i:D4}}}","price":10},{"product_id":"sku-{{{i + 1:D4}}}","price":10}]}""");
        var learner = new ProductLearner();
        foreach (var entry in story.Entries)
            ProductEvents.Learn(learner, entry);
        var tables = DecisionTables.Empty.With(learner.Build());
        var question = new DecisionQuestion(
            "checkout", "EUR", 73_500_000, [new("sku-0042", "", 2_000_000, 24_500_000), new("sku-0007", "", 1_000_000, 24_500_000)], 3, []);

        (long Allocated, long Written) Measure()
        {
            var (before, written) = (GC.GetAllocatedBytesForCurrentThread(), 0L);
            for (ulong nonce = 0; nonce < Rounds; nonce++)
            {
                var made = Decider.Decide(story.State, program, question, tables, new DecisionId(7, 0, nonce), Story.Ms(4), false);
                written += made.Made.Length;
            }

            return (GC.GetAllocatedBytesForCurrentThread() - before, written);
        }

        Measure();
        var (allocated, written) = Measure();

        output.WriteLine($"{allocated / Rounds} bytes, of them the note with the answer {written / Rounds}: {Encoding.UTF8.GetString(Decider.Decide(story.State, program, question, tables, new DecisionId(7, 0, 1), Story.Ms(4), false).Answer)}");
        Assert.InRange((allocated - written) / Rounds, 0, BesideMax);
    }
}
