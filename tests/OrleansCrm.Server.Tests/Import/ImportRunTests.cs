using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Tests.Import;

public sealed class ImportRunTests
{
    private static readonly ImportPlan Plan = new("test", "events", 0, "UTC", "EUR");

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 7)]
    [InlineData(8, 500)]
    public async Task Every_event_arrives_once_and_each_customers_in_order(int lanes, int batchSize)
    {
        var target = new FakeTarget(lanes);
        var source = new FakeSource(1_000, 13);
        var run = new ImportRun(target, Options with { BatchSize = batchSize }, TimeProvider.System);

        await run.SendAsync(source, Plan, CancellationToken.None);

        Assert.Equal(1_000, run.Tally.Applied);
        Assert.Equal(1_000, target.Received.Count);
        foreach (var customer in target.Received.GroupBy(e => e.Customer))
            Assert.Equal(customer.OrderBy(e => e.TimeMs).Select(e => e.TimeMs), customer.Select(e => e.TimeMs));
        Assert.All(target.Batches, size => Assert.InRange(size, 1, batchSize));
    }

    [Fact]
    public async Task Batch_stays_below_what_a_request_may_hold()
    {
        var target = new FakeTarget(1);
        var run = new ImportRun(target, Options with { BatchSize = 2_500 }, TimeProvider.System);

        await run.SendAsync(new FakeSource(300, 1, new byte[30_000]), Plan, CancellationToken.None);

        Assert.Equal(300, target.Received.Count);
        Assert.All(target.Batches, size => Assert.InRange(size * 30_000, 1, 4 * 1024 * 1024));
    }

    [Fact]
    public async Task Stop_after_a_number_sends_exactly_so_many()
    {
        var target = new FakeTarget(4);
        var run = new ImportRun(target, Options with { StopAfter = 123 }, TimeProvider.System);

        await run.SendAsync(new FakeSource(1_000, 13), Plan, CancellationToken.None);

        Assert.True(run.Tally.IsStopped);
        Assert.Equal(123, target.Received.Count);
    }

    [Fact]
    public async Task Failure_of_one_lane_is_told_and_ends_the_run()
    {
        var target = new FakeTarget(4) { FailAt = 3 };
        var run = new ImportRun(target, Options with { BatchSize = 10 }, TimeProvider.System);

        var failure = await Assert.ThrowsAsync<ImportException>(() => run.SendAsync(new FakeSource(10_000, 13), Plan, CancellationToken.None));

        Assert.Equal("away", failure.Message);
    }

    [Fact]
    public async Task Run_that_is_called_off_ends_as_such()
    {
        using var stop = new CancellationTokenSource();
        var target = new FakeTarget(2) { OnBatch = stop.Cancel };
        var run = new ImportRun(target, Options with { BatchSize = 10 }, TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.SendAsync(new FakeSource(10_000, 13), Plan, stop.Token));

        Assert.InRange(target.Received.Count, 1, 9_999);
    }

    [Fact]
    public async Task Settling_ends_the_import_and_waits_for_what_is_due()
    {
        var target = new FakeTarget(1) { Unsettled = new Queue<long>([5, 0, 2, 0, 0]) };
        var run = new ImportRun(target, Options, TimeProvider.System);
        var looks = new List<long>();

        await run.SettleAsync("test", looks.Add, CancellationToken.None);

        Assert.Equal("test", target.Ended);
        Assert.Equal([5, 0, 2, 0, 0], looks);
    }

    [Fact]
    public void Plan_survives_its_payload()
    {
        var plan = new ImportPlan("online-retail-1", "online-retail", 123_000, "Europe/London", "GBP");

        Assert.Equal(plan, ImportPlan.Parse(plan.ToPayload()));
        Assert.Throws<ImportException>(() => ImportPlan.Parse("{}"u8));
        Assert.Throws<ImportException>(() => ImportPlan.Parse("nothing"u8));
    }

    private static ImportOptions Options => new() { File = "", Format = ImportFormat.Events };

    private sealed class FakeSource(int events, int customers, byte[]? json = null) : IImportSource
    {
        public long Events => events;

        public long NewestMs => events;

        public ImportCounts Counts { get; } = new();

        public IEnumerable<ImportEvent> Read(ImportPlan plan)
        {
            for (var i = 0; i < events; i++)
            {
                CustomerKey.TryCreate("default", CustomerKind.User, $"u{i % customers}", out var key, out _);
                yield return new ImportEvent(key, i, json ?? Encoding.UTF8.GetBytes($"{i}"));
            }
        }
    }

    private sealed class FakeTarget(int lanes) : IImportTarget
    {
        private readonly Lock _lock = new();

        public List<ImportEvent> Received { get; } = [];

        public List<int> Batches { get; } = [];

        public int FailAt { get; init; } = int.MaxValue;

        public Action OnBatch { get; init; } = () => { };

        public Queue<long> Unsettled { get; init; } = new();

        public string Ended { get; private set; } = "";

        public int Lanes => lanes;

        public async Task<SendResult> SendAsync(IReadOnlyList<ImportEvent> batch, CancellationToken cancellation)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            lock (_lock)
            {
                if (Batches.Count >= FailAt)
                    throw new ImportException("away");
                Batches.Add(batch.Count);
                Received.AddRange(batch);
            }

            OnBatch();
            return new SendResult(batch.Count, 0, new Dictionary<string, int>());
        }

        public Task<ImportPlan> StartAsync(ImportPlan proposed, CancellationToken cancellation) => Task.FromResult(proposed);

        public Task RenewAsync(string import, CancellationToken cancellation) => Task.CompletedTask;

        public Task EndAsync(string import, CancellationToken cancellation)
        {
            Ended = import;
            return Task.CompletedTask;
        }

        public Task<long> CountUnsettledAsync(CancellationToken cancellation) => Task.FromResult(Unsettled.Dequeue());

        public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
