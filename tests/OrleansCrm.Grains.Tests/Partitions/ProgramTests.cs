using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class ProgramTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("default", 1)]
    [InlineData("other", 0)]
    public async Task Stricter_program_reaches_customers_of_its_tenant_who_sleep(string tenant, int alerts)
    {
        await using var engine = await Engine.StartAsync(_directory.Path, configure: o => o.ResidentMax = 2);
        var ada = Shop.Customer("ada");
        await SleepAsync(engine, ada);

        await PublishAsync(engine, ada, tenant);

        await Engine.UntilAsync("the sweep is over and nothing is due", async () =>
            (await engine.Journal.ReadWideAsync(Partition(ada), CancellationToken.None)).Any(e => e.Type == EntryTypes.ProgramSwept)
            && (await engine.PartitionOf(ada).TouchAsync()).OverdueWakes == 0);
        await engine.PartitionOf(ada).FlushAsync();
        Assert.Equal(alerts, (await engine.OpenAlertsAsync()).Length);
    }

    [Fact]
    public async Task Program_stays_in_force_over_a_restart_and_a_lost_activation()
    {
        var ada = Shop.Customer("ada");
        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            await SleepAsync(engine, ada);
            await PublishAsync(engine, ada, "default");
            await Engine.UntilAsync("the alert is open", async () => (await engine.OpenAlertsAsync()).Length == 1);
            await engine.PartitionOf(ada).FlushAsync();
        }

        await using var restarted = await Engine.StartAsync(_directory.Path);
        Assert.Equal(30, (await restarted.ProfileAsync(ada)).GetProperty("churn").GetProperty("horizonDays").GetInt32());
        Assert.Single(await restarted.OpenAlertsAsync());
    }

    [Fact]
    public async Task Program_that_is_not_newer_is_not_journaled_again()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var ada = Shop.Customer("ada");
        await PublishAsync(engine, ada, "default");

        var again = await PublishAsync(engine, ada, "default");
        await PublishAsync(engine, ada, "other");

        Assert.Equal([EntryVerdict.Duplicate], again.Verdicts);
        var wide = await engine.Journal.ReadWideAsync(Partition(ada), CancellationToken.None);
        Assert.Equal(2, wide.Count(e => e.Type == EntryTypes.ProgramPublished));
    }

    [Fact]
    public async Task Publication_that_comes_second_is_told_so_when_the_first_one_is_durable()
    {
        JournalProbe? probe = null;
        await using var engine = await Engine.StartAsync(_directory.Path, probe: journal => (probe = JournalProbe.On(journal)).Journal);
        var ada = Shop.Customer("ada");
        await engine.AppendAsync(Shop.Order(ada, "o1", Now));

        // Both wait for one commit that is on its way, and are collected together.
        probe!.Hold(Partition(ada));
        var busy = engine.AppendAsync(Shop.Order(ada, "o2", Now));
        await Engine.UntilAsync("a commit is on its way", () => Task.FromResult(probe.Calls("AppendAsync") >= 2));
        var first = PublishAsync(engine, ada, "default");
        var second = PublishAsync(engine, ada, "default");
        Assert.False(second.IsCompleted);
        probe.Release();

        Assert.Equal((EntryVerdict.Duplicate, -1), ((await second).Verdicts[0], (await second).Offsets[0]));
        Assert.Contains(await engine.Journal.ReadWideAsync(Partition(ada), CancellationToken.None), e => e.Type == EntryTypes.ProgramPublished);
        await Task.WhenAll(busy, first);
    }

    [Fact]
    public async Task Sweep_is_over_only_when_everybody_whom_it_brought_up_to_date_is_stored()
    {
        var time = new HeldDelays();
        await using var engine = await Engine.StartAsync(_directory.Path, time, o => o.FlushAge = TimeSpan.FromHours(1));
        var customers = Enumerable.Range(0, 200).Select(i => Shop.Customer($"c{i}")).Where(c => Partition(c) == 0).ToArray();
        await engine.AppendAsync([.. customers.Select(c => Shop.Order(c, "o", Now))]);
        await engine.PartitionOf(customers[0]).FlushAsync();

        // What the first pages have changed is stored while the sweep rests: then nothing is left to store but what the others change.
        time.Hold();
        await PublishAsync(engine, customers[0], "default");
        await Engine.UntilAsync("the sweep rests", () => Task.FromResult(time.Held > 0));
        await engine.PartitionOf(customers[0]).FlushAsync();
        time.Release();

        await Engine.UntilAsync("the sweep is over", async () => (await WideAsync()).Any(e => e.Type == EntryTypes.ProgramSwept));
        var published = (await WideAsync()).Single(e => e.Type == EntryTypes.ProgramPublished).Offset;
        var rows = await engine.Journal.ReadSnapshotsAfterAsync(0, "", 1_000, CancellationToken.None);
        Assert.Equal(customers.Length, rows.Count(row => row.CoveredOffset >= published));

        Task<Entry[]> WideAsync() => engine.Journal.ReadWideAsync(0, CancellationToken.None);
    }

    [Fact]
    public async Task Somebody_whom_only_a_late_decision_has_opened_is_not_stored_with_a_program()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var (ada, nobody) = (Shop.Customer("ada"), Enumerable.Range(0, 20).Select(i => Shop.Customer($"n{i}")).First(c => Partition(c) == Partition(Shop.Customer("ada"))));
        await engine.AppendAsync(Shop.Order(ada, "o1", Now));

        // Nobody waits for the answer any more, so it is not journaled.
        var question = new DecisionQuestion(Placements.Checkout, "", -1, [], 1, []);
        var late = await engine.PartitionOf(nobody).DecideAsync(new DecideRequest(nobody, -1, -1, Now.ToUnixTimeMilliseconds(), LimitMs: 0, Opens: true, question, false, []));
        await PublishAsync(engine, ada, "default");
        await Engine.UntilAsync("the sweep is over", async () =>
            (await engine.Journal.ReadWideAsync(Partition(ada), CancellationToken.None)).Any(e => e.Type == EntryTypes.ProgramSwept));
        await engine.PartitionOf(ada).FlushAsync();

        Assert.Equal(DecideStatus.Done, late.Status);
        Assert.Equal([ada], (await engine.Journal.ReadSnapshotsAfterAsync(Partition(ada), "", 10, CancellationToken.None)).Select(row => row.Customer));
        await engine.AppendAsync(Shop.Order(nobody, "o1", Now));
        await engine.PartitionOf(nobody).FlushAsync();
        Assert.Equal(30, (await engine.ProfileAsync(nobody)).GetProperty("churn").GetProperty("horizonDays").GetInt32());
        Assert.Equal(2, (await engine.Journal.ReadSnapshotsAfterAsync(Partition(ada), "", 10, CancellationToken.None)).Length);
    }

    private static async Task SleepAsync(Engine engine, string customer)
    {
        await engine.AppendAsync([.. Enumerable.Range(0, 4).Select(i => Shop.Order(customer, $"o{i}", Now.AddDays(-93 + i * 21)))]);
        await engine.PartitionOf(customer).FlushAsync();
        await Engine.UntilAsync("nothing is due", async () => (await engine.PartitionOf(customer).TouchAsync()).OverdueWakes == 0);
        Assert.Empty(await engine.OpenAlertsAsync());
    }

    private static Task<AppendResponse> PublishAsync(Engine engine, string customer, string tenant)
    {
        var defaults = ProgramDocument.Default;
        var program = defaults with
        {
            Version = 2,
            Churn = defaults.Churn with { HorizonDays = 30, AtRisk = new RiskThreshold(0.05, 0.05), Lost = new RiskThreshold(0.99, 0.95) },
        };
        var entry = new NewEntry("", Guid.NewGuid(), EntryTypes.ProgramPublished, Now.ToUnixTimeMilliseconds(), new ProgramPublication(tenant, program).ToPayload());
        return engine.PartitionOf(customer).AppendAsync(new AppendRequest([entry]));
    }

    private static int Partition(string customer) => Contracts.Customers.CustomerKey.Parse(customer).PartitionOf(2);
}
