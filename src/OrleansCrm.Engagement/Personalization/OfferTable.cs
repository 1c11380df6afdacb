using System.Collections.Concurrent;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// What has been learned about offers: for each and each kind of customer, how often it was shown and how often an order followed, what is
/// old weighing less. The probability of each to be the best (Thompson 1933; Chapelle, Li 2011) is what it is drawn with, so each
/// decision's propensities are known exactly. Immutable but for what it remembers of its own results.
/// </summary>
public sealed class OfferTable
{
    public static readonly OfferTable Empty = new([], 0, new LearningRules());

    /// <summary>Rate of an offer nobody knows anything about: four in a hundred, as if seen on 25 showings.</summary>
    internal const double PriorConverted = 1;
    internal const double PriorFailed = 24;

    /// <summary>Draws from which the probability to be best is estimated; each then has half a draw more, so that none is ever given up.</summary>
    private const int Draws = 128;

    private const int RememberedMax = 4_096;

    private readonly Dictionary<(ulong Offer, byte Bucket), (double Shown, double Converted)> _counts = [];
    private readonly ConcurrentDictionary<ulong, (ulong[] Offers, double[] Propensities)> _remembered = new();

    /// <param name="sums">Sums over all customers; others than those about offers are passed over.</param>
    /// <param name="nowMs">The instant for which what is old is weighed.</param>
    public OfferTable(IEnumerable<KeyValuePair<string, long>> sums, long nowMs, LearningRules rules)
    {
        foreach (var (metric, value) in sums)
        {
            if (OfferMetrics.TryParse(metric, out var offer, out var bucket, out var day, out var isConversion))
                Add(offer, bucket, UtcDay.Of(nowMs) - day, value, isConversion, rules.HalfLifeDays);
        }
    }

    /// <summary>How an offer has done with this kind of customer; weighed showings, and orders that followed.</summary>
    internal (double Shown, double Converted) Of(ulong offer, byte bucket) => _counts.GetValueOrDefault((offer, bucket));

    /// <summary>The probability of each to be the one worth most, in the order given.</summary>
    internal double[] Propensities(ReadOnlySpan<Offer> offers, byte bucket)
    {
        var place = (ulong)bucket;
        foreach (var offer in offers)
            place = (place ^ offer.Key) * 0x9E3779B97F4A7C15 ^ (ulong)offer.WeightMicros;
        if (_remembered.TryGetValue(place, out var known) && AreOf(known.Offers, offers))
            return known.Propensities;
        var propensities = Estimate(offers, bucket, place);
        if (_remembered.Count >= RememberedMax)
            _remembered.Clear();
        var keys = new ulong[offers.Length];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = offers[i].Key;
        _remembered[place] = (keys, propensities);
        return propensities;
    }

    private void Add(ulong offer, byte bucket, long ageDays, long value, bool isConversion, int halfLifeDays)
    {
        var weighed = value * Real.Exp(-0.693147180559945309 * Math.Max(0, ageDays) / halfLifeDays);
        var before = Of(offer, bucket);
        _counts[(offer, bucket)] = isConversion ? (before.Shown, before.Converted + weighed) : (before.Shown + weighed, before.Converted);
    }

    private static bool AreOf(ulong[] keys, ReadOnlySpan<Offer> offers)
    {
        if (keys.Length != offers.Length)
            return false;
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != offers[i].Key)
                return false;
        }

        return true;
    }

    private double[] Estimate(ReadOnlySpan<Offer> offers, byte bucket, ulong seed)
    {
        var wins = new double[offers.Length];
        if (offers.Length == 1)
        {
            wins[0] = 1;
            return wins;
        }

        var random = new SeededRandom(seed);
        for (var draw = 0; draw < Draws; draw++)
        {
            var (best, bestWorth) = (0, -1.0);
            for (var i = 0; i < offers.Length; i++)
            {
                var (shown, converted) = Of(offers[i].Key, bucket);
                var rate = random.Beta(PriorConverted + converted, PriorFailed + Math.Max(0, shown - converted));
                if (rate * offers[i].WeightMicros > bestWorth)
                    (best, bestWorth) = (i, rate * offers[i].WeightMicros);
            }

            wins[best]++;
        }

        for (var i = 0; i < wins.Length; i++)
            wins[i] = (wins[i] + 0.5) / (Draws + 0.5 * wins.Length);
        return InMillionths(wins);
    }

    /// <summary>What is journaled of them is then what was drawn with. The greatest makes up for what was rounded away: they add up to one.</summary>
    private static double[] InMillionths(double[] shares)
    {
        var (greatest, left) = (0, 1_000_000L);
        for (var i = 0; i < shares.Length; i++)
        {
            if (shares[i] > shares[greatest])
                greatest = i;
        }

        for (var i = 0; i < shares.Length; i++)
        {
            var millionths = (long)Math.Floor(shares[i] * 1e6 + 0.5);
            shares[i] = millionths / 1e6;
            left -= i == greatest ? 0 : millionths;
        }

        shares[greatest] = left / 1e6;
        return shares;
    }
}
