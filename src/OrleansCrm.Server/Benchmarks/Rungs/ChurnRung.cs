using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// What a purchase costs on account of churn: history, risk, probability of being alive, expected orders, and the next instants. Customers with
/// two to sixteen purchases, each a few weeks after the last.
/// </summary>
internal sealed class ChurnRung(string variant, IChurnModel model, TimeProvider time) : Rung(Step, variant, "updates")
{
    public const string Step = "churn";
    public const string Default = "churn update, MBG/NBD";
    public const string Integral = "churn update, Pareto/NBD";

    private const int Customers = 1_024;
    private const int PurchasesMax = 16;
    private const long DayMs = 86_400_000;

    private readonly ProgramDocument _program = ProgramDocument.Default with { Churn = ProgramDocument.Default.Churn with { Model = model } };
    private readonly long[] _gaps = DrawGaps();

    public override Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        // Compiled before it is measured.
        Run(TimeSpan.FromTicks(duration.Ticks / 5));
        return AroundAsync(() => Task.FromResult(Run(duration)));
    }

    private Slice Run(TimeSpan duration)
    {
        var startMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var started = time.GetTimestamp();
        var (count, checksum) = (0L, 0L);
        while (time.GetElapsedTime(started) < duration)
        {
            for (var customer = 0; customer < Customers; customer++)
            {
                var track = default(PurchaseTrack);
                var at = startMs;
                for (var i = 0; i <= customer % PurchasesMax; i++)
                {
                    at += _gaps[(customer + i) % Customers];
                    checksum += track.Buy(at, _program, at + DayMs).LostMs & 1;
                    count++;
                }
            }
        }

        // What nobody looks at need not be computed.
        return new Slice(count + (checksum < 0 ? 1 : 0), time.GetElapsedTime(started).TotalSeconds, default, new LatencyHistogram());
    }

    private static long[] DrawGaps()
    {
        var random = SeededRandom.For(7, 0);
        return [.. Enumerable.Range(0, Customers).Select(_ => 1 + (long)(random.Exponential(1) * 21 * DayMs))];
    }
}
