using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

/// <summary>Erasures of people who give each other points, or bring each other.</summary>
public sealed class GiftErasureTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow.AddDays(-3);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("giver")]
    [InlineData("receiver")]
    [InlineData("both")]
    public async Task Points_that_are_on_their_way_when_an_erasure_begins_are_in_the_books_afterwards(string erased)
    {
        const int Pairs = 20;
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.LinkPatience = TimeSpan.Zero);
        var pairs = Enumerable.Range(0, Pairs).Select(i => (Giver: Shop.Customer($"giver{i}"), Receiver: Shop.Customer($"receiver{i}"))).ToArray();
        await Task.WhenAll(pairs.Select(async pair =>
        {
            await engine.AppendAsync(Shop.Order(pair.Giver, "o" + pair.Giver, Now, 60));
            await OpenAsync(engine, pair.Receiver);
            var giving = engine.AppendAsync(Give(pair.Giver, pair.Receiver, 25));
            if (erased != "receiver")
                await engine.PartitionOf(pair.Giver).EraseAsync(pair.Giver, isAwaited: false);
            if (erased != "giver")
                await engine.PartitionOf(pair.Receiver).EraseAsync(pair.Receiver, isAwaited: false);
            await giving;
        }));

        await UntilAllAreDoneAsync(engine);
        Dictionary<string, long> sums = [];
        await Engine.UntilAsync("nothing is on its way", async () =>
        {
            await Task.WhenAll(pairs.SelectMany(p => new[] { p.Giver, p.Receiver, CodeOf(p.Giver), CodeOf(p.Receiver) }).Select(c => engine.PartitionOf(c).FlushAsync()));
            sums = await engine.SumsAsync();
            return sums.GetValueOrDefault("points.in_transit") == 0;
        });
        Assert.Equal(Pairs * 60, sums.GetValueOrDefault("points.forfeited") + sums.GetValueOrDefault("points.available"));
        Assert.Equal(0, sums.Where(s => s.Key.StartsWith("points.", StringComparison.Ordinal)).Sum(s => s.Value));
    }

    [Fact]
    public async Task Points_for_somebody_who_has_been_erased_come_back_at_once()
    {
        var (giver, receiver) = (Shop.Customer("giver"), Shop.Customer("receiver"));
        await using var engine = await Engine.StartAsync(_directory.Path);
        await engine.AppendAsync(Shop.Order(giver, "o", Now, 60));
        await OpenAsync(engine, receiver);
        await engine.EraseAsync(receiver);
        Assert.Equal(LookupStatus.Erased, (await engine.LookupAsync(CodeOf(receiver))).Status);

        Assert.Equal("", Assert.Single((await engine.AppendAsync(Give(giver, receiver, 25))).Outcomes).Code);

        await Engine.UntilAsync("they are back", async () => await BalanceAsync(engine, giver) == 60);
        Assert.Contains(
            await Engine.AllAsync(engine.Journal, CustomerKey.Parse(giver).PartitionOf(2)), e => e.Type == EntryTypes.PointsReturned && e.Customer == giver);
    }

    [Fact]
    public async Task Code_of_somebody_who_has_been_erased_earns_nobody_anything()
    {
        var (referrer, friend) = (Shop.Customer("referrer"), Shop.Customer("friend"));
        await using var engine = await Engine.StartAsync(_directory.Path);
        var program = ProgramDocument.Parse("""{"loyalty":{"pointsPerUnit":0,"referral":{"referrer":100,"friend":40,"standDays":0}}}"""u8);
        for (var partition = 0; partition < 2; partition++)
        {
            await engine.Grains.GetGrain<IPartitionGrain>(partition).AppendAsync(new AppendRequest(
                [new NewEntry("", Guid.NewGuid(), EntryTypes.ProgramPublished, Now.ToUnixTimeMilliseconds(), new ProgramPublication("default", program).ToPayload())]));
        }

        await OpenAsync(engine, referrer);
        await engine.EraseAsync(referrer);
        var order = Shop.Order(friend, "first", Now, 60);
        var payload = System.Text.Encoding.UTF8.GetString(order.Payload)
            .Replace("\"order_id\"", $"\"referral_code\":\"{Referrals.CodeOf(referrer)}\",\"order_id\"", StringComparison.Ordinal);
        await engine.AppendAsync(order with { Payload = System.Text.Encoding.UTF8.GetBytes(payload) });
        await engine.PartitionOf(friend).FlushAsync();

        var profile = (await engine.ProfileAsync(friend)).GetProperty("referral").GetProperty("broughtBy");
        Assert.Equal((Referrals.CodeOf(referrer), false), (profile.GetProperty("code").GetString(), profile.GetProperty("rewarded").GetBoolean()));
        Assert.Equal(0, await BalanceAsync(engine, friend));
    }

    private static async Task OpenAsync(Engine engine, string customer)
    {
        await engine.AppendAsync(
            Shop.View(customer, "v", Now), new NewEntry(customer, Guid.NewGuid(), EntryTypes.ReferralOpen, Now.ToUnixTimeMilliseconds(), "{}"u8.ToArray()));
        await Engine.UntilAsync("the code is open", async () => (await engine.LookupAsync(CodeOf(customer))).Status == LookupStatus.Moved);
    }

    private static Task UntilAllAreDoneAsync(Engine engine) => Engine.UntilAsync("all erasures are done", async () => Array.TrueForAll(
        [.. await Task.WhenAll(Enumerable.Range(0, 2).Select(p => engine.Journal.ReadErasuresAsync(p, CancellationToken.None)))],
        rows => Array.TrueForAll(rows, row => row.DoneMs > 0)));

    private static async Task<long> BalanceAsync(Engine engine, string customer) =>
        (await engine.ProfileAsync(customer)).GetProperty("loyalty").GetProperty("balance").GetInt64();

    private static string CodeOf(string customer) => Referrals.KeyOf("default", Referrals.CodeOf(customer));

    private static NewEntry Give(string giver, string receiver, long points) => new(
        giver, Guid.NewGuid(), EntryTypes.PointsTransfer, Now.ToUnixTimeMilliseconds(), Transfers.Command("k", points, Referrals.CodeOf(receiver), "test"));
}
