using Orleans;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Grains;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// Memory of resident customers: each half brings half of the customers, with a history of twelve events, three of them orders, and measures
/// when all of them are stored and no more are unpacked than may be. The rate is that of bringing them in.
/// </summary>
internal sealed class MemoryRung(BenchStage stage, TimeProvider time) : Rung(Step, "memory of resident customers", "customers"), IAsyncDisposable
{
    public const string Step = "m";

    private const int CustomersPerCall = 100;

    // Places in the mix of the load generator: of these the last of each four is an order.
    private static readonly int[] History = [0, 14, 17, 19, 1, 15, 18, 39, 2, 16, 17, 59];

    private static readonly TimeSpan SettlePause = TimeSpan.FromMilliseconds(100);

    private EngineHost? _engine;
    private string[][] _customers = [];
    private int _halves;

    public override Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation) => AroundAsync(async () =>
    {
        var marks = new List<MemoryMark>();
        if (_engine is null)
        {
            _engine = await stage.StartEngineAsync(stage.NewDirectory(), listen: false, o => o.Partition.ResidentMax = 2 * stage.Options.Customers, cancellation);
            _customers = BenchEntries.CustomersOf(_engine.Services.GetRequiredService<IJournal>().Identity.Partitions, stage.Options.Customers);
            marks.Add(MemoryMark.Now(0, collects: true));
        }

        var half = _halves++;
        var started = time.GetTimestamp();
        var counts = await Task.WhenAll(_customers.Select((c, p) => BringAsync(p, half == 0 ? c[..(c.Length / 2)] : c[(c.Length / 2)..])));
        await _engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        marks.Add(MemoryMark.Now(await SettleAsync(cancellation), collects: true));
        return new Slice(counts.Sum(), seconds, default, new LatencyHistogram()) { Memory = marks };
    });

    public ValueTask DisposeAsync() => _engine?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<int> SettleAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var statuses = await BenchStage.StatusesAsync(_engine!);
            var options = _engine!.Services.GetRequiredService<PartitionOptions>();
            if (statuses.All(s => s.Dirty == 0 && s.Unpacked <= options.UnpackedMaxAmong(s.Resident * statuses.Length) / statuses.Length))
                return statuses.Sum(s => s.Resident);
            await Task.Delay(SettlePause, time, cancellation);
        }
    }

    private async Task<int> BringAsync(int partition, string[] customers)
    {
        var grain = _engine!.Services.GetRequiredService<IGrainFactory>().GetGrain<IPartitionGrain>(partition);
        var random = SeededRandom.For((ulong)partition, (ulong)_halves);
        foreach (var page in customers.Chunk(CustomersPerCall))
        {
            NewEntry[] entries = [.. page.SelectMany(c => HistoryOf(c, random))];
            while ((await grain.AppendAsync(new AppendRequest(entries))).Status is var status && status != AppendStatus.Done)
            {
                if (status != AppendStatus.Overloaded)
                    throw new BenchException($"The engine did not take the events: {status}.");
                await Task.Delay(SettlePause, time);
            }
        }

        return customers.Length;
    }

    // An order a month, the last of them a few days ago: the customer sleeps and wants to be woken some day.
    private IEnumerable<NewEntry> HistoryOf(string customer, SeededRandom random)
    {
        var now = time.GetUtcNow();
        for (var i = 0; i < History.Length; i++)
        {
            var at = now.AddDays(-75 + 6 * i).AddMinutes(-random.Below(1_440));
            var (json, places) = EventText.Of(History[i]);
            EventText.WriteMessageId(json, places, (long)random.Next());
            EventText.WriteTime(json, places, EventText.TimeOf(at));
            Span<byte> id = stackalloc byte[16];
            BitConverter.TryWriteBytes(id, random.Next());
            BitConverter.TryWriteBytes(id[8..], random.Next());
            yield return new NewEntry(customer, new Guid(id), EntryTypes.Track, at.ToUnixTimeMilliseconds(), json);
        }
    }
}
