using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Signals;

/// <summary>
/// How the newest three visits with a purchase compare with the four to six before them: what was bought on one day is one visit. Follows
/// from the orders alone, and is kept so that nobody has to unpack them to ask.
/// </summary>
/// <param name="RecentMicros">Mean net value of the newest; 0 where currencies differ.</param>
/// <param name="RecentGapMs">Mean time from each of the newest back to the visit before it.</param>
internal readonly record struct BuyingTrend(long RecentMicros, long BeforeMicros, long RecentGapMs, long BeforeGapMs, string Currency)
{
    public const int Recent = 3;
    public const int VisitsMin = 7;
    private const int VisitsMax = 9;

    public bool IsKnown => BeforeGapMs > 0;

    public static BuyingTrend Of(CustomerState state)
    {
        // Days are at least as many as visits.
        if (state.Purchases.Days < VisitsMin)
            return default;
        Span<Visit> ring = stackalloc Visit[VisitsMax];
        var (count, number, currency, currencySince) = (0, 0, "", 0);
        foreach (var order in state.ReadOrders())
        {
            if (!order.IsPurchase)
                continue;
            number++;
            if (order.Currency != currency)
                (currency, currencySince) = (order.Currency, number);
            ref var last = ref ring[Math.Max(0, count - 1) % VisitsMax];
            if (count > 0 && UtcDay.Of(last.TimeMs) == UtcDay.Of(order.PlacedMs))
                (last.TimeMs, last.Micros) = (order.PlacedMs, Money.Add(last.Micros, order.NetMicros));
            else
                ring[count++ % VisitsMax] = new Visit(order.PlacedMs, order.NetMicros, number);
        }

        if (count < VisitsMin)
            return default;
        Span<Visit> visits = stackalloc Visit[Math.Min(count, VisitsMax)];
        for (var i = 0; i < visits.Length; i++)
            visits[i] = ring[(count - 1 - i) % VisitsMax];
        var isMixed = currencySince > visits[^1].FirstNumber;
        return new BuyingTrend(
            isMixed ? 0 : MeanOf(visits[..Recent]),
            isMixed ? 0 : MeanOf(visits[Recent..]),
            (visits[0].TimeMs - visits[Recent].TimeMs) / Recent,
            (visits[Recent].TimeMs - visits[^1].TimeMs) / (visits.Length - 1 - Recent),
            isMixed ? "" : currency);
    }

    private static long MeanOf(ReadOnlySpan<Visit> visits)
    {
        var sum = 0L;
        foreach (var visit in visits)
            sum = Money.Add(sum, visit.Micros);
        return sum / visits.Length;
    }

    /// <param name="TimeMs">Of its last purchase.</param>
    /// <param name="FirstNumber">Which of all purchases was its first.</param>
    private record struct Visit(long TimeMs, long Micros, int FirstNumber);
}
