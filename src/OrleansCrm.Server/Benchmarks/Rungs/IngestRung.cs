using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// The whole of ingest until acknowledged. Measured while snapshots are written as fast as they become due: the load runs until everything
/// that it had changed at its start is stored, and the measuring follows at once. A burst is measured before any becomes due.
/// </summary>
internal sealed class IngestRung(string variant, BenchStage stage, IngestShape shape, TimeProvider time) : HttpRung("e", variant, "events", stage)
{
    public const string Uniform = "ingest, 100 to a request";
    public const string Burst = "ingest, 100 to a request, burst";
    public const string Skewed = "ingest, 100 to a request, skewed";
    public const string Singles = "ingest, 1 to a request";
    public const string Idle = "ingest, 1 to a request, idle";

    /// <summary>Longest burst: customers are stored six seconds after they have changed.</summary>
    private const double BurstSecondsMax = 4;

    /// <summary>Warming up ends after this many times the measured time, steady or not; the result then says which.</summary>
    private const double WarmTimesMax = 4;

    private static readonly TimeSpan WarmStep = TimeSpan.FromSeconds(1);

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var engine = await Stage.EngineAsync(cancellation);
        var port = BenchStage.PortOf(engine);
        var isBurst = Variant == Burst;
        var isSteady = isBurst || await WarmAsync(engine, port, duration * WarmTimesMax, cancellation);
        var seconds = isBurst ? Math.Min(BurstSecondsMax, duration.TotalSeconds) : duration.TotalSeconds;
        var slice = await LoadAsync(Batches(port, shape, seconds), cancellation);
        if (Variant == Uniform)
            Stage.Capacity = slice.Rate;
        await BenchStage.QuietAsync(engine);
        return slice with { IsSteady = isSteady };
    }

    private async Task<bool> WarmAsync(EngineHost engine, int port, TimeSpan max, CancellationToken cancellation)
    {
        // When nothing else goes on there is nothing to get used to.
        if (shape == IngestShape.Idle)
            return true;
        var started = time.GetTimestamp();
        long[]? heads = null;
        while (time.GetElapsedTime(started) < max)
        {
            await Stage.Load().RunAsync(Batches(port, shape, Math.Min(WarmStep.TotalSeconds, max.TotalSeconds)), cancellation);
            var statuses = await BenchStage.StatusesAsync(engine);
            heads ??= [.. statuses.Select(s => s.Head)];
            if (statuses.Zip(heads).All(s => s.First.Checkpoint >= s.Second))
                return true;
        }

        return false;
    }
}
