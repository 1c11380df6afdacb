using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>A rung whose load comes over HTTP from the other process.</summary>
internal abstract class HttpRung(string name, string variant, string unit, BenchStage stage) : Rung(name, variant, unit)
{
    private const string IngestLoad = "ingest";

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

    /// <summary>Events a second that the engine can take.</summary>
    protected Task<double> CapacityAsync(int engine, CancellationToken cancellation) =>
        stage.CapacityAsync(Batches(engine, IngestShape.Uniform, Math.Min(3, stage.Options.Seconds)), cancellation);

    /// <summary>The slice while ingest runs at half of what it can do, from before it until after it.</summary>
    protected async Task<Slice> BesideIngestAsync(int engine, double seconds, Func<Task<Slice>> measure, CancellationToken cancellation)
    {
        var rate = await CapacityAsync(engine, cancellation) / 2 / IngestShape.Uniform.Batch;
        var ingest = stage.Load(IngestLoad).RunAsync(Batches(engine, IngestShape.Uniform, seconds + 1, rate), cancellation);
        await Task.Delay(TimeSpan.FromSeconds(0.5), cancellation);
        var slice = await measure();
        await ingest;
        return slice;
    }

    /// <summary>One event of everybody, so that nobody is unknown.</summary>
    protected async Task SeeEverybodyAsync(int engine, CancellationToken cancellation)
    {
        using var wire = await HttpWire.ConnectAsync(engine, cancellation);
        var spec = Batches(engine, IngestShape.Uniform, 0);
        var body = new BatchBody(spec, 0, CustomerChoice.InOrder(spec.Customers), TimeProvider.System);
        for (var seen = 0; seen < spec.Customers; seen += spec.Batch)
        {
            body.Renew();
            if (await wire.ExchangeAsync(body.Request, cancellation) != 200)
                throw new BenchException("The engine did not take the customers in.");
        }
    }

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
