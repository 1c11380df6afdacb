using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>Ingest of many events of the same customers, with the memory of the process after every tenth of them: what grows must be known.</summary>
internal sealed class SoakRung(BenchStage stage, TimeProvider time, Action<string> say) : HttpRung(Step, "soak", "events", stage)
{
    public const string Step = "soak";

    private const int Marks = 10;
    private const double StepSeconds = 1;

    private long _taken;

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var port = BenchStage.PortOf(await Stage.EngineAsync(cancellation));
        var until = _taken + Stage.Options.Events / 2;
        var every = Stage.Options.Events / Marks;
        var marks = new List<MemoryMark>();
        var sum = new Slice(0, 0, default, new LatencyHistogram());
        while (_taken < until)
        {
            var step = await LoadAsync(Batches(port, IngestShape.Uniform, StepSeconds), cancellation);
            var marked = _taken / every;
            _taken += step.Count;
            sum.Latencies.Add(step.Latencies);
            sum = sum with { Count = sum.Count + step.Count, Seconds = sum.Seconds + step.Seconds, Used = sum.Used + step.Used, Refused = sum.Refused + step.Refused };
            if (_taken / every == marked && _taken < until)
                continue;
            marks.Add(MemoryMark.Now(_taken, collects: true));
            say(FormattableString.Invariant($"{Stage.Database.Name}: {_taken:#,0} events, {marks[^1].ResidentBytes >> 20:#,0} MiB resident at {time.GetUtcNow():HH:mm:ss}"));
        }

        return sum with { Memory = marks };
    }
}
