using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>
/// A customer's purchases in time order, boiled down to what phases and churn depend on. Several purchases of one day are one purchase
/// to the models, because two carts of an afternoon say nothing about the next month; silence runs from the last of them.
/// </summary>
internal struct PurchaseScan : IEquatable<PurchaseScan>
{
    public int Purchases;

    /// <summary>Distinct UTC days.</summary>
    public int Days;
    public long LastDay;
    public long FirstMs;
    public long SecondMs;

    /// <summary>The first purchase of the day that made the customer loyal; 0 when that has not come.</summary>
    public long LoyalMs;
    public long LastMs;

    /// <summary>The months with purchases.</summary>
    public MonthSet Months;

    public readonly PurchaseHistory History =>
        Days <= 1 ? default : new PurchaseHistory(Days - 1, Weeks.FromMilliseconds(LastMs - FirstMs));

    /// <summary>Takes the next purchase in time order.</summary>
    public void Add(long timeMs, int loyalDays)
    {
        var day = UtcDay.Of(timeMs);
        if (Purchases == 0)
            FirstMs = timeMs;
        else if (Purchases == 1)
            SecondMs = timeMs;
        if (Purchases == 0 || day != LastDay)
        {
            Days++;
            Months.Add(timeMs);
            if (Days == loyalDays)
                LoyalMs = timeMs;
        }

        Purchases++;
        LastDay = day;
        LastMs = timeMs;
    }

    /// <summary>
    /// Takes a purchase that may be older than the last one: only done where single purchases are no longer known, so its day counts
    /// as new unless it is the last one's.
    /// </summary>
    public void AddLate(long timeMs, int loyalDays)
    {
        var (last, lastDay) = (LastMs, LastDay);
        Add(timeMs, loyalDays);
        if (Purchases == 1 || timeMs >= last)
            return;
        FirstMs = Math.Min(FirstMs, timeMs);
        (LastMs, LastDay) = (last, lastDay);
    }

    /// <summary>
    /// Two histories of one person whose single purchases are no longer known, as well as can be said: a day on which both have purchases
    /// counts twice.
    /// </summary>
    public static PurchaseScan Joined(in PurchaseScan x, in PurchaseScan y)
    {
        if (x.Purchases == 0 || y.Purchases == 0)
            return x.Purchases == 0 ? y : x;
        var (first, second) = x.FirstMs <= y.FirstMs ? (x, y) : (y, x);
        var last = x.LastMs >= y.LastMs ? x : y;
        return new PurchaseScan
        {
            Purchases = x.Purchases + y.Purchases,
            Days = x.Days + y.Days,
            LastDay = last.LastDay,
            FirstMs = first.FirstMs,
            SecondMs = first.SecondMs == 0 ? second.FirstMs : Math.Min(first.SecondMs, second.FirstMs),
            LoyalMs = x.LoyalMs == 0 || y.LoyalMs == 0 ? Math.Max(x.LoyalMs, y.LoyalMs) : Math.Min(x.LoyalMs, y.LoyalMs),
            LastMs = last.LastMs,
            Months = MonthSet.Joined(x.Months, y.Months),
        };
    }

    public readonly bool Equals(PurchaseScan other) =>
        Purchases == other.Purchases && Days == other.Days && LastDay == other.LastDay && FirstMs == other.FirstMs
        && SecondMs == other.SecondMs && LoyalMs == other.LoyalMs && LastMs == other.LastMs && Months.Equals(other.Months);

    public override readonly bool Equals(object? obj) => obj is PurchaseScan other && Equals(other);

    public override readonly int GetHashCode() => (int)(FirstMs ^ LastMs ^ Purchases);
}
