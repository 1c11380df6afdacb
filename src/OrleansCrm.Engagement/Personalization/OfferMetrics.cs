using System.Globalization;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// What customers add to what is learned about offers: sums over all of them, which the journal keeps, by offer, kind of customer and day. So
/// nothing has to be learned again after a restart, and what a replay repeats counts once.
/// </summary>
internal static class OfferMetrics
{
    private const string Prefix = "offer.";
    private const string Shown = ".shown";
    private const string Converted = ".converted";

    public static void Add(List<MetricSum> sums, OfferRecord record)
    {
        foreach (var offer in record.Offers)
        {
            for (var i = 0; i < offer.Exposures.Count;)
            {
                // One bucket of one day after the other; a customer's exposures are few and mostly of one kind.
                var (day, bucket) = (UtcDay.Of(offer.Exposures[i].TimeMs), offer.Exposures[i].Bucket);
                var (shown, converted) = (0L, 0L);
                for (; i < offer.Exposures.Count && UtcDay.Of(offer.Exposures[i].TimeMs) == day && offer.Exposures[i].Bucket == bucket; i++)
                {
                    shown++;
                    converted += offer.Exposures[i].IsConverted ? 1 : 0;
                }

                Add(sums, NameOf(offer.Key, bucket, day, Shown), shown);
                if (converted > 0)
                    Add(sums, NameOf(offer.Key, bucket, day, Converted), converted);
            }
        }
    }

    /// <returns>False for a sum that is about something else.</returns>
    public static bool TryParse(string metric, out ulong offer, out byte bucket, out long day, out bool isConversion)
    {
        (offer, bucket, day, isConversion) = (0, 0, 0, metric.EndsWith(Converted, StringComparison.Ordinal));
        if (!metric.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var parts = metric.Split('.');
        return parts.Length == 5
            && ulong.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out offer)
            && byte.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out bucket)
            && long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out day);
    }

    internal static string NameOf(ulong offer, byte bucket, long day, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{offer:x16}.{bucket}.{day}{what}");

    // Two stretches of one bucket on a day add up to one sum.
    private static void Add(List<MetricSum> sums, string metric, long value)
    {
        for (var i = 0; i < sums.Count; i++)
        {
            if (sums[i].Metric != metric)
                continue;
            sums[i] = sums[i] with { Value = sums[i].Value + value };
            return;
        }

        sums.Add(new MetricSum(metric, value));
    }
}
