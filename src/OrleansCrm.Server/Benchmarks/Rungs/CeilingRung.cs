using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Ceilings;
using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// The database without the journal: raw appends, and the two ways in which events are commonly applied in a database. Of the numbers of
/// connections worth trying the first stretch finds the best.
/// </summary>
internal sealed class CeilingRung(string name, string variant, BenchStage stage, CeilingKind kind, int eventsPerCommit, TimeProvider time)
    : Rung(name, variant, "events"), IAsyncDisposable
{
    /// <summary>One event per commit on one connection: what a single event takes at least.</summary>
    public const string SingleVariant = "one event, one connection";

    /// <summary>As many as are under way when ingest is at full load.</summary>
    public const int EventsUnderWay = 1_600;

    private ICeiling? _ceiling;
    private int? _connections;
    private ulong _salt;

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        _ceiling ??= await stage.Database.OpenCeilingAsync(stage.NewDirectory(), cancellation);
        if (_connections is { } best)
            return await RunAsync(best, duration, cancellation);
        Slice? fastest = null;
        foreach (var connections in Variant == SingleVariant ? [1] : _ceiling.ConnectionsOf(kind))
        {
            var slice = await RunAsync(connections, duration, cancellation);
            if (fastest is null || slice.Rate > fastest.Rate)
                (fastest, _connections) = (slice, connections);
        }

        return fastest!;
    }

    public ValueTask DisposeAsync() => _ceiling?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<Slice> RunAsync(int connections, TimeSpan duration, CancellationToken cancellation)
    {
        var sources = BenchEntries.ForAll(connections, stage.Options.Customers, ++_salt);
        var opened = new List<ICeilingConnection>();
        try
        {
            for (var i = 0; i < connections; i++)
                opened.Add(await _ceiling!.ConnectAsync(kind, cancellation));
            return await AroundAsync(() => RunAsync(opened, sources, duration, cancellation));
        }
        finally
        {
            foreach (var connection in opened)
                await connection.DisposeAsync();
        }
    }

    private async Task<Slice> RunAsync(List<ICeilingConnection> connections, BenchEntries[] sources, TimeSpan duration, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();

        // A thread each: a commit may block its thread.
        var counts = await Task.WhenAll(connections.Select((connection, i) => Task.Factory.StartNew(
            () => WriteAsync(connection, sources[i], started, duration, cancellation),
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));
        var latencies = new LatencyHistogram();
        foreach (var (_, theirs) in counts)
            latencies.Add(theirs);
        return new Slice(counts.Sum(c => c.Count), time.GetElapsedTime(started).TotalSeconds, default, latencies) { Connections = connections.Count };
    }

    private async Task<(long Count, LatencyHistogram Latencies)> WriteAsync(
        ICeilingConnection connection, BenchEntries source, long started, TimeSpan duration, CancellationToken cancellation)
    {
        var latencies = new LatencyHistogram();
        long offset = 0;
        while (time.GetElapsedTime(started) < duration)
        {
            Entry[] entries = source.Next(offset, eventsPerCommit, time.GetUtcNow().ToUnixTimeMilliseconds());
            var from = time.GetTimestamp();
            await connection.CommitAsync(entries, cancellation);
            latencies.Add(time.GetElapsedTime(from));
            offset += entries.Length;
        }

        return (offset, latencies);
    }
}
