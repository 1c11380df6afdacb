using OrleansCrm.Journal;
using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// A start that finds entries which no snapshot covers, as after a crash: from opening the database until every partition is ready. They
/// are put into the journal by the journal alone, so that nothing has folded them.
/// </summary>
internal sealed class RecoveryRung(BenchStage stage, TimeProvider time) : Rung("h", "replay after a crash", "entries")
{
    /// <summary>Entries per second of measuring asked for: about what is replayed in that time.</summary>
    private const int EntriesPerSecond = 200_000;

    private const int BatchEntries = 2_000;

    private string? _data;
    private ulong _salt;

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        if (_data is null)
        {
            // A first life, so that customers have snapshots to be loaded.
            _data = stage.NewDirectory();
            await FillAsync(stage.Options.Customers, cancellation);
            await using var first = await stage.StartEngineAsync(_data, listen: false, _ => { }, cancellation);
        }

        var count = Math.Max(10_000, (int)(EntriesPerSecond * duration.TotalSeconds));
        await FillAsync(count, cancellation);
        var before = ResourceUse.Now();
        var started = time.GetTimestamp();
        await using var engine = await stage.StartEngineAsync(_data, listen: false, _ => { }, cancellation);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        return new Slice(count, seconds, ResourceUse.Now() - before, new LatencyHistogram());
    }

    private async Task FillAsync(int count, CancellationToken cancellation)
    {
        await using var open = await stage.Database.OpenJournalAsync(_data!, cancellation);
        var journal = open.Journal;
        var sources = BenchEntries.ForAll(journal.Identity.Partitions, stage.Options.Customers, ++_salt);
        await Task.WhenAll(sources.Select((source, p) => FillAsync(journal, p, source, count / sources.Length, cancellation)));
    }

    private async Task FillAsync(IJournal journal, int partition, BenchEntries source, int count, CancellationToken cancellation)
    {
        var takeover = await journal.TakeOverAsync(partition, cancellation);
        var head = takeover.Head;
        for (var left = count; left > 0; left -= BatchEntries)
        {
            var nowMs = Math.Max(takeover.LastRecordedMs, time.GetUtcNow().ToUnixTimeMilliseconds());
            var entries = source.Next(head, Math.Min(left, BatchEntries), nowMs);
            await journal.AppendAsync(partition, takeover.Epoch, head, entries, cancellation);
            head += entries.Length;
        }
    }
}
