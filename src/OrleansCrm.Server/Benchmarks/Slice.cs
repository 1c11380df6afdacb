using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>One stretch of measuring.</summary>
/// <param name="Count">Events, lookups, alerts or customers, whatever the rung counts.</param>
/// <param name="Refused">Requests that were told to come back later.</param>
internal sealed record Slice(long Count, double Seconds, ResourceUse Used, LatencyHistogram Latencies)
{
    public long Refused { get; init; }

    /// <summary>Whether what was to be reached before measuring had been reached.</summary>
    public bool IsSteady { get; init; } = true;

    /// <summary>Memory at moments of it, where that is what is measured.</summary>
    public IReadOnlyList<MemoryMark> Memory { get; init; } = [];

    /// <summary>How many clients or connections made it, when that was tried out.</summary>
    public int Connections { get; init; }

    public double Rate => Seconds > 0 ? Count / Seconds : 0;
}

/// <summary>What one rung has come to: two halves, each of one stretch, with other rungs in between.</summary>
internal sealed record RungResult(string Rung, string Variant, string Database, string Unit, IReadOnlyList<Slice> Slices)
{
    /// <summary>Beyond this difference between its halves the machine was not quiet enough to say anything.</summary>
    public const double NoiseMax = 0.20;

    public long Count => Slices.Sum(s => s.Count);

    public double Seconds => Slices.Sum(s => s.Seconds);

    public double Rate => Seconds > 0 ? Count / Seconds : 0;

    public double FirstHalf => Slices[0].Rate;

    public double SecondHalf => Slices[^1].Rate;

    public bool IsNoisy => Math.Abs(FirstHalf - SecondHalf) > NoiseMax * Math.Max(FirstHalf, SecondHalf);

    public bool IsSteady => Slices.All(s => s.IsSteady);

    public long Refused => Slices.Sum(s => s.Refused);

    public int Connections => Slices[^1].Connections;

    public double P50Ms => Latency(0.5);

    public double P99Ms => Latency(0.99);

    public double CpuSecondsPerMillion => PerMillion(Used.Process);

    public double MachineCpuSecondsPerMillion => PerMillion(Used.Machine);

    public double AllocatedBytesEach => Count > 0 ? (double)Used.AllocatedBytes / Count : 0;

    public IReadOnlyList<MemoryMark> Memory => [.. Slices.SelectMany(s => s.Memory)];

    private ResourceUse Used => Slices.Aggregate(default(ResourceUse), (sum, s) => sum + s.Used);

    private double PerMillion(TimeSpan time) => Count > 0 ? time.TotalSeconds / Count * 1e6 : 0;

    private double Latency(double share)
    {
        var all = new LatencyHistogram();
        foreach (var slice in Slices)
            all.Add(slice.Latencies);
        return all.Quantile(share).TotalMilliseconds;
    }
}
