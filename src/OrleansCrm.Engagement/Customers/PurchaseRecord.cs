using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Segments;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// When a customer bought, and for how much: what models are fitted to and judged by. The standing orders, counted as the fold counts them.
/// </summary>
public sealed class PurchaseRecord
{
    private readonly PurchaseScan _closed;
    private readonly PurchaseScan _all;
    private readonly (long TimeMs, long ValueMicros)[] _purchases;

    private PurchaseRecord(string customer, string[] segments, long newestMs, PurchaseScan closed, PurchaseScan all, (long, long)[] purchases)
    {
        Customer = customer;
        Segments = segments;
        NewestMs = newestMs;
        _closed = closed;
        _all = all;
        _purchases = purchases;
    }

    /// <summary>Canonical key.</summary>
    public string Customer { get; }

    /// <summary>Those of the program, whatever program the state was settled under; sorted (ordinal).</summary>
    public IReadOnlyList<string> Segments { get; }

    /// <summary>Newest time of a storefront event of any kind, Unix milliseconds.</summary>
    public long NewestMs { get; }

    /// <summary>Whether every purchase is known by itself; of customers with more than a thousand orders the oldest are not.</summary>
    public bool IsComplete => _closed.Purchases == 0;

    /// <summary>Purchases that are known by themselves, by time; net values in millionths of the program's currency, 0 without a rate.</summary>
    public IReadOnlyList<(long TimeMs, long ValueMicros)> Purchases => _purchases;

    /// <param name="segmentsAtMs">The instant, not before the customer's newest entry, for which segments are asked; null for none.</param>
    /// <returns>Null for a customer who has not bought.</returns>
    public static PurchaseRecord? Of(CustomerState state, ProgramDocument program, long? segmentsAtMs = null)
    {
        if (state.Purchases.Purchases == 0)
            return null;
        var purchases = new List<(long, long)>(state.Orders?.Count ?? 0);
        foreach (var order in state.ReadOrders())
        {
            if (order.IsPurchase)
                purchases.Add((order.PlacedMs, Money.Times(order.NetMicros, program.RateMicros(order.Currency))));
        }

        return new PurchaseRecord(state.Key, segmentsAtMs is { } atMs ? SegmentFold.At(state, program, atMs) : [], state.LastSeenMs, state.ClosedPurchases, state.Purchases, [.. purchases]);
    }

    /// <summary>What a model knew of the customer at an instant.</summary>
    /// <returns>Null when there was no purchase by then, or when the single ones of that time are no longer known.</returns>
    public KnownPurchases? At(long timeMs)
    {
        var scan = _all;
        if (scan.LastMs > timeMs)
        {
            if (_closed.Purchases > 0 && _closed.LastMs > timeMs)
                return null;
            scan = _closed;
            foreach (var (at, _) in _purchases)
            {
                if (at > timeMs)
                    break;
                scan.Add(at, loyalDays: 0);
            }
        }

        return scan.Purchases == 0
            ? null
            : new KnownPurchases(scan.History, ChurnInstants.SilenceAt(scan, timeMs), Weeks.FromMilliseconds(timeMs - scan.FirstMs), scan.Purchases);
    }

    /// <summary>Distinct days with a purchase after <paramref name="fromMs"/>, until <paramref name="untilMs"/>.</summary>
    public int DaysBetween(long fromMs, long untilMs)
    {
        var (days, last) = (0, long.MinValue);
        foreach (var (at, _) in _purchases)
        {
            if (at <= fromMs || at > untilMs || UtcDay.Of(at) == last)
                continue;
            (days, last) = (days + 1, UtcDay.Of(at));
        }

        return days;
    }
}

/// <param name="Silence">Since the last purchase.</param>
/// <param name="Age">Since the first purchase.</param>
/// <param name="Orders">Several of one day each for itself, unlike in the history.</param>
public readonly record struct KnownPurchases(PurchaseHistory History, Weeks Silence, Weeks Age, int Orders);
