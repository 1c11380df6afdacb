using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>The journal alone: all partitions append side by side, in batches like those of ingest at full load.</summary>
internal sealed class JournalRung(BenchStage stage, TimeProvider time) : Rung("b", "journal", "events"), IAsyncDisposable
{
    private OpenJournal? _open;
    private BenchEntries[] _sources = [];
    private long[] _epochs = [];
    private long[] _heads = [];

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        if (_open is null)
        {
            _open = await stage.Database.OpenJournalAsync(stage.NewDirectory(), cancellation);
            var partitions = _open.Journal.Identity.Partitions;
            _sources = BenchEntries.ForAll(partitions, stage.Options.Customers, salt: 1);
            var takeovers = await Task.WhenAll(Enumerable.Range(0, partitions).Select(p => _open.Journal.TakeOverAsync(p, cancellation)));
            _epochs = [.. takeovers.Select(t => t.Epoch)];
            _heads = [.. takeovers.Select(t => t.Head)];
        }

        return await AroundAsync(() => RunAsync(duration, cancellation));
    }

    public ValueTask DisposeAsync() => _open?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<Slice> RunAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var before = _heads.Sum();
        var latencies = await Task.WhenAll(_sources.Select((_, p) => Task.Run(() => AppendAsync(p, started, duration, cancellation), cancellation)));
        var all = new LatencyHistogram();
        foreach (var theirs in latencies)
            all.Add(theirs);
        return new Slice(_heads.Sum() - before, time.GetElapsedTime(started).TotalSeconds, default, all) { Connections = _sources.Length };
    }

    private async Task<LatencyHistogram> AppendAsync(int partition, long started, TimeSpan duration, CancellationToken cancellation)
    {
        var latencies = new LatencyHistogram();
        var count = Math.Max(1, CeilingRung.EventsUnderWay / _sources.Length);
        while (time.GetElapsedTime(started) < duration)
        {
            var entries = _sources[partition].Next(_heads[partition], count, time.GetUtcNow().ToUnixTimeMilliseconds());
            var from = time.GetTimestamp();
            await _open!.Journal.AppendAsync(partition, _epochs[partition], _heads[partition], entries, cancellation);
            latencies.Add(time.GetElapsedTime(from));
            _heads[partition] += count;
        }

        return latencies;
    }
}
