using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Personalization;

public sealed class CheckoutPointsTests
{
    private const string Tiers = """
        {"loyalty":{"tiers":{"levels":[{"name":"bronze","from":50,"multiplier":1.5},{"name":"silver","from":200,"multiplier":2}]},
         "earn":[{"products":["double"],"pointsPerUnit":2}],"redemption":{"pointValue":0.01,"pointsMin":100}}}
        """;

    [Theory]
    [InlineData(30.5, 45)]
    [InlineData(0, 0)]
    public void Cart_earns_with_the_tiers_multiplier(double total, long points)
    {
        var decided = Decide(Tiers, 60, Cart((decimal)total));

        Assert.Equal(points, decided.GetProperty("tentativePoints").GetInt64());
    }

    [Fact]
    public void Cart_says_what_is_missing_to_the_next_tier()
    {
        var tier = Decide(Tiers, 60, Cart(145)).GetProperty("tier");

        Assert.Equal("""{"name":"bronze","next":"silver","points":60,"needed":140,"toSpend":{"amount":140,"currency":"EUR"},"reachedByCart":true}""", tier.GetRawText());
    }

    [Fact]
    public void Products_with_a_rate_of_their_own_earn_it()
    {
        var decided = Decide(Tiers, 10, new DecisionQuestion("checkout", "EUR", 30_000_000, [new("double", "", 2_000_000, 5_000_000), new("b", "", 1_000_000, 20_000_000)], 3, []));

        Assert.Equal(40, decided.GetProperty("tentativePoints").GetInt64());
    }

    [Theory]
    [InlineData(500, 3, 300, 3)]
    [InlineData(500, 100, 500, 5)]
    [InlineData(500, 0.5, 0, 0)]
    [InlineData(99, 100, 0, 0)]
    public void No_more_points_are_spent_than_the_cart_costs_and_none_below_the_least(long revenue, double total, long points, double value)
    {
        const string Program = """{"loyalty":{"redemption":{"pointValue":0.01,"pointsMin":100}}}""";

        var redemption = Decide(Program, revenue, Cart((decimal)total)).GetProperty("redemption");

        Assert.Equal((points, (decimal)value), (redemption.GetProperty("maxPoints").GetInt64(), redemption.GetProperty("value").GetProperty("amount").GetDecimal()));
    }

    [Fact]
    public void Currency_without_a_rate_buys_and_earns_nothing_once_rates_are_fixed()
    {
        const string Program = """{"rates":{"GBP":2}}""";

        var pounds = Decide(Program, 1_000, new DecisionQuestion("checkout", "GBP", 3_000_000, [], 3, []));
        var crowns = Decide(Program, 1_000, new DecisionQuestion("checkout", "SEK", 3_000_000, [], 3, []));

        Assert.Equal((600, 6), (pounds.GetProperty("redemption").GetProperty("maxPoints").GetInt64(), pounds.GetProperty("tentativePoints").GetInt64()));
        Assert.Equal(3, pounds.GetProperty("redemption").GetProperty("value").GetProperty("amount").GetDecimal());
        Assert.Equal((0, 0), (crowns.GetProperty("redemption").GetProperty("maxPoints").GetInt64(), crowns.GetProperty("tentativePoints").GetInt64()));
        Assert.Equal(JsonValueKind.Null, crowns.GetProperty("tier").GetProperty("toSpend").ValueKind);
    }

    [Fact]
    public void Note_gives_the_answer_back()
    {
        var story = new Story().Order(0, "a", 40);
        var id = new DecisionId(7, 100, 5);
        var question = new DecisionQuestion("cart", "", 12_340_000, [new("sku \"1\"", "lamps", 1_500_000, 990_000)], 4, []);
        var (answer, payload, _) = Decider.Decide(story.State, story.Program, question, DecisionTables.Empty, id, Story.Ms(1), isDegraded: false);

        var note = DecisionNote.Read(payload);

        Assert.Equal(answer, note.Answer);
        Assert.Equal(answer, note.Recompute(story.State, story.Program, id));
        Assert.Equal(question.Lines, note.Question.Lines);
    }

    private static DecisionQuestion Cart(decimal total) => new("checkout", "EUR", (long)(total * 1_000_000), [], 3, []);

    private static JsonElement Decide(string program, decimal revenue, DecisionQuestion question)
    {
        var story = new Story(program: ProgramDocument.Parse(System.Text.Encoding.UTF8.GetBytes(program))).Order(0, "a", revenue);
        return Story.Json(Decider.Decide(story.State, story.Program, question, DecisionTables.Empty, new DecisionId(0, 0, 1), Story.Ms(0), false).Answer);
    }
}
