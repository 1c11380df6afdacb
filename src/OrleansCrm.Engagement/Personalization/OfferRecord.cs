using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What one customer was offered, offer by offer, in the order in which they were first shown.</summary>
internal sealed class OfferRecord
{
    public List<OfferHistory> Offers { get; } = new(1);

    /// <summary>Parts of budgets and coupons that are held or were used, in the order in which they came.</summary>
    public List<OfferHold>? Holds { get; set; }

    /// <summary>What the customer holds of an offer's budget at the instant: more than one part where the cart has grown since the first.</summary>
    public HeldBudget HeldOf(ulong offer, long nowMs)
    {
        var held = default(HeldBudget);
        foreach (var hold in Holds ?? [])
        {
            if (hold.Offer == offer && hold.Code.Length == 0 && hold.Order == 0 && hold.UntilMs > nowMs)
                held = new HeldBudget(held.Parts + 1, held.Amount + hold.Amount, held.Parts == 0 ? hold.UntilMs : Math.Min(held.UntilMs, hold.UntilMs));
        }

        return held;
    }

    /// <summary>The code that was made for the customer and is still good at the instant; null for none.</summary>
    public OfferHold? MadeFor(ulong offer, long nowMs) =>
        Holds?.Find(h => h.Offer == offer && h.Code.Length > 0 && h.Id == 0 && h.Order == 0 && h.UntilMs > nowMs);

    public void Add(OfferHold hold)
    {
        Holds ??= new List<OfferHold>(1);
        if (hold.Code.Length > 0)
            Holds.RemoveAll(h => h.Code == hold.Code && h.Id == hold.Id && h.Order == 0);
        Holds.Add(hold);
        if (Holds.Count > Bounds.OfferHoldsMax)
            Holds.RemoveAt(Math.Max(0, Holds.FindIndex(h => h.Order == 0 && h.UntilMs < hold.FromMs)));
    }

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
/// <param name="Order">Hash of the order that followed; 0 for none.</param>
internal readonly record struct Exposure(long TimeMs, byte Bucket, ulong Order)
{
    public bool IsConverted => Order != 0;
}

/// <param name="Amount">In the budget's unit.</param>
/// <param name="UntilMs">When the first of the parts ends; 0 for none.</param>
internal readonly record struct HeldBudget(int Parts, long Amount, long UntilMs);

/// <summary>A part of an offer's budget, or a coupon, that is held for the customer until an order uses it.</summary>
/// <param name="Offer">Hash of the offer's id.</param>
/// <param name="Id">What the hold is called; of a coupon, by whom it is held.</param>
/// <param name="Partition">Whose slice of the budget it is.</param>
/// <param name="Amount">In the budget's unit, of one that was used what the order has taken; 0 for a coupon.</param>
/// <param name="Code">Empty for a budget.</param>
/// <param name="Order">Hash of the order that has used it; 0 for none.</param>
internal sealed record OfferHold(ulong Offer, ulong Id, int Partition, long Amount, long FromMs, long UntilMs, string Code, ulong Order = 0);
