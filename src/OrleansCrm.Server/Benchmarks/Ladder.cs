using OrleansCrm.Engagement.Churn;
using OrleansCrm.Journal.Ceilings;
using OrleansCrm.Server.Benchmarks.Rungs;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>
/// Measures the rungs of one database. The speed of a machine drifts over minutes, so rungs that are compared take turns: each is measured
/// for half its time, then each for the other half.
/// </summary>
internal sealed class Ladder(BenchStage stage, TimeProvider time, Action<string> say)
{
    private const int Halves = 2;

    private BenchOptions Options => stage.Options;

    public async Task<List<RungResult>> ClimbAsync(CancellationToken cancellation)
    {
        var results = new List<RungResult>();
        foreach (var group in Groups())
            results.AddRange(await MeasureAsync(group, cancellation));
        return results;
    }

    /// <summary>Latency of ingest at rising shares of what it can take.</summary>
    public async Task<List<CurvePoint>> DrawCurveAsync(CancellationToken cancellation)
    {
        var points = new List<CurvePoint>();
        if (stage.Capacity is not { } capacity)
            return points;
        var port = BenchStage.PortOf(await stage.EngineAsync(cancellation));
        foreach (var share in new[] { 0.1, 0.25, 0.5, 0.7, 0.85, 1.0 })
        {
            var offered = capacity * share;
            say($"{stage.Database.Name}: latency at {offered:#,0} events/s");
            points.Add(await CurvePoint.MeasureAsync(stage, port, offered, Math.Max(0.5, Options.Seconds / 4), cancellation));
        }

        return points;
    }

    private IEnumerable<Rung[]> Groups()
    {
        Rung[] ingest =
        [
            new CeilingRung("a", RowVariant, stage, CeilingKind.RowPerEvent, CeilingRung.EventsUnderWay, time),
            new CeilingRung("a", BlockVariant, stage, CeilingKind.BlockPerCommit, CeilingRung.EventsUnderWay, time),
            new CeilingRung("a", CeilingRung.SingleVariant, stage, CeilingKind.RowPerEvent, 1, time),
            new JournalRung(stage, time),
            new CountingRung(stage, time),
            new IngestRung(IngestRung.Uniform, stage, IngestShape.Uniform, time),
            new IngestRung(IngestRung.Burst, stage, IngestShape.Uniform, time),
            new IngestRung(IngestRung.Skewed, stage, IngestShape.Skewed, time),
            new IngestRung(IngestRung.Singles, stage, IngestShape.Singles, time),
            new IngestRung(IngestRung.Idle, stage, IngestShape.Idle, time),
            new CeilingRung("baseline", TransactionVariant, stage, CeilingKind.TransactionPerEvent, 1, time),
            new CeilingRung("baseline", UpsertVariant, stage, CeilingKind.UpsertPerEvent, 1, time),
        ];
        Rung[] lookups =
        [
            new LookupRung(LookupRung.Bare, stage, isBare: true, isBusy: false),
            new LookupRung(LookupRung.Profile, stage, isBare: false, isBusy: false),
            new LookupRung(LookupRung.Anew, stage, isBare: false, isBusy: false),
            new LookupRung(LookupRung.BareBusy, stage, isBare: true, isBusy: true),
            new LookupRung(LookupRung.ProfileBusy, stage, isBare: false, isBusy: true),
        ];
        Rung[] decisions =
        [
            new DecisionRung(DecisionRung.Bare, stage, DecisionShape.Full),
            new DecisionRung(DecisionRung.Decision, stage, DecisionShape.Full),
            new DecisionRung(DecisionRung.Idle, stage, DecisionShape.Single),
            new DecisionRung(DecisionRung.Half, stage, DecisionShape.HalfLoad),
            new DecisionRung(DecisionRung.Busy, stage, DecisionShape.BesideIngest),
        ];
        Rung[][] groups =
        [
            [new ChurnRung(ChurnRung.Default, BetaGeometricModel.MbgCdnow, time), new ChurnRung(ChurnRung.Integral, ParetoNbdModel.Cdnow, time)],
            ingest, lookups, decisions, [new AlertRung(stage)], [new RecoveryRung(stage, time)], [new FlushRung(stage, time)],
            [new MemoryRung(stage, time)], [new SoakRung(stage, time, say)],
        ];
        return groups.Select(group => Array.FindAll(group, r => Options.Has(r.Name))).Where(group => group.Length > 0);
    }

    public const string RowVariant = "row per event";
    public const string BlockVariant = "block per commit";
    public const string TransactionVariant = "transaction per event";
    public const string UpsertVariant = "upsert per event";

    private async Task<IEnumerable<RungResult>> MeasureAsync(Rung[] rungs, CancellationToken cancellation)
    {
        try
        {
            var slices = rungs.Select(_ => new List<Slice>(Halves)).ToArray();
            for (var half = 0; half < Halves; half++)
            {
                for (var i = 0; i < rungs.Length; i++)
                {
                    say($"{stage.Database.Name}: {rungs[i].Name} {rungs[i].Variant}, half {half + 1} of {Halves}");
                    slices[i].Add(await rungs[i].MeasureAsync(TimeSpan.FromSeconds(Options.Seconds / Halves), cancellation));
                }
            }

            return rungs.Select((r, i) => new RungResult(r.Name, r.Variant, stage.Database.Name, r.Unit, slices[i]));
        }
        finally
        {
            foreach (var rung in rungs.OfType<IAsyncDisposable>())
                await rung.DisposeAsync();
        }
    }
}
