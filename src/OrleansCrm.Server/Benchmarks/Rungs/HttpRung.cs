using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>A rung whose load comes over HTTP from the other process.</summary>
internal abstract class HttpRung(string name, string variant, string unit, BenchStage stage) : Rung(name, variant, unit)
{
    protected BenchStage Stage => stage;

    protected Task<Slice> LoadAsync(LoadSpec spec, CancellationToken cancellation) => AroundAsync(async () =>
    {
        var report = await stage.Load().RunAsync(spec, cancellation);
        return new Slice(report.Count, report.Seconds, default, LatencyHistogram.OfPairs(report.Latencies))
        {
            Refused = report.Refused,
            Connections = spec.Connections,
        };
    });

    protected LoadSpec Batches(int port, IngestShape shape, double seconds, double rate = 0) => new(
        LoadKind.Ingest, port, stage.WriteKey, "", shape.Connections, shape.Batch, stage.Options.Customers, shape.IsSkewed, seconds, rate, stage.NextRun());
}

/// <param name="Batch">Events to a request.</param>
internal readonly record struct IngestShape(int Batch, int Connections, bool IsSkewed)
{
    public static readonly IngestShape Uniform = new(100, 16, false);
    public static readonly IngestShape Skewed = new(100, 16, true);
    public static readonly IngestShape Singles = new(1, 64, false);
    public static readonly IngestShape Idle = new(1, 1, false);
}

/// <summary>The whole way with a fold that only counts.</summary>
internal sealed class CountingRung(BenchStage stage, TimeProvider time) : HttpRung("a2", "whole way, fold that counts", "events", stage), IAsyncDisposable
{
    private const double WarmSecondsMax = 4;

    private CountingHost? _host;

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        _host ??= await StartAsync(cancellation);
        return await LoadAsync(Batches(_host.Port, IngestShape.Uniform, duration.TotalSeconds), cancellation);
    }

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<CountingHost> StartAsync(CancellationToken cancellation)
    {
        var host = await CountingHost.StartAsync(await Stage.Database.OpenJournalAsync(Stage.NewDirectory(), cancellation), time, cancellation);

        // Until the code is compiled in full.
        await Stage.Load().RunAsync(Batches(host.Port, IngestShape.Uniform, Math.Min(WarmSecondsMax, 2 * Stage.Options.Seconds)), cancellation);
        return host;
    }
}
