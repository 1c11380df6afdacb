using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

/// <summary>Erasures of people who have, or are just getting, several ids.</summary>
public sealed class PersonErasureTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow.AddDays(-3);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("user")]
    [InlineData("visitor")]
    [InlineData("both")]
    public async Task Points_that_are_on_their_way_when_an_erasure_begins_arrive(string erased)
    {
        const int People = 25;
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.LinkPatience = TimeSpan.Zero);
        var people = Enumerable.Range(0, People).Select(i => (User: Shop.Customer($"ulrike{i}"), Visitor: Shop.Visitor($"browser{i}"))).ToArray();
        await Task.WhenAll(people.Select(p => engine.AppendAsync(Shop.Order(p.Visitor, "o" + p.Visitor, Now, 60))));
        await Task.WhenAll(people.Select(p => engine.AppendAsync(Shop.View(p.User, "v", Now))));

        await Task.WhenAll(people.Select(async p =>
        {
            var linking = engine.AppendAsync(Shop.SignIn(p.User, p.Visitor, "m", Now));
            if (erased != "visitor")
                await engine.PartitionOf(p.User).EraseAsync(p.User, isAwaited: false);
            if (erased != "user")
                await engine.PartitionOf(p.Visitor).EraseAsync(p.Visitor, isAwaited: false);
            await linking;
        }));
        await Engine.UntilAsync("all erasures are done", async () => Array.TrueForAll(
            [.. await Task.WhenAll(Enumerable.Range(0, 2).Select(p => engine.Journal.ReadErasuresAsync(p, CancellationToken.None)))],
            rows => Array.TrueForAll(rows, row => row.DoneMs > 0)));

        // Sums are those of the rows, once everything is stored.
        await Task.WhenAll(people.Select(p => engine.PartitionOf(p.User).FlushAsync()));
        await Task.WhenAll(people.Select(p => engine.PartitionOf(p.Visitor).FlushAsync()));
        var sums = await engine.SumsAsync();
        Assert.Equal(0, sums.GetValueOrDefault("points.in_transit"));
        Assert.Equal((People, People * 60), (sums["orders"], sums.GetValueOrDefault("points.forfeited") + sums.GetValueOrDefault("points.available")));
        Assert.Equal(0, sums.Where(s => s.Key.StartsWith("points.", StringComparison.Ordinal)).Sum(s => s.Value));
        foreach (var (user, visitor) in people)
        {
            var (ofUser, ofVisitor) = ((await engine.LookupAsync(user)).Status, (await engine.LookupAsync(visitor)).Status);
            Assert.True(ofUser == LookupStatus.Erased || (erased == "visitor" && ofUser == LookupStatus.Found), $"{user} is {ofUser}");
            Assert.True(
                ofVisitor == LookupStatus.Erased || (erased == "user" && ofVisitor == LookupStatus.Found && ofUser == LookupStatus.Erased),
                $"{visitor} is {ofVisitor}");
        }
    }

    [Fact]
    public async Task Whoever_claims_an_erased_id_is_told_so()
    {
        var (user, visitor) = (Shop.Customer("u"), Shop.Visitor("v"));
        await using var engine = await Engine.StartAsync(_directory.Path);
        await engine.AppendAsync(Shop.Order(visitor, "o", Now, 60));
        await engine.EraseAsync(visitor);

        var answer = await engine.AppendAsync(Shop.SignIn(user, visitor, "m", Now), Shop.View(user, "v", Now));

        Assert.Equal([EntryVerdict.Applied, EntryVerdict.Applied], answer.Verdicts);
        Assert.Equal(LinkCodes.Erased, Assert.Single(answer.Outcomes).Code);
        Assert.Equal(0, await engine.OrdersAsync(user));
        Assert.Equal(EraseStatus.Done, (await engine.EraseAsync(user)).Status);
    }

    [Fact]
    public async Task Erasure_takes_the_name_out_of_claims_that_others_refused()
    {
        var (owner, visitor, claimant) = (Shop.Customer("owner"), Shop.Visitor("shared-tablet"), Shop.Customer("zora-quillfeather"));
        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            await engine.AppendAsync(Shop.Order(visitor, "o", Now, 60));
            await engine.AppendAsync(Shop.SignIn(owner, visitor, "m1", Now));
            var refused = await engine.AppendAsync(Shop.SignIn(claimant, visitor, "m2", Now));
            Assert.Equal(LinkCodes.AlreadyLinked, Assert.Single(refused.Outcomes).Code);
            var claims = await ClaimsAsync(engine, visitor);
            Assert.Contains("zora-quillfeather", claims[1], StringComparison.Ordinal);

            await engine.EraseAsync(claimant);

            await engine.AssertNamelessAsync("zora-quillfeather");
            var redacted = await ClaimsAsync(engine, visitor);
            Assert.Equal((2, claims[0]), (redacted.Length, redacted[0]));
            Assert.Contains("\"from\":\"erased:", redacted[1], StringComparison.Ordinal);
            Assert.Equal(1, await engine.OrdersAsync(owner));
        }

        await using var again = await Engine.StartAsync(_directory.Path);
        Assert.Equal((LookupStatus.Moved, owner), ((await again.LookupAsync(visitor)).Status, (await again.LookupAsync(visitor)).MovedTo));
        Assert.Equal(EraseStatus.Done, (await again.EraseAsync(owner)).Status);
        await again.AssertNamelessAsync("owner", "shared-tablet");
    }

    private static async Task<string[]> ClaimsAsync(Engine engine, string customer) =>
    [
        .. (await Engine.AllAsync(engine.Journal, CustomerKey.Parse(customer).PartitionOf(2)))
            .Where(e => e.Customer == customer && e.Type == EntryTypes.IdentityClaim)
            .Select(e => System.Text.Encoding.UTF8.GetString(e.Payload)),
    ];
}
