using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What one customer was offered, offer by offer, in the order in which they were first shown.</summary>
internal sealed class OfferRecord
{
    public List<OfferHistory> Offers { get; } = new(1);

    public OfferHistory? Find(ulong key)
    {
        foreach (var offer in Offers)
        {
            if (offer.Key == key)
                return offer;
        }

        return null;
    }

    /// <summary>Beyond the bound the one that was not shown for longest makes room.</summary>
    public OfferHistory Open(ulong key)
    {
        if (Find(key) is { } known)
            return known;
        if (Offers.Count == Bounds.OffersMax)
            Offers.Remove(Offers.MinBy(o => o.LastMs)!);
        var opened = new OfferHistory(key);
        Offers.Add(opened);
        return opened;
    }
}

/// <param name="key">Hash of the offer's id.</param>
internal sealed class OfferHistory(ulong key)
{
    public ulong Key => key;

    /// <summary>Orders that came within the attribution window of a showing, each showing counted once.</summary>
    public long Converted { get; set; }

    /// <summary>The newest showings, by time.</summary>
    public List<Exposure> Exposures { get; } = new(1);

    public long LastMs => Exposures.Count == 0 ? 0 : Exposures[^1].TimeMs;

    public int ShownSince(long timeMs)
    {
        var count = 0;
        for (var i = Exposures.Count - 1; i >= 0 && Exposures[i].TimeMs > timeMs; i--)
            count++;
        return count;
    }

    public void Add(Exposure exposure)
    {
        var place = Exposures.Count;
        while (place > 0 && Exposures[place - 1].TimeMs > exposure.TimeMs)
            place--;
        Exposures.Insert(place, exposure);
        if (Exposures.Count > Bounds.ExposuresMax)
            Exposures.RemoveAt(0);
    }
}

/// <param name="Bucket">The kind of customer it was shown to; see <see cref="OfferBuckets"/>.</param>
internal readonly record struct Exposure(long TimeMs, byte Bucket, bool IsConverted);
