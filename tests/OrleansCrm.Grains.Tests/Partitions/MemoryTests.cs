using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

/// <summary>Who is in memory, and as what.</summary>
public sealed class MemoryTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Customer_at_rest_gives_up_its_activation_and_goes_on_from_its_snapshot()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.UnpackedAge = Soon);
        var ada = Shop.Customer("ada");
        await engine.AppendAsync(Shop.Order(ada, "o1", Now.AddDays(-3)));
        await Engine.UntilAsync("the customer is packed", async () => (await StatusAsync(engine)) is { Dirty: 0, Unpacked: 0, Resident: 1 });

        var activation = await engine.Grains.GetGrain<ICustomerGrain>(ada).SnapshotAsync(0, leaves: false);
        Assert.Equal(CustomerStatus.Behind, activation.Status);

        Assert.Equal(1, await engine.OrdersAsync(ada));
        await Engine.UntilAsync("the customer is packed again", async () => (await StatusAsync(engine)).Unpacked == 0);
        Assert.Equal([EntryVerdict.Duplicate], (await engine.AppendAsync(Shop.Order(ada, "o1", Now.AddDays(-3)))).Verdicts);
        await engine.AppendAsync(Shop.Order(ada, "o2", Now));
        Assert.Equal(2, await engine.OrdersAsync(ada));
    }

    [Fact]
    public async Task No_more_customers_rest_unpacked_than_may()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.UnpackedMax = 6);
        var customers = Enumerable.Range(0, 30).Select(i => Shop.Customer($"c{i}")).ToArray();
        for (var round = 1; round <= 2; round++)
        {
            foreach (var customer in customers)
                await engine.AppendAsync(Shop.Order(customer, $"{customer}-{round}", Now.AddDays(round - 9)));
            await Engine.UntilAsync("few are unpacked", async () => (await StatusAsync(engine)) is { Dirty: 0, Unpacked: <= 6, Resident: 30 });
            foreach (var customer in customers)
                Assert.Equal(round, await engine.OrdersAsync(customer));
        }
    }

    [Fact]
    public async Task Of_many_who_are_resident_fewer_rest_unpacked()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o =>
        {
            o.UnpackedMax = 40;
            o.UnpackedAge = TimeSpan.FromHours(1);
        });
        for (var i = 0; i < 256; i += 64)
            await Task.WhenAll(Enumerable.Range(i, 64).Select(j => Shop.View(Shop.Customer($"c{j}"), $"m{j}", Now)).Select(view => engine.AppendAsync(view)));

        await Engine.UntilAsync("as many are packed as the others need room for", async () => (await StatusAsync(engine)) is { Dirty: 0, Unpacked: <= 24, Resident: 256 });
    }

    [Fact]
    public void Typical_customer_at_rest_takes_less_than_a_kilobyte()
    {
        // Twelve events, three of them orders. Beside this there is a place in the dictionary and two bytes for each message.
        var snapshot = """
            {"v":1,"key":"default/user:c0000003","head":[14,12,1794551651664,1802839592000,1,0],"seen":[12,1788794531664,1794551651664,1,1788794531664,680,7,0],"orders":[[10515936644625789622,17,1790424671664,6,61250000,"EUR",1000000,[7126746581946093176,24500000]],[13441770527287012852,81,2012880000,4,61250000,[7126746581946093176,24500000]],[18152760730329234761,81,2114100000,4,61250000,[7126746581946093176,24500000]]],"count":3,"revenue":{"EUR":183750000},"points":[-183,183],"ledger":[6,1790424671664,0,1,61,1,-3,4,2012880000,0,1,61,1,-2,4,2114100000,0,1,61,1,-1],"signals":[1793512391664,12],"purchases":[3,3,20770,1790424671664,1792437551664,1794551651664,1794551651664,0,680,7,0],"churn":[1802839592000,1810605177000],"standing":[5,1794551651664,1,1802839592000],"recent":[1788794531664,3,1,"Walnut desk organiser",552060000,1,2,0,540780000,1,4,-1,537300000,1,8,"order ab337cb232492e75, EUR 61.25",451380000,1,1,0,558960000,1,2,0,466620000,1,4,-1,535920000,1,8,"order 4a21cc6055ba1174, EUR 61.25",557040000,1,1,0,517800000,1,2,0,458820000,1,4,-1,580440000,1,8,"order 1c57a46603f2d8bd, EUR 61.25"]}
            """u8;
        var packed = PackedSnapshot.Pack(snapshot.ToArray());
        var places = new CustomerSlot[100];

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < places.Length; i++)
            places[i] = new CustomerSlot(new string('c', 21)) { Snapshot = [.. packed] };
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / places.Length;

        Assert.Equal(snapshot, places[^1].State!);
        Assert.InRange(each, 600, 920);
    }

    [Fact]
    public async Task Idle_customers_leave_memory_and_are_found_again()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.UnpackedAge = o.ResidentAge = Soon);
        var customers = Enumerable.Range(0, 5).Select(i => Shop.Customer($"c{i}")).ToArray();
        foreach (var customer in customers)
            await engine.AppendAsync(Shop.Order(customer, $"{customer}-1", Now.AddDays(-1)));

        await Engine.UntilAsync("nobody is in memory", async () => (await StatusAsync(engine)).Resident == 0);

        foreach (var customer in customers)
        {
            Assert.Equal(1, await engine.OrdersAsync(customer));
            Assert.Equal([EntryVerdict.Duplicate], (await engine.AppendAsync(Shop.Order(customer, $"{customer}-1", Now.AddDays(-1)))).Verdicts);
        }
    }

    [Fact]
    public async Task Lookups_of_many_who_are_not_in_memory_are_few_reads_and_each_customer_is_built_once()
    {
        JournalProbe? probe = null;
        await using var engine = await Engine.StartAsync(
            _directory.Path, configure: o => o.UnpackedAge = o.ResidentAge = Soon, probe: journal => (probe = JournalProbe.On(journal)).Journal);
        var customers = Enumerable.Range(0, 50).Select(i => Shop.Customer($"c{i}")).ToArray();
        foreach (var customer in customers)
            await engine.AppendAsync(Shop.Order(customer, $"{customer}-1", Now.AddDays(-1)));
        await Engine.UntilAsync("nobody is in memory", async () => (await StatusAsync(engine)).Resident == 0);
        var (snapshots, entries) = (probe!.Calls("ReadSnapshotsAsync"), probe.Calls("ReadAtAsync"));

        var found = await Task.WhenAll(customers.Concat(customers).Concat(customers).Select(engine.LookupAsync));

        Assert.All(found, f => Assert.Equal(LookupStatus.Found, f.Status));
        Assert.InRange(probe.Calls("ReadSnapshotsAsync") - snapshots, 2, 25);
        Assert.Equal(0, probe.Calls("ReadAtAsync") - entries);
    }

    [Fact]
    public async Task Lookups_beyond_what_may_wait_are_told_to_come_back()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o =>
        {
            o.UnpackedAge = o.ResidentAge = Soon;
            o.LookupsWaitingMax = 1;
        });
        var customers = Enumerable.Range(0, 50).Select(i => Shop.Customer($"c{i}")).ToArray();
        foreach (var customer in customers)
            await engine.AppendAsync(Shop.Order(customer, $"{customer}-1", Now.AddDays(-1)));
        await Engine.UntilAsync("nobody is in memory", async () => (await StatusAsync(engine)).Resident == 0);

        var found = await Task.WhenAll(customers.Select(engine.LookupAsync));

        Assert.Contains(found, f => f.Status == LookupStatus.Found);
        Assert.Contains(found, f => f.Status == LookupStatus.Unavailable);
    }

    [Fact]
    public async Task No_more_customers_are_resident_than_may()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.ResidentMax = 6);
        var customers = Enumerable.Range(0, 30).Select(i => Shop.Customer($"c{i}")).ToArray();
        foreach (var customer in customers)
            await engine.AppendAsync(Shop.View(customer, $"{customer}-1", Now));

        await Engine.UntilAsync("few are resident", async () => (await StatusAsync(engine)).Resident <= 6);
    }

    private static async Task<(int Dirty, int Unpacked, int Resident)> StatusAsync(Engine engine)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, engine.Journal.Identity.Partitions)
            .Select(p => engine.Grains.GetGrain<IPartitionGrain>(p).TouchAsync()));
        return (statuses.Sum(s => s.Dirty), statuses.Sum(s => s.Unpacked), statuses.Sum(s => s.Resident));
    }
}
