using Orleans;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>Snapshots: every customer gets an event, then all of them are stored; only the storing is measured.</summary>
internal sealed class FlushRung(BenchStage stage, TimeProvider time) : Rung("i", "snapshot flush", "customers"), IAsyncDisposable
{
    private const int BatchEntries = 1_000;
    private const int CustomersMax = 50_000;

    private EngineHost? _engine;
    private BenchEntries[] _sources = [];
    private string[][] _customers = [];

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        if (_engine is null)
        {
            // Nothing is to be stored before it is asked for.
            _engine = await stage.StartEngineAsync(stage.NewDirectory(), listen: false, o => o.Partition.FlushAge = TimeSpan.FromMinutes(1), cancellation);
            var partitions = _engine.Services.GetRequiredService<IJournal>().Identity.Partitions;
            var customers = Math.Min(stage.Options.Customers, CustomersMax);
            _sources = BenchEntries.ForAll(partitions, customers, salt: 1);
            _customers = BenchEntries.CustomersOf(partitions, customers);

            // New rows cost other work than changed ones, and there is a first time for each customer only.
            await TouchAllAsync();
            await FlushAsync();
        }

        var count = 0L;
        var seconds = 0.0;
        var used = default(ResourceUse);
        var latencies = new LatencyHistogram();
        do
        {
            await TouchAllAsync();
            var before = ResourceUse.Now();
            var started = time.GetTimestamp();
            await FlushAsync();
            var took = time.GetElapsedTime(started);
            used += ResourceUse.Now() - before;
            latencies.Add(took);
            seconds += took.TotalSeconds;
            count += _customers.Sum(c => c.Length);
        }
        while (seconds < duration.TotalSeconds);
        return new Slice(count, seconds, used, latencies);
    }

    public ValueTask DisposeAsync() => _engine?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task FlushAsync() => _engine!.Services.GetRequiredService<PartitionKeeper>().FlushAsync();

    private Task TouchAllAsync() => Task.WhenAll(_customers.Select(async (customers, p) =>
    {
        var partition = _engine!.Services.GetRequiredService<IGrainFactory>().GetGrain<IPartitionGrain>(p);
        foreach (var page in customers.Chunk(BatchEntries))
        {
            var made = _sources[p].Next(0, page.Length, time.GetUtcNow().ToUnixTimeMilliseconds());
            NewEntry[] entries = [.. page.Zip(made, (c, e) => new NewEntry(c, e.MessageId, e.Type, e.TimeMs, e.Payload))];
            var answer = await partition.AppendAsync(new AppendRequest(entries));
            if (answer.Status != AppendStatus.Done)
                throw new BenchException($"The engine did not take the events: {answer.Status}.");
        }
    }));
}
