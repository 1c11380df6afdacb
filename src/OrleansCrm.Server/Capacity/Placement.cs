using OrleansCrm.Contracts;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Server.Capacity;

/// <summary>
/// Partitions thrown on silos by hash, each with the customers that fell on it, and what becomes of them when a silo is lost: its partitions are
/// thrown on those that remain. Throws many times, because where they fall is chance, and says what is usual.
/// </summary>
internal sealed class Placement
{
    private const int Throws = 101;

    private Placement(double busiest, int partitions, double afterLoss, int partitionsLost)
    {
        BusiestShare = busiest;
        BusiestPartitions = partitions;
        ShareAfterLoss = afterLoss;
        PartitionsLost = partitionsLost;
    }

    /// <summary>Share of all events that the busiest silo has.</summary>
    public double BusiestShare { get; }

    public int BusiestPartitions { get; }

    /// <summary>The same when the worst of all silos to lose is lost.</summary>
    public double ShareAfterLoss { get; }

    /// <summary>How many partitions that one had.</summary>
    public int PartitionsLost { get; }

    /// <returns>The median of each number over all throws.</returns>
    public static Placement Simulate(ShopLoad load, int partitions, int silos, ulong seed)
    {
        var thrown = Enumerable.Range(0, Throws).Select(round => Throw(load, partitions, silos, SeededRandom.For(seed, (ulong)round))).ToArray();
        return new Placement(
            Median(thrown.Select(t => t.BusiestShare)),
            (int)Median(thrown.Select(t => (double)t.BusiestPartitions)),
            Median(thrown.Select(t => t.ShareAfterLoss)),
            (int)Median(thrown.Select(t => (double)t.PartitionsLost)));
    }

    private static Placement Throw(ShopLoad load, int partitions, int silos, SeededRandom random)
    {
        var (shares, places, again) = (new double[partitions], new int[partitions], new int[partitions]);
        for (var partition = 0; partition < partitions; partition++)
        {
            shares[partition] = ShareOf(load.Customers, partitions, random);
            places[partition] = (int)(random.Next() % (ulong)silos);
            again[partition] = silos == 1 ? 0 : (int)(random.Next() % (ulong)(silos - 1));
        }

        var total = shares.Sum();
        var (events, counts) = (new double[silos], new int[silos]);
        for (var partition = 0; partition < partitions; partition++)
        {
            events[places[partition]] += shares[partition] / total;
            counts[places[partition]]++;
        }

        var (worst, lost) = (events.Max(), silos == 1 ? partitions : 0);
        for (var gone = 0; gone < silos && silos > 1; gone++)
        {
            var left = (double[])events.Clone();
            left[gone] = 0;
            for (var partition = 0; partition < partitions; partition++)
            {
                if (places[partition] == gone)
                    left[again[partition] < gone ? again[partition] : again[partition] + 1] += shares[partition] / total;
            }

            if (left.Max() >= worst)
                (worst, lost) = (left.Max(), counts[gone]);
        }

        return new Placement(events.Max(), counts.Max(), worst, lost);
    }

    // Customers fall on partitions by hash, and one sends more than another (exponentially spread): the variance of both together is 2 n.
    private static double ShareOf(double customers, int partitions, SeededRandom random)
    {
        var expected = customers / partitions;
        return Math.Max(0, expected + (Math.Sqrt(2 * expected) * random.Normal()));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
