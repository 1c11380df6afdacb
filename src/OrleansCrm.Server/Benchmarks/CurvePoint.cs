using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Benchmarks.Rungs;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>Latency of a request with 100 events at one offered load, each measured from when it was due.</summary>
internal sealed record CurvePoint(string Database, double OfferedPerSecond, double TakenPerSecond, double P50Ms, double P99Ms)
{
    public static async Task<CurvePoint> MeasureAsync(BenchStage stage, int port, double offered, double seconds, CancellationToken cancellation)
    {
        var shape = IngestShape.Uniform;
        var spec = new LoadSpec(
            LoadKind.Ingest, port, stage.WriteKey, "", shape.Connections, shape.Batch, stage.Options.Customers, false, seconds, offered / shape.Batch, stage.NextRun());
        var report = await stage.Load().RunAsync(spec, cancellation);
        var latencies = LatencyHistogram.OfPairs(report.Latencies);
        return new CurvePoint(
            stage.Database.Name, offered, report.Count / report.Seconds, latencies.Quantile(0.5).TotalMilliseconds, latencies.Quantile(0.99).TotalMilliseconds);
    }
}
