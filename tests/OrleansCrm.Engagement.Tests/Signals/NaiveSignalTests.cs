using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Signals;

/// <summary>What the policies say in plain words, asked of all events at once at one instant; shares no code with the fold.</summary>
public sealed class NaiveSignalTests
{
    private const double Hour = 1 / 24.0;

    // Carts of everybody who has bought, however little.
    private static readonly ProgramDocument Program = ProgramDocument.Parse("""{"alerts":{"policies":{"cart_abandoned":{"valueMin":1}}}}"""u8)
        with { Churn = new ChurnRules { OrdersMin = 100 } };

    [Fact]
    public void Open_alerts_are_those_that_a_plain_reading_of_all_events_gives()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 1; seed <= 4_000; seed++)
        {
            var random = new Random(seed);
            var events = Enumerable.Range(0, random.Next(1, 9)).Select(i => Draw(random, i)).ToArray();
            var story = new Story(program: Program);
            foreach (var one in events.OrderBy(_ => random.Next()))
            {
                story.Track(one.Day, one.Name, one.Properties);
                if (random.Next(3) == 0)
                    story.Reload();
            }

            var at = events.Max(e => e.Day) + random.NextDouble() * 8;
            story.Wake(at);
            var expected = Plain(events, at).Order(StringComparer.Ordinal).ToArray();
            var actual = story.OpenAlerts.Select(id => story.Alert(id).GetProperty("kind").GetString()!).Order(StringComparer.Ordinal).ToArray();
            Assert.True(expected.SequenceEqual(actual), $"seed {seed}: expected [{string.Join(' ', expected)}] and got [{string.Join(' ', actual)}]");
            foreach (var kind in actual)
                seen[kind] = seen.GetValueOrDefault(kind) + 1;
        }

        Assert.Equal(["cart_abandoned", "detractor", "payment_failed", "refund_spike", "ticket_unanswered"], seen.Keys);
        Assert.All(seen, kind => Assert.True(kind.Value > 50, kind.ToString()));
    }

    private static IEnumerable<string> Plain(Told[] events, double at)
    {
        var ordered = Newest(events, "Order Completed");
        if (Newest(events, "Product Added") is var cart && cart > ordered && ordered > -1_000 && cart + 4 * Hour <= at && at < cart + 4 * Hour + 3)
            yield return "cart_abandoned";
        if (Newest(events, "Payment Failed") is var failed && failed > ordered && at < failed + 3)
            yield return "payment_failed";
        if (events.Count(e => e.Name == "Order Refunded" && at < e.Day + 30) >= 2)
            yield return "refund_spike";
        var tickets = events.Where(e => e.Name is "Ticket Opened" or "Ticket Closed").GroupBy(e => e.Key);
        if (tickets.Any(t => Newest([.. t], "Ticket Opened") is var opened && opened > Newest([.. t], "Ticket Closed") && opened + 1 <= at && at < opened + 15))
            yield return "ticket_unanswered";
        var answers = events.Where(e => e.Name == "Survey Answered").GroupBy(e => e.Key).Select(kind => kind.MaxBy(e => e.Day)!);
        if (answers.Any(a => a.Score <= (a.Key == "nps" ? 6 : 2) && at < a.Day + 30))
            yield return "detractor";
    }

    private static double Newest(IReadOnlyList<Told> events, string name) =>
        events.Where(e => e.Name == name).Select(e => e.Day).DefaultIfEmpty(-1_000).Max();

    private static Told Draw(Random random, int number)
    {
        var day = random.NextDouble() * 40;
        var (key, score) = ("k" + random.Next(2), random.Next(0, 6));
        return random.Next(7) switch
        {
            0 => new Told(day, "Order Completed", $$"""{"order_id":"o{{number}}","revenue":10}"""),
            1 => new Told(day, "Order Refunded", $$"""{"order_id":"o{{number}}","refund_id":"r"}"""),
            2 => new Told(day, "Payment Failed", "{}"),
            3 => new Told(day, "Product Added", "{}"),
            4 => new Told(day, "Ticket Opened", $$"""{"ticket_id":"{{key}}"}""", key),
            5 => new Told(day, "Ticket Closed", $$"""{"ticket_id":"{{key}}"}""", key),
            _ when random.Next(2) == 0 => new Told(day, "Survey Answered", $$"""{"kind":"nps","score":{{2 * score}}}""", "nps", 2 * score),
            _ => new Told(day, "Survey Answered", $$"""{"kind":"csat","score":{{score}}}""", "csat", score),
        };
    }

    private sealed record Told(double Day, string Name, string Properties, string Key = "", int Score = 0);
}
