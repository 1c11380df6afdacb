using System.Globalization;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Customers;

namespace OrleansCrm.Engagement.Tests.Identity;

/// <summary>Whichever of a person's ids was told something, and whenever they were linked: it means what it would mean told to one.</summary>
public sealed class LinkOrderTests
{
    private const string User = "user:u";

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Linked_customer_stands_as_if_all_had_been_told_to_him(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 15; round++)
        {
            var facts = PermutationTests.History(random);
            string[] visitors = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => "anonymous:a" + i)];
            var endMs = facts.Max(f => f.TimeMs) + random.NextInt64(1, 400 * 86_400_000L);
            var links = visitors.Select(v => new Told(User, SignIn(v, random.NextInt64(Story.StartMs, endMs)))).ToArray();
            var toOne = facts.Select(f => new Told(User, f)).Concat(links);
            var toMany = facts.Select(f => new Told(random.Next(3) == 0 ? User : visitors[random.Next(visitors.Length)], f)).Concat(links).ToArray();

            var program = round % 2 == 0 ? PermutationTests.Loyal : ProgramDocument.Default;
            var one = Live(toOne.OrderBy(t => t.Fact.TimeMs), endMs, random, program);
            random.Shuffle(toMany);
            var many = Live(toMany, endMs, random, program);

            Assert.True(one[User].Digest == many[User].Digest, $"seed {seed} round {round}:\n{one[User].Digest}\n{many[User].Digest}");
            Assert.Equal(0, many.InTransit);
            Assert.All(visitors, v => Assert.Equal("default/" + User, many[v].State.LinkedTo));
            Assert.All(visitors, v => Assert.DoesNotContain(Contribution.Sums(many[v].State, many[v].Program), s => s.Metric is "customers" or "orders" or "points.available"));
        }
    }

    private static Household Live(IEnumerable<Told> story, long endMs, Random random, ProgramDocument program)
    {
        var home = new Household(program);
        foreach (var (id, fact) in story)
        {
            home.Tell(id, (fact.TimeMs - Story.StartMs) / 86_400_000.0, fact.Type, fact.Payload);
            for (var i = random.Next(3); i > 0; i--)
                home.DeliverSome(random);
            if (random.Next(5) == 0)
                home.Do(id, s => s.Reload().Output.Clear());
        }

        while (home.Undelivered > 0)
            home.DeliverSome(random);
        home[User].Wake(endMs);
        return home;
    }

    private static PermutationTests.Fact SignIn(string visitor, long timeMs) => new(
        timeMs,
        EntryTypes.Page,
        string.Create(CultureInfo.InvariantCulture, $$"""{"type":"page","name":"In","userId":"u","anonymousId":"{{visitor["anonymous:".Length..]}}"}"""));

    private sealed record Told(string Id, PermutationTests.Fact Fact);
}
