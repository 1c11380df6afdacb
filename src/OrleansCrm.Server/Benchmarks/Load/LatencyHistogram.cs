using System.Numerics;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>Counts durations in buckets that are three percent wide, from a microsecond to an hour. One thread at a time.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private const int Linear = 1 << (SubBits + 1);
    private const int Buckets = Linear + (32 - SubBits - 1) * (1 << SubBits);

    private readonly long[] _counts = new long[Buckets];

    public long Count { get; private set; }

    public void Add(TimeSpan duration) => Add(BucketOf((long)duration.TotalMicroseconds), 1);

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < Buckets; i++)
            Add(i, other._counts[i]);
    }

    /// <summary>The duration that this share of all stays below, 0 when there are none.</summary>
    public TimeSpan Quantile(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (var i = 0; i < Buckets && rank > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return TimeSpan.FromMicroseconds(MiddleOf(i));
        }

        return TimeSpan.Zero;
    }

    /// <summary>Pairs of bucket and count, for another process.</summary>
    public long[] ToPairs()
    {
        var pairs = new List<long>();
        for (var i = 0; i < Buckets; i++)
        {
            if (_counts[i] > 0)
                pairs.AddRange([i, _counts[i]]);
        }

        return [.. pairs];
    }

    public static LatencyHistogram OfPairs(long[] pairs)
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i + 1 < pairs.Length; i += 2)
            histogram.Add((int)pairs[i], pairs[i + 1]);
        return histogram;
    }

    private void Add(int bucket, long count)
    {
        _counts[bucket] += count;
        Count += count;
    }

    private static int BucketOf(long micros)
    {
        var value = (uint)Math.Clamp(micros, 0, uint.MaxValue);
        if (value < Linear)
            return (int)value;
        var shift = 31 - BitOperations.LeadingZeroCount(value) - SubBits;
        return Linear + (shift - 1) * (1 << SubBits) + (int)(value >> shift) - (1 << SubBits);
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < Linear)
            return bucket;
        var shift = (bucket - Linear) / (1 << SubBits) + 1;
        var low = ((bucket - Linear) % (1 << SubBits) + (1L << SubBits)) << shift;
        return low + (1L << shift) / 2.0;
    }
}
