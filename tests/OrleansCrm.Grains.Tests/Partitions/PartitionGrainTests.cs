using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class PartitionGrainTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Acknowledged_order_is_seen_by_the_next_lookup()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");

        var response = await engine.AppendAsync(Shop.Order(ada, "o1", Now));

        Assert.Equal(AppendStatus.Done, response.Status);
        Assert.Equal([EntryVerdict.Applied], response.Verdicts);
        Assert.Equal(1, await engine.OrdersAsync(ada));
    }

    [Fact]
    public async Task Unknown_customer_is_not_found()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);

        Assert.Equal(LookupStatus.NotFound, (await engine.LookupAsync(Shop.Customer("nobody"))).Status);
    }

    [Fact]
    public async Task Repeat_is_a_duplicate_and_changes_nothing()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");
        var first = await engine.AppendAsync(Shop.Order(ada, "o1", Now));

        var again = await engine.AppendAsync(Shop.Order(ada, "o1", Now));

        Assert.Equal([EntryVerdict.Duplicate], again.Verdicts);
        Assert.Equal(first.Offsets, again.Offsets);
        Assert.Equal(1, await engine.OrdersAsync(ada));
    }

    [Fact]
    public async Task Repeats_of_one_customer_are_searched_for_together()
    {
        JournalProbe? probe = null;
        await using var engine = await Engine.StartAsync(_directory.Path, probe: journal => (probe = JournalProbe.On(journal)).Journal);
        var ada = Shop.Customer("ada");
        var first = Enumerable.Range(0, 30).Select(i => Shop.Order(ada, $"o{i}", Now)).ToArray();
        var answer = await engine.AppendAsync(first);
        await engine.PartitionOf(ada).FlushAsync();
        var before = probe!.Calls("ReadStrandsAsync");

        var again = await engine.AppendAsync([.. first, Shop.Order(ada, "new", Now)]);

        Assert.Equal([.. Enumerable.Repeat(EntryVerdict.Duplicate, 30), EntryVerdict.Applied], again.Verdicts);
        Assert.Equal(answer.Offsets, again.Offsets[..30]);
        Assert.Equal(1, probe.Calls("ReadStrandsAsync") - before);
    }

    [Fact]
    public async Task Repeat_within_one_request_joins_the_first()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");

        var response = await engine.AppendAsync(Shop.Order(ada, "o1", Now), Shop.Order(ada, "o1", Now), Shop.Order(ada, "o2", Now));

        Assert.Equal([EntryVerdict.Applied, EntryVerdict.Duplicate, EntryVerdict.Applied], response.Verdicts);
        Assert.Equal(2, await engine.OrdersAsync(ada));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restart_keeps_what_was_acknowledged_and_still_knows_repeats(bool flushed)
    {
        var customers = Enumerable.Range(0, 20).Select(i => Shop.Customer($"c{i}")).ToArray();
        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            foreach (var customer in customers)
                await engine.AppendAsync(Shop.Order(customer, customer + "-1", Now.AddDays(-3)), Shop.Order(customer, customer + "-2", Now));
            if (flushed)
                await Task.WhenAll(customers.Select(c => engine.PartitionOf(c).FlushAsync()));
        }

        await using var restarted = await Engine.StartAsync(_directory.Path);
        foreach (var customer in customers)
        {
            Assert.Equal(2, await restarted.OrdersAsync(customer));
            var again = await restarted.AppendAsync(Shop.Order(customer, customer + "-1", Now.AddDays(-3)));
            Assert.Equal([EntryVerdict.Duplicate], again.Verdicts);
            Assert.Equal(2, await restarted.OrdersAsync(customer));
        }
    }

    [Fact]
    public async Task Flush_covers_everything_so_that_a_restart_replays_nothing()
    {
        var ada = Shop.Customer("ada");
        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            await engine.AppendAsync(Shop.Order(ada, "o1", Now));
            await engine.PartitionOf(ada).FlushAsync();
            var status = await engine.PartitionOf(ada).TouchAsync();
            Assert.Equal(status.Head, status.Checkpoint);
            Assert.Equal(0, status.Dirty);
        }

        await using var restarted = await Engine.StartAsync(_directory.Path);
        Assert.Equal(1, await restarted.OrdersAsync(ada));
    }

    [Fact]
    public async Task Customer_whose_activation_lost_its_state_is_brought_up_to_date()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.FlushAge = TimeSpan.FromMinutes(1));
        var ada = Shop.Customer("ada");
        await engine.AppendAsync(Shop.Order(ada, "o1", Now.AddDays(-9)));
        await engine.PartitionOf(ada).FlushAsync();
        await engine.AppendAsync(Shop.Order(ada, "o2", Now.AddDays(-5)));

        await LoseStateAsync(engine, ada);
        Assert.Equal(2, await engine.OrdersAsync(ada));
        await LoseStateAsync(engine, ada);
        await engine.AppendAsync(Shop.Order(ada, "o3", Now));
        Assert.Equal(3, await engine.OrdersAsync(ada));
        await LoseStateAsync(engine, ada);
        await engine.PartitionOf(ada).FlushAsync();
        Assert.Equal(3, await engine.OrdersAsync(ada));
    }

    [Fact]
    public async Task Entry_that_cannot_be_folded_is_put_aside_and_the_rest_goes_on()
    {
        var ada = Shop.Customer("ada");
        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            await engine.AppendAsync(Shop.Order(ada, "o1", Now.AddDays(-1)));
            var response = await engine.AppendAsync(
                Shop.Order(ada, "o2", Now), Shop.Unfoldable(ada, "bad", Now), Shop.Order(ada, "o3", Now));

            Assert.Equal([EntryVerdict.Applied, EntryVerdict.Faulted, EntryVerdict.Applied], response.Verdicts);
            Assert.Equal(3, await engine.OrdersAsync(ada));
            Assert.Equal([EntryVerdict.Faulted], (await engine.AppendAsync(Shop.Unfoldable(ada, "bad", Now))).Verdicts);
        }

        await using var restarted = await Engine.StartAsync(_directory.Path);
        Assert.Equal(3, await restarted.OrdersAsync(ada));
        Assert.Equal([EntryVerdict.Faulted], (await restarted.AppendAsync(Shop.Unfoldable(ada, "bad", Now))).Verdicts);
    }

    [Fact]
    public async Task Stale_owner_cannot_write_and_the_partition_comes_back()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");
        await engine.AppendAsync(Shop.Order(ada, "o1", Now));

        await engine.Journal.TakeOverAsync(CustomerKey.Parse(ada).PartitionOf(2), CancellationToken.None);
        var fenced = await engine.AppendAsync(Shop.Order(ada, "o2", Now));

        Assert.Equal(AppendStatus.Unavailable, fenced.Status);
        await Engine.UntilAsync("the order is taken", async () =>
            (await engine.AppendAsync(Shop.Order(ada, "o2", Now))).Status == AppendStatus.Done);
        Assert.Equal(2, await engine.OrdersAsync(ada));
    }

    [Fact]
    public async Task Overload_is_refused_and_nothing_of_it_is_journaled()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.WaitingEntriesMax = 1);
        var ada = Shop.Customer("ada");

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => engine.AppendAsync(Shop.Order(ada, $"o{i}", Now))));

        var done = answers.Count(a => a.Status == AppendStatus.Done);
        Assert.Contains(answers, a => a.Status == AppendStatus.Overloaded && a.RetryAfterSeconds >= 1);
        Assert.Equal(done, await engine.OrdersAsync(ada));
    }

    [Fact]
    public async Task Timeline_shows_stored_and_new_entries_newest_first()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");
        for (var i = 0; i < 5; i++)
        {
            await engine.AppendAsync(Shop.Order(ada, $"o{i}", Now.AddDays(i - 9)));
            if (i == 2)
                await engine.PartitionOf(ada).FlushAsync();
        }

        var first = await engine.PartitionOf(ada).TimelineAsync(new TimelineRequest(ada, long.MaxValue, 3));
        var rest = await engine.PartitionOf(ada).TimelineAsync(new TimelineRequest(ada, first.Entries[^1].Offset, 3));

        Assert.Equal((3, true), (first.Entries.Length, first.HasMore));
        Assert.Equal((2, false), (rest.Entries.Length, rest.HasMore));
        var offsets = first.Entries.Concat(rest.Entries).Select(e => e.Offset).ToArray();
        Assert.Equal(offsets.OrderDescending(), offsets);
    }

    private static Task LoseStateAsync(Engine engine, string customer) =>
        engine.Grains.GetGrain<ICustomerGrain>(customer).ApplyAsync(new ApplyRequest(-1, [], []));
}
