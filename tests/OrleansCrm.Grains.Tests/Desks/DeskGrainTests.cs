using System.Text;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Desks;

public sealed class DeskGrainTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Changes_get_numbers_without_a_gap_whoever_sends_them()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var desk = engine.Grains.GetGrain<IDeskGrain>("default/vip");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async partition =>
        {
            for (var i = 0; i < 10; i++)
                await desk.RecordAsync(partition, [Change(i, 0), Change(i, 1)]);
        }));

        var view = await desk.ViewAsync(0);
        Assert.True(view.Resumed);
        Assert.Equal(Enumerable.Range(1, 80).Select(i => (long)i), view.Changes.Select(c => c.Sequence));
    }

    [Fact]
    public async Task What_a_partition_sends_again_is_ignored_also_after_a_restart()
    {
        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            var desk = engine.Grains.GetGrain<IDeskGrain>("default/vip");
            await desk.RecordAsync(0, [Change(1, 0), Change(2, 0)]);
            await desk.RecordAsync(0, [Change(1, 0), Change(2, 0), Change(2, 1)]);
            Assert.Equal(3, (await desk.ViewAsync(0)).Sequence);
        }

        await using var restarted = await Engine.StartAsync(_directory.Path);
        var again = restarted.Grains.GetGrain<IDeskGrain>("default/vip");
        await again.RecordAsync(0, [Change(2, 0), Change(2, 1), Change(3, 0)]);
        Assert.Equal(4, (await again.ViewAsync(0)).Sequence);
    }

    [Fact]
    public async Task Observer_hears_every_change_in_order()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var desk = engine.Grains.GetGrain<IDeskGrain>("default/vip");
        var observer = new Recorder();
        await desk.ObserveAsync(engine.Grains.CreateObjectReference<IDeskObserver>(observer));

        for (var i = 0; i < 50; i++)
            await desk.RecordAsync(0, [Change(i, 0)]);

        await Engine.UntilAsync("all are heard", () => Task.FromResult(observer.Heard.Count == 50));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), observer.Heard);
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task Client_that_knows_nothing_gets_the_unfinished_alerts_most_severe_first()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var desk = engine.Grains.GetGrain<IDeskGrain>("default/vip");
        await desk.RecordAsync(0, [Change(1, 0, rank: 5), Change(2, 0, rank: 9), Change(3, 0, rank: 7)]);
        await desk.RecordAsync(0, [Change(4, 0, alert: "0-2-0", isFinished: true)]);

        var view = await desk.ViewAsync(-1);

        Assert.False(view.Resumed);
        Assert.Equal(2, view.Total);
        Assert.Equal(["""{"id":"0-3-0"}""", """{"id":"0-1-0"}"""], view.Alerts.Select(a => Encoding.UTF8.GetString(a)));
        Assert.Equal(4, view.Sequence);
    }

    [Fact]
    public async Task Client_from_the_future_gets_a_fresh_list()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var desk = engine.Grains.GetGrain<IDeskGrain>("default/vip");
        await desk.RecordAsync(0, [Change(1, 0)]);

        Assert.False((await desk.ViewAsync(99)).Resumed);
    }

    private static Outgoing Change(long offset, int index, string? alert = null, bool isFinished = false, long rank = 1)
    {
        var id = alert ?? $"0-{offset}-{index}";
        return new Outgoing(offset, index, "default/vip", id, isFinished, rank, Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""));
    }

    private sealed class Recorder : IDeskObserver
    {
        public List<long> Heard { get; } = [];

        public Task ChangedAsync(DeskChanges changes)
        {
            lock (Heard)
                Heard.AddRange(changes.Changes.Select(c => c.Sequence));
            return Task.CompletedTask;
        }
    }
}
