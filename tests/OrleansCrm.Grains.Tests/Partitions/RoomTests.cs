using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Grains.Tests.Support;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Tests.Partitions;

/// <summary>A journal without room: it has undone what it could not write, so nobody has to begin anew.</summary>
public sealed class RoomTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly string Ada = Shop.Customer("ada");

    private readonly TemporaryDirectory _directory = new();
    private JournalProbe _probe = null!;
    private Engine _engine = null!;

    public async Task InitializeAsync()
    {
        _engine = await StartAsync();
        await _engine.AppendAsync(Shop.Order(Ada, "o1", Now));
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Senders_are_put_off_and_lookups_are_answered_by_a_partition_that_never_reloads()
    {
        var grace = Enumerable.Range(0, 100).Select(i => Shop.Customer("grace" + i)).First(c => _engine.PartitionOf(c).Equals(_engine.PartitionOf(Ada)));
        await _engine.AppendAsync(Shop.Order(grace, "g1", Now));
        await _engine.PartitionOf(Ada).FlushAsync();
        var takeovers = _probe.Calls(nameof(IJournal.TakeOverAsync));

        _probe.Fill(nameof(IJournal.AppendAsync), nameof(IJournal.FlushAsync), nameof(IJournal.TakeOverAsync));
        Assert.Equal(AppendStatus.Unavailable, (await _engine.AppendAsync(Shop.Order(Ada, "o2", Now))).Status);
        Assert.Equal(AppendStatus.Unavailable, (await _engine.AppendAsync(Shop.Order(grace, "g2", Now))).Status);
        Assert.Equal(1, await _engine.OrdersAsync(Ada));
        Assert.Equal(1, await _engine.OrdersAsync(grace));
        Assert.Equal(LookupStatus.NotFound, (await _engine.LookupAsync(Shop.Customer("nobody"))).Status);

        _probe.Fill();
        await TakenAsync(Shop.Order(Ada, "o2", Now));
        await TakenAsync(Shop.Order(grace, "g2", Now));
        Assert.Equal((2, 2), (await _engine.OrdersAsync(Ada), await _engine.OrdersAsync(grace)));
        Assert.Equal(takeovers, _probe.Calls(nameof(IJournal.TakeOverAsync)));
    }

    [Fact]
    public async Task States_that_could_not_be_stored_are_stored_when_there_is_room()
    {
        _probe.Fill(nameof(IJournal.FlushAsync));
        await Assert.ThrowsAsync<InvalidOperationException>(_engine.PartitionOf(Ada).FlushAsync);
        await TakenAsync(Shop.Order(Ada, "o2", Now));
        Assert.Equal(2, await _engine.OrdersAsync(Ada));

        _probe.Fill();
        await Engine.UntilAsync("the state is stored", async () =>
            (await _engine.Journal.ReadSnapshotsAsync(CustomerKey.Parse(Ada).PartitionOf(2), [Ada], CancellationToken.None))[0] is not null);
        var stored = await _engine.Journal.ReadStrandsAsync(CustomerKey.Parse(Ada).PartitionOf(2), Ada, long.MaxValue, 10, CancellationToken.None);
        await _engine.CrashAsync();

        _engine = await StartAsync();
        Assert.Equal(2, await _engine.OrdersAsync(Ada));
        Assert.Equal([EntryVerdict.Duplicate], (await _engine.AppendAsync(Shop.Order(Ada, "o1", Now))).Verdicts);
        Assert.NotEmpty(stored);
    }

    [Fact]
    public async Task Erasure_waits_for_room()
    {
        _probe.Fill(nameof(IJournal.AppendAsync));
        var erasing = _engine.PartitionOf(Ada).EraseAsync(Ada, isAwaited: true);
        await Engine.UntilAsync("the erasure has found no room", () => Task.FromResult(_probe.Calls(nameof(IJournal.AppendAsync)) > 2));
        Assert.False(erasing.IsCompleted);

        _probe.Fill();
        Assert.Equal(EraseStatus.Done, (await erasing).Status);
    }

    private Task<Engine> StartAsync() => Engine.StartAsync(
        _directory.Path, configure: o => o.RoomRetry = TimeSpan.FromMilliseconds(50), probe: journal => (_probe = JournalProbe.On(journal)).Journal);

    private Task TakenAsync(Contracts.Partitions.NewEntry order) =>
        Engine.UntilAsync("there is room", async () => (await _engine.AppendAsync(order)).Status == AppendStatus.Done);
}
