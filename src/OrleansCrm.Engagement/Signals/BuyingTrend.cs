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

    public static BuyingTrend Of(List<Order>? orders)
    {
        Span<(long TimeMs, long Micros)> visits = stackalloc (long, long)[VisitsMax];
        var (count, isMixed, currency) = (0, false, "");
        for (var i = (orders?.Count ?? 0) - 1; i >= 0; i--)
        {
            var order = orders![i];
            if (!order.IsPurchase)
                continue;
            if (count > 0 && UtcDay.Of(visits[count - 1].TimeMs) == UtcDay.Of(order.PlacedMs))
            {
                visits[count - 1].Micros = Money.Add(visits[count - 1].Micros, order.NetMicros);
            }
            else
            {
                if (count == VisitsMax)
                    break;
                visits[count++] = (order.PlacedMs, order.NetMicros);
            }

            currency = currency.Length == 0 ? order.Currency : currency;
            isMixed |= order.Currency != currency;
        }

        if (count < VisitsMin)
            return default;
        return new BuyingTrend(
            isMixed ? 0 : MeanOf(visits[..Recent]),
            isMixed ? 0 : MeanOf(visits[Recent..count]),
            (visits[0].TimeMs - visits[Recent].TimeMs) / Recent,
            (visits[Recent].TimeMs - visits[count - 1].TimeMs) / (count - 1 - Recent),
            isMixed ? "" : currency);
    }

    private static long MeanOf(ReadOnlySpan<(long TimeMs, long Micros)> visits)
    {
        var sum = 0L;
        foreach (var (_, micros) in visits)
            sum = Money.Add(sum, micros);
        return sum / visits.Length;
    }
}
