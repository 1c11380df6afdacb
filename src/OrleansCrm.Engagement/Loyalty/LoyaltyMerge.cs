using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// Joins the loyalty accounts of two ids of a person. What stood in both books counts as booked; the facts are joined, and what they then
/// say is booked as a difference: an order or a bonus that both had counts once.
/// </summary>
internal static class LoyaltyMerge
{
    /// <summary>To be called before the orders are joined. The points themselves are moved by the caller.</summary>
    /// <param name="partition">Where the entries stand that <paramref name="given"/> speaks of.</param>
    public static void Take(CustomerState state, CustomerState given, int partition, ref FoldStep step)
    {
        if (state.Loyalty is null && given.Loyalty is null)
            return;
        var mine = LoyaltyFold.Open(state);
        var theirs = LoyaltyFold.Open(given);
        theirs.Redemptions = theirs.Redemptions?.ConvertAll(r => r.MovedTo(EntryPlace.Of(partition, r.Place)));
        LoyaltyFold.Touch(state, ref step);
        mine.Booked = Sum(mine.Booked!, PointsWalk.PositionsAt(given, given.NewestMs));

        TakeTerms(mine, theirs, given);
        foreach (var credit in theirs.Credits ?? [])
            Take(mine, credit);
        foreach (var redemption in theirs.Redemptions ?? [])
            mine.Add(redemption);
        if (mine.Household.Length == 0)
            mine.Household = theirs.Household;
        foreach (var refusal in theirs.Refusals ?? [])
            mine.Add(refusal);
        foreach (var key in theirs.UsedKeys is null ? default : theirs.UsedKeys.Keys)
            (mine.UsedKeys ??= new SortedKeys()).Add(key);
        var (x, y) = (mine.Closed, theirs.Closed);
        var isForEver = x is { Points: not 0, ExpiresMs: 0 } || y is { Points: not 0, ExpiresMs: 0 };
        mine.Closed = new ClosedPoints(x.Points + y.Points, x.Expired + y.Expired, isForEver ? 0 : Math.Max(x.ExpiresMs, y.ExpiresMs));
    }

    // Of a bonus that both were given the earlier one stands.
    private static void Take(LoyaltyAccount mine, in Credit credit)
    {
        var (cause, key) = (credit.Cause, credit.Key);
        var known = mine.Credits?.FindIndex(c => c.Cause == cause && c.Key == key) ?? -1;
        if (known >= 0 && mine.Credits![known].CompareTo(credit) > 0)
            mine.Credits.RemoveAt(known);
        mine.TryAdd(credit);
    }

    private static void TakeTerms(LoyaltyAccount mine, LoyaltyAccount theirs, CustomerState given)
    {
        foreach (var order in given.Orders ?? new OrderHistory())
            order.Terms = theirs.TermsOf(order.Terms) is { } terms ? mine.NumberOf(terms) : (byte)0;
    }

    private static List<Position> Sum(List<Position> x, List<Position> y)
    {
        var sum = new List<Position>(x.Count + y.Count);
        sum.AddRange(x);
        sum.AddRange(y);
        sum.Sort();
        for (var i = sum.Count - 1; i > 0; i--)
        {
            if (sum[i].CompareTo(sum[i - 1]) != 0)
                continue;
            sum[i - 1] = sum[i - 1].Plus(sum[i]);
            sum.RemoveAt(i);
        }

        return sum;
    }
}
