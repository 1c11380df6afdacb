using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Tests.Support;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class ErasureTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow.AddDays(-3);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Erased_customer_is_gone_and_whatever_comes_is_refused()
    {
        var (ada, ben) = (Shop.Customer("ada"), Shop.Customer("ben"));
        await using var engine = await Engine.StartAsync(_directory.Path);
        await engine.AppendAsync(Shop.Order(ada, "a1", Now), Shop.Unfoldable(ada, "bad", Now));
        await engine.AppendAsync(Shop.Order(ben, "b1", Now));

        var receipt = await engine.EraseAsync(ada);

        Assert.Equal(EraseStatus.Done, receipt.Status);
        var counts = receipt.Stores.ToDictionary(s => s.Store, s => s.Count);
        Assert.Equal((3, 1, 1), (counts["entries"], counts["snapshots"], counts["faults"]));
        Assert.Equal(LookupStatus.Erased, (await engine.LookupAsync(ada)).Status);
        Assert.Equal(LookupStatus.Erased, (await engine.PartitionOf(ada).TimelineAsync(new TimelineRequest(ada, long.MaxValue, 10))).Status);
        Assert.Equal([EntryVerdict.Erased], (await engine.AppendAsync(Shop.Order(ada, "a2", Now))).Verdicts);
        Assert.Equal([EntryVerdict.Erased], (await engine.AppendAsync(Shop.Order(ada, "a1", Now))).Verdicts);
        Assert.Equal(1, await engine.OrdersAsync(ben));
        Assert.Equal(EraseStatus.NotFound, (await engine.PartitionOf(ben).EraseAsync(Shop.Customer("nobody"), isAwaited: true)).Status);
        Assert.Equal(receipt.ReceiptId, (await engine.PartitionOf(ada).EraseAsync(ada, isAwaited: true)).ReceiptId);
        await engine.AssertNamelessAsync("ada");
        var sums = (await engine.Journal.ReadSumsAsync("default", CancellationToken.None)).ToDictionary();
        Assert.Equal((2, 1, 100_000_000), (sums["orders"], sums["customers.erased"], sums["revenue:EUR"]));

        await engine.CrashAsync();
        await using var restarted = await Engine.StartAsync(_directory.Path);
        Assert.Equal(LookupStatus.Erased, (await restarted.LookupAsync(ada)).Status);
        Assert.Equal([EntryVerdict.Erased], (await restarted.AppendAsync(Shop.Order(ada, "a3", Now))).Verdicts);
        Assert.Equal(1, await restarted.OrdersAsync(ben));
        var again = await restarted.PartitionOf(ada).EraseAsync(ada, isAwaited: true);
        Assert.Equal((receipt.ReceiptId, receipt.DoneMs), (again.ReceiptId, again.DoneMs));
    }

    [Fact]
    public async Task Stale_owner_with_nothing_else_to_write_makes_room_for_the_erasure()
    {
        var ada = Shop.Customer("ada");
        await using var engine = await Engine.StartAsync(_directory.Path);
        await engine.AppendAsync(Shop.Order(ada, "a1", Now));
        await engine.PartitionOf(ada).FlushAsync();

        await engine.Journal.TakeOverAsync(CustomerKey.Parse(ada).PartitionOf(2), CancellationToken.None);
        var fenced = await engine.PartitionOf(ada).EraseAsync(ada, isAwaited: true);

        Assert.Equal(EraseStatus.Unavailable, fenced.Status);
        await Engine.UntilAsync("the customer is erased", async () => (await engine.PartitionOf(ada).EraseAsync(ada, isAwaited: true)).Status == EraseStatus.Done);
    }

    [Fact]
    public async Task Events_that_race_with_the_erasure_are_either_erased_or_refused()
    {
        var ada = Shop.Customer("ada");
        await using var engine = await Engine.StartAsync(_directory.Path);
        await engine.AppendAsync(Shop.Order(ada, "first", Now));
        var racing = Enumerable.Range(0, 200).Select(i => engine.AppendAsync(Shop.Order(ada, "race" + i, Now))).ToList();
        var erasing = engine.PartitionOf(ada).EraseAsync(ada, isAwaited: true);
        racing.AddRange(Enumerable.Range(200, 200).Select(i => engine.AppendAsync(Shop.Order(ada, "race" + i, Now))));

        var verdicts = (await Task.WhenAll(racing)).Select(r => r.Verdicts.Single()).ToArray();
        await erasing;
        var receipt = await engine.EraseAsync(ada);

        Assert.All(verdicts, v => Assert.True(v is EntryVerdict.Applied or EntryVerdict.Erased));
        Assert.Equal(verdicts.Count(v => v == EntryVerdict.Applied) + 2, receipt.Stores.Single(s => s.Store == "entries").Count);
        await engine.AssertNamelessAsync("ada", "race");
    }

    [Fact]
    public async Task Alert_of_an_erased_customer_leaves_the_desk_and_answers_to_no_command()
    {
        var ada = Shop.Customer("ada");
        var last = DateTimeOffset.UtcNow.AddDays(-57);
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.WakeQuiet = TimeSpan.Zero);
        await engine.AppendAsync([.. Enumerable.Range(0, 10).Select(i => Shop.Order(ada, "a" + i, last.AddDays(-7 * (9 - i))))]);
        await Engine.UntilAsync("an alert is open", async () => (await engine.OpenAlertsAsync()).Length == 1);
        var id = (await engine.OpenAlertsAsync())[0].GetProperty("id").GetString()!;

        var receipt = await engine.EraseAsync(ada);

        Assert.Empty(await engine.OpenAlertsAsync());
        Assert.InRange(receipt.Stores.Single(s => s.Store == "alertChanges").Count, 2, 10);
        Assert.All(await engine.ChangesAsync(), c => Assert.Equal("", c.GetProperty("customerId").GetString()));
        AlertId.TryParse(id, out var alert);
        var claim = await engine.Grains.GetGrain<IPartitionGrain>(alert.Partition).AppendAsync(new AppendRequest([Shop.Claim(id, "agent")]));
        Assert.Equal("not_found", claim.Outcomes[0].Code);
        await engine.AssertNamelessAsync("ada");
    }

    /// <summary>How far the erasure has come when the machine loses its power.</summary>
    [Theory]
    [InlineData("noted")]
    [InlineData("requested")]
    [InlineData("blanking")]
    [InlineData("tombstone")]
    public async Task Restart_goes_on_with_an_erasure(string phase)
    {
        var (ada, ben) = (Shop.Customer("ada"), Shop.Customer("ben"));
        var engine = await Engine.StartAsync(_directory.Path, configure: o => o.EraseWait = TimeSpan.Zero);
        var partition = engine.PartitionOf(ada);
        for (var i = 0; i < 300; i++)
            await engine.AppendAsync(Shop.Order(ada, $"a{i}", Now));
        await engine.AppendAsync(Shop.Order(ben, "b", Now));
        var number = Contracts.Customers.CustomerKey.Parse(ada).PartitionOf(2);
        Assert.Equal(EraseStatus.UnderWay, (await partition.EraseAsync(ada, isAwaited: true)).Status);
        await Engine.UntilAsync(phase, () => HasReachedAsync(engine.Journal, number, phase));
        await engine.CrashAsync();

        await using var restarted = await Engine.StartAsync(_directory.Path);
        Assert.Equal([EntryVerdict.Erased], (await restarted.AppendAsync(Shop.Order(ada, "late", Now))).Verdicts);
        var receipt = await restarted.EraseAsync(ada);

        Assert.Equal(301, receipt.Stores.Single(s => s.Store == "entries").Count);
        await restarted.AssertNamelessAsync("ada");
        Assert.Equal(1, await restarted.OrdersAsync(ben));
        Assert.Equal(1, await RequestsAsync(restarted.Journal, number));
        var sums = (await restarted.Journal.ReadSumsAsync("default", CancellationToken.None)).ToDictionary();
        Assert.Equal(1, sums["customers.erased"]);
        Assert.Equal(300 * 50, sums["points.forfeited"]);
    }

    private static async Task<bool> HasReachedAsync(IJournal journal, int partition, string phase) => phase switch
    {
        "noted" => (await journal.ReadErasuresAsync(partition, CancellationToken.None)).Length == 1,
        "requested" => await RequestsAsync(journal, partition) == 1,
        "blanking" => (await Engine.AllAsync(journal, partition)).Exists(e => e.Type == EntryTypes.Erased),
        _ => (await journal.ReadErasuresAsync(partition, CancellationToken.None))[0].Stores.Length > 0,
    };

    private static async Task<int> RequestsAsync(IJournal journal, int partition) =>
        (await Engine.AllAsync(journal, partition)).Count(e => e.Type == EntryTypes.ErasureRequested);
}
