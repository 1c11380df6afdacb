using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class WakeTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Past_orders_whose_threshold_has_passed_raise_the_alert_and_a_new_order_withdraws_it()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");

        await engine.AppendAsync(SilentSince(ada, 110, 4));
        await Engine.UntilAsync("the alert is open", async () => (await engine.OpenAlertsAsync()).Length == 1);
        var alert = Assert.Single(await engine.OpenAlertsAsync());
        Assert.Equal("churn_risk", alert.GetProperty("kind").GetString());
        Assert.True(alert.GetProperty("raisedAt").GetDateTimeOffset() < Now);

        await engine.AppendAsync(Shop.Order(ada, "back", DateTimeOffset.UtcNow));
        await Engine.UntilAsync("the alert is gone", async () => (await engine.OpenAlertsAsync()).Length == 0);
        Assert.Equal(["open", "withdrawn"], (await engine.ChangesAsync()).Select(c => c.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Threshold_that_is_reached_while_the_server_is_down_raises_the_alert_after_the_start_without_any_request()
    {
        var time = new BendableTime();
        var ada = Shop.Customer("ada");
        await using (var engine = await Engine.StartAsync(_directory.Path, time))
        {
            await engine.AppendAsync(SilentSince(ada, 1, 6));
            await engine.PartitionOf(ada).FlushAsync();
            Assert.Empty(await engine.OpenAlertsAsync());
        }

        time.Advance(TimeSpan.FromDays(100));
        await using var restarted = await Engine.StartAsync(_directory.Path, time);
        await Engine.UntilAsync("the alert is open", async () => (await restarted.OpenAlertsAsync()).Length == 1);
    }

    [Fact]
    public async Task Everybody_who_fell_due_in_their_sleep_is_woken_before_anything_of_it_is_stored()
    {
        var time = new BendableTime();
        var customers = Enumerable.Range(0, 120).Select(i => Shop.Customer($"c{i}")).ToArray();
        await using (var engine = await Engine.StartAsync(_directory.Path, time))
        {
            foreach (var customer in customers)
                await engine.AppendAsync(SilentSince(customer, 1, 6));
            await Task.WhenAll(customers[..2].Concat(customers[^2..]).Select(c => engine.PartitionOf(c).FlushAsync()));
        }

        time.Advance(TimeSpan.FromDays(100));
        await using var restarted = await Engine.StartAsync(_directory.Path, time, o =>
        {
            o.WakesUnderWayMax = 2;
            o.FlushCustomersMax = 1;
            o.FlushAge = TimeSpan.FromHours(1);
        });
        await Engine.UntilAsync("all alerts are open", async () => (await restarted.OpenAlertsAsync()).Length == 120);
    }

    [Fact]
    public async Task Threshold_is_met_while_the_server_runs()
    {
        var time = new BendableTime();
        var ada = Shop.Customer("ada");
        await using var engine = await Engine.StartAsync(_directory.Path, time);
        await engine.AppendAsync(SilentSince(ada, 1, 6));

        // Small steps, because a customer that is woken late would be the same customer.
        for (var day = 0; day < 200 && (await engine.OpenAlertsAsync()).Length == 0; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await Engine.UntilAsync("nothing is due", async () => (await engine.PartitionOf(ada).TouchAsync()).OverdueWakes == 0);
        }

        Assert.Single(await engine.OpenAlertsAsync());
    }

    [Fact]
    public async Task What_is_due_for_one_tenant_is_no_others_backlog()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.WakeQuiet = TimeSpan.FromHours(1));
        var ada = Shop.Customer("ada");
        await engine.AppendAsync(SilentSince(ada, 110, 4));

        await Engine.UntilAsync("another tenant has nothing due", async () => (await engine.PartitionOf(ada).BacklogAsync("def")).OverdueWakes == 0);
        Assert.Equal(1, (await engine.PartitionOf(ada).BacklogAsync("default")).OverdueWakes);
        Assert.True((await engine.PartitionOf(ada).BacklogAsync("def")).Ready);
    }

    [Fact]
    public async Task Wall_clock_that_jumps_ahead_wakes_nobody_and_shows()
    {
        var time = new BendableTime();
        var ada = Shop.Customer("ada");
        await using var engine = await Engine.StartAsync(_directory.Path, time);
        await engine.AppendAsync(SilentSince(ada, 1, 6));

        time.JumpWall(TimeSpan.FromDays(300));
        await Engine.UntilAsync("the jump shows", async () => (await engine.PartitionOf(ada).TouchAsync()).WakesHeld);
        Assert.False((await engine.PartitionOf(ada).TouchAsync()).Ready);
        Assert.Empty(await engine.OpenAlertsAsync());

        time.JumpWall(TimeSpan.FromDays(-300));
        await Engine.UntilAsync("the partition is ready", async () => (await engine.PartitionOf(ada).TouchAsync()).Ready);
        Assert.Empty(await engine.OpenAlertsAsync());
    }

    [Fact]
    public async Task Customers_of_a_running_import_are_not_woken_before_its_end()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var (imported, live) = TwoOfOnePartition();
        var partition = engine.PartitionOf(imported);
        await partition.AppendAsync(new AppendRequest([Shop.Import(EntryTypes.ImportStarted, "history")]));
        await engine.AppendAsync(SilentSince(imported, 110, 4, "history"));
        await engine.AppendAsync(SilentSince(live, 110, 4));

        await Engine.UntilAsync("the live customer's alert is open", async () => (await engine.OpenAlertsAsync()).Length == 1);
        await partition.FlushAsync();
        Assert.True((await partition.ImportAsync("default/history")).IsRunning);
        Assert.Single(await engine.OpenAlertsAsync());

        await partition.AppendAsync(new AppendRequest([Shop.Import(EntryTypes.ImportEnded, "history")]));
        await Engine.UntilAsync("both alerts are open", async () => (await engine.OpenAlertsAsync()).Length == 2);
        Assert.False((await partition.ImportAsync("default/history")).IsRunning);
    }

    [Fact]
    public async Task Import_of_another_tenant_with_the_same_name_holds_nobody_up()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");
        await engine.PartitionOf(ada).AppendAsync(new AppendRequest([Shop.Import(EntryTypes.ImportStarted, "history", "other")]));

        await engine.AppendAsync(SilentSince(ada, 110, 4, "history"));

        await Engine.UntilAsync("the alert is open", async () => (await engine.OpenAlertsAsync()).Length == 1);
    }

    [Fact]
    public async Task Silent_import_is_ended_by_the_partition()
    {
        var time = new BendableTime();
        await using var engine = await Engine.StartAsync(_directory.Path, time);
        var partition = engine.PartitionOf(Shop.Customer("ada"));
        await partition.AppendAsync(new AppendRequest([Shop.Import(EntryTypes.ImportStarted, "history")]));
        Assert.True((await partition.ImportAsync("default/history")).IsRunning);

        time.Advance(TimeSpan.FromMinutes(11));
        await Engine.UntilAsync("the import has ended", async () => !(await partition.ImportAsync("default/history")).IsRunning);
        await partition.AppendAsync(new AppendRequest([Shop.Import(EntryTypes.ImportStarted, "history")]));
        Assert.True((await partition.ImportAsync("default/history")).IsRunning);
    }

    private static (string, string) TwoOfOnePartition()
    {
        var partition = Contracts.Customers.CustomerKey.Parse(Shop.Customer("c0")).PartitionOf(2);
        var other = Enumerable.Range(1, 100).Select(i => Shop.Customer($"c{i}"))
            .First(c => Contracts.Customers.CustomerKey.Parse(c).PartitionOf(2) == partition);
        return (Shop.Customer("c0"), other);
    }

    /// <summary>Orders every three weeks up to some days ago.</summary>
    private static NewEntry[] SilentSince(string customer, int daysAgo, int orders, string import = "") =>
        [.. Enumerable.Range(0, orders).Select(i =>
            Shop.Order(customer, $"{customer}-{i}", Now.AddDays(-daysAgo - (orders - 1 - i) * 21), import: import))];
}
