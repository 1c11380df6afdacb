using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Benchmarks.Rungs;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>One rung as a share of another, measured in the same run.</summary>
/// <param name="IsFloor">Whether the target is the least the value should be, or the most.</param>
internal sealed record Ratio(string Database, string Name, double Value, double Target, bool IsFloor)
{
    public bool IsMet => IsFloor ? Value >= Target : Value <= Target;

    /// <summary>All that can be made of these results.</summary>
    public static IEnumerable<Ratio> Of(IReadOnlyList<RungResult> results) =>
        results.GroupBy(r => r.Database).SelectMany(of => OfDatabase(of.Key, [.. of]));

    private static IEnumerable<Ratio> OfDatabase(string database, RungResult[] results)
    {
        var all = new (string Name, double Value, double Target, bool IsFloor)[]
        {
            ("journal (b) to raw row per event (a)", Share("b", "journal", "a", Ladder.RowVariant), 0.8, true),
            ("journal (b) to raw block per commit (a)", Share("b", "journal", "a", Ladder.BlockVariant), 0.8, true),
            ("ingest (e) to counting fold (a2)", Share("e", IngestRung.Uniform, "a2", null), 0.3, true),
            ("burst of ingest (e) to counting fold (a2)", Share("e", IngestRung.Burst, "a2", null), 0.6, true),
            ("burst of ingest (e) to transaction per event", Share("e", IngestRung.Burst, "baseline", Ladder.TransactionVariant), 15, true),
            ("ingest (e) to transaction per event", Share("e", IngestRung.Uniform, "baseline", Ladder.TransactionVariant), 15, true),
            ("ingest skewed to uniform", Share("e", IngestRung.Skewed, "e", IngestRung.Uniform), 0.5, true),
            ("single event idle (e) to raw commit (a), p50", Time("e", IngestRung.Idle, "a", CeilingRung.SingleVariant, r => r.P50Ms), 2, false),
            ("lookup (f) to bare Kestrel", Share("f", LookupRung.Profile, "f", LookupRung.Bare), 0.8, true),
            ("lookup (f) to bare Kestrel at half load, p99", Time("f", LookupRung.ProfileBusy, "f", LookupRung.BareBusy, r => r.P99Ms), 1.5, false),
            ("decision (d) to bare Kestrel", Share("d", DecisionRung.Decision, "d", DecisionRung.Bare), 0.5, true),
            ("decision one at a time, p99 ms", Find("d", DecisionRung.Idle)?.P99Ms ?? double.NaN, 3, false),
            ("decision at half of its rate, p99 ms", Find("d", DecisionRung.Half)?.P99Ms ?? double.NaN, 3, false),
            ("decision, ingest at half, p99 ms", Find("d", DecisionRung.Busy)?.P99Ms ?? double.NaN, 3, false),
            ("churn update, microseconds of CPU", Cost(Find(ChurnRung.Step, ChurnRung.Default)), 5, false),
            ("churn, one update in twenty events, to CPU of an event (e)", EventText.OrderShare * Time(ChurnRung.Step, ChurnRung.Default, "e", IngestRung.Uniform, r => r.CpuSecondsPerMillion), 0.1, false),
            ("memory at the end of a soak to that at a fifth of it", Growth(Find(SoakRung.Step, null)), 1.1, false),
            ("replay (h) to ingest (e)", Share("h", null, "e", IngestRung.Uniform), 3, true),
        };
        return all.Where(r => !double.IsNaN(r.Value)).Select(r => new Ratio(database, r.Name, r.Value, r.Target, r.IsFloor));

        // At a fifth caches are full, and everything that the customers themselves need is in memory.
        static double Growth(RungResult? soak) =>
            soak?.Memory is [.., var last]
                ? (double)last.ResidentBytes / soak.Memory.MinBy(m => Math.Abs(m.Count - last.Count / 5)).ResidentBytes
                : double.NaN;

        static double Cost(RungResult? rung) => rung?.CpuSecondsPerMillion ?? double.NaN;

        RungResult? Find(string rung, string? variant) => Array.Find(results, r => r.Rung == rung && (variant is null || r.Variant == variant));

        double Share(string rung, string? variant, string to, string? toVariant) => Time(rung, variant, to, toVariant, r => r.Rate);

        double Time(string rung, string? variant, string to, string? toVariant, Func<RungResult, double> of) =>
            Find(rung, variant) is { } mine && Find(to, toVariant) is { } theirs && of(theirs) > 0 ? of(mine) / of(theirs) : double.NaN;
    }
}
