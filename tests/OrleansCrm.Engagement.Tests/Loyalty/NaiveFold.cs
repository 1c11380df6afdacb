using System.Numerics;
using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Engagement.Tests.Loyalty;

/// <summary>
/// A second, simple-minded account of orders, points, tiers and phases: goes through every instant from the beginning each time it is
/// asked, and shares no code with the fold but the churn model.
/// </summary>
internal sealed class NaiveFold(NaiveRules rules)
{
    private const long Day = 86_400_000;

    private readonly Dictionary<string, NaiveOrder> _orders = [];
    private readonly List<NaiveHold> _holds = [];
    private readonly List<(long Ms, long Points)> _gifts = [];

    public NaiveOrder Order(string id) => _orders.TryGetValue(id, out var order) ? order : _orders[id] = new NaiveOrder();

    public NaiveHold Hold(string id, long ms, long points, string order)
    {
        _holds.Add(new NaiveHold(id, ms, points, order));
        return _holds[^1];
    }

    public void Give(long ms, long points) => _gifts.Add((ms, points));

    public int OrdersThatCount => _orders.Values.Count(o => o.PlacedMs is not null && !o.Cancelled);

    public decimal Revenue => _orders.Values.Where(o => o.PlacedMs is not null && !o.Cancelled).Sum(o => o.Net);

    public NaivePoints PointsAt(long nowMs)
    {
        var lots = Lots(nowMs);
        var takes = Takes(nowMs);
        var instants = lots.Select(l => l.FromMs).Concat(takes.Select(t => t.Ms)).Concat(takes.Select(t => t.BackMs)).Append(nowMs)
            .Where(ms => ms <= nowMs).Distinct().Order().ToArray();
        foreach (var ms in instants)
        {
            // Debts are older than what happens now: new points pay them first.
            PayAll(lots, takes, ms);
            foreach (var take in takes.Where(t => t.BackMs == ms))
            {
                foreach (var (lot, points) in take.Taken)
                    lot.Left += points;
                take.Taken.Clear();
                take.Owed = 0;
            }

            PayAll(lots, takes, ms);
            foreach (var take in takes.Where(t => t.Ms == ms && t.BackMs > ms))
            {
                take.Owed = take.Points;
                Pay(lots.Where(l => l.FromMs <= ms && ms < l.UntilMs).OrderBy(l => l.UntilMs).ThenBy(l => l.EarnedMs), take);
                if (!rules.MayBeNegative && take.IsRedemption)
                    (take.Given, take.Owed) = (take.Owed, 0);
            }
        }

        var pending = lots.Where(l => l.FromMs > nowMs).Sum(l => l.Points);
        var expired = lots.Where(l => l.UntilMs <= nowMs).Sum(l => l.Left);
        var usable = lots.Where(l => l.FromMs <= nowMs && nowMs < l.UntilMs).Sum(l => l.Left);
        return new NaivePoints(
            usable - takes.Sum(t => t.Owed),
            pending,
            takes.Where(t => t is { IsRedemption: true, IsSpent: false } && t.BackMs > nowMs).Sum(t => t.Points),
            takes.Where(t => t.IsSpent).Sum(t => t.Points),
            expired);
    }

    public (int Level, long Qualifying, long UntilMs) TierAt(long nowMs)
    {
        var (level, points, shortMs) = TierAfter(nowMs);
        if (level == 0)
            return (0, points, 0);
        for (var ms = nowMs; shortMs == 0;)
        {
            ms = Sorted().Select(o => Ceiling(o.PlacedMs!.Value + rules.WindowDays * Day)).Where(e => e > ms).DefaultIfEmpty(0).Min();
            if (ms == 0)
                return (level, points, 0);
            shortMs = Within(Sorted(), ms) < rules.Tiers[level - 1].From ? ms : 0;
        }

        return (level, points, shortMs + rules.GraceDays * Day);
    }

    public string PhaseAt(long nowMs)
    {
        var bought = Sorted().Where(o => o.IsPurchase).Select(o => o.PlacedMs!.Value).ToArray();
        if (bought.Length == 0)
            return _orders.Values.Any(o => o.Interested) ? "orientation" : "attention";
        var days = bought.Select(b => b / Day).Distinct().Count();
        if (bought.Length >= 2)
        {
            var history = new PurchaseHistory(days - 1, Weeks.FromMilliseconds(days == 1 ? 0 : bought[^1] - bought[0]));
            double Risk(long silentMs) => BetaGeometricModel.MbgCdnow.HorizonRisk(history, Weeks.FromMilliseconds(silentMs), Weeks.FromDays(90));
            var (start, now) = (Risk(0), nowMs / 1_000 * 1_000 <= bought[^1] ? 0 : Risk(nowMs / 1_000 * 1_000 - bought[^1]));
            if (now >= Math.Max(0.9, start + 0.5 * (1 - start)))
                return "lost";
            if (now >= Math.Max(0.75, start + 0.25 * (1 - start)))
                return "recapture";
        }

        return days >= 3 ? "loyalty" : bought.Length >= 2 || Ceiling(bought[0] + 14 * Day) <= nowMs ? "bonding" : "purchase";
    }

    private List<NaiveLot> Lots(long nowMs)
    {
        var lots = new List<NaiveLot>();
        foreach (var order in Sorted().Where(o => o.PlacedMs <= nowMs))
        {
            var placedMs = order.PlacedMs!.Value;
            var (level, _, _) = TierAfter(placedMs, order);
            var points = PointsOf(order, level == 0 ? 100 : rules.Tiers[level - 1].Percent);
            if (points > 0)
            {
                lots.Add(new NaiveLot(
                    placedMs,
                    rules.ReturnDays == 0 ? placedMs : EndOfDay(placedMs + rules.ReturnDays * Day),
                    rules.ExpiryDays == 0 ? long.MaxValue : EndOfDay(placedMs + rules.ExpiryDays * Day),
                    points));
            }
        }

        foreach (var (ms, points) in _gifts.Where(g => g.Points > 0))
            lots.Add(new NaiveLot(ms, ms, rules.ExpiryDays == 0 ? long.MaxValue : EndOfDay(ms + rules.ExpiryDays * Day), points));
        return lots;
    }

    private List<NaiveTake> Takes(long nowMs)
    {
        var takes = new List<NaiveTake>();
        foreach (var hold in _holds.Where(h => h.Order.Length == 0 || !_orders.TryGetValue(h.Order, out var o) || o.PlacedMs is null || o.IsPurchase))
        {
            var backMs = hold.CancelledMs ?? (hold.IsCommitted ? long.MaxValue : hold.ExpiresMs <= nowMs ? hold.ExpiresMs : long.MaxValue);
            takes.Add(new NaiveTake(hold.Ms, hold.Points, backMs) { IsRedemption = true, IsSpent = hold.IsCommitted });
        }

        foreach (var (ms, points) in _gifts.Where(g => g.Points < 0))
            takes.Add(new NaiveTake(ms, -points, long.MaxValue));
        return takes;
    }

    private static void PayAll(List<NaiveLot> lots, List<NaiveTake> takes, long ms)
    {
        foreach (var take in takes.Where(t => t.Owed > 0 && t.Ms <= ms).OrderBy(t => t.Ms))
            Pay(lots.Where(l => l.FromMs <= ms && Math.Max(l.FromMs, take.Ms) < l.UntilMs).OrderBy(l => l.FromMs).ThenBy(l => l.UntilMs), take);
    }

    private static void Pay(IEnumerable<NaiveLot> lots, NaiveTake take)
    {
        foreach (var lot in lots.ToArray())
        {
            var points = Math.Min(lot.Left, take.Owed);
            lot.Left -= points;
            take.Owed -= points;
            if (points > 0)
                take.Taken.Add((lot, points));
        }
    }

    /// <summary>The level when everything up to an instant has happened, but of that instant only the orders before one.</summary>
    private (int Level, long Qualifying, long ShortMs) TierAfter(long nowMs, NaiveOrder? before = null)
    {
        var (level, shortMs) = (0, 0L);
        var orders = Sorted().TakeWhile(o => o != before && o.PlacedMs <= nowMs).Where(o => PointsOf(o, 100) > 0).ToArray();
        var instants = orders.SelectMany(o => new[] { o.PlacedMs!.Value, Ceiling(o.PlacedMs.Value + rules.WindowDays * Day) })
            .Where(ms => ms <= nowMs).Distinct().Order().Append(nowMs);
        foreach (var ms in instants)
        {
            if (shortMs != 0 && shortMs + rules.GraceDays * Day < ms)
                Fall(shortMs + rules.GraceDays * Day);
            var leaving = orders.Where(o => o.PlacedMs < ms).ToArray();
            Judge(leaving, ms);
            if (shortMs != 0 && shortMs + rules.GraceDays * Day <= ms)
                Fall(ms);
            for (var i = leaving.Length; i < orders.Length && orders[i].PlacedMs == ms; i++)
                Judge(orders[..(i + 1)], ms);
        }

        return (level, Within(orders, nowMs), shortMs);

        void Judge(NaiveOrder[] known, long ms)
        {
            var points = Within(known, ms);
            var reached = rules.Tiers.Count(t => t.From <= points);
            if (reached >= level)
                (level, shortMs) = (reached, 0);
            else if (shortMs == 0)
                shortMs = ms;
        }

        void Fall(long ms) => (level, shortMs) = (rules.Tiers.Count(t => t.From <= Within(orders.Where(o => o.PlacedMs < ms), ms)), 0);
    }

    private long Within(IEnumerable<NaiveOrder> orders, long ms) =>
        orders.Where(o => o.PlacedMs <= ms && Ceiling(o.PlacedMs!.Value + rules.WindowDays * Day) > ms).Sum(o => PointsOf(o, 100));

    private long PointsOf(NaiveOrder order, int percent)
    {
        if (order.PlacedMs is null || order.Cancelled || order.Net <= 0)
            return 0;
        var (value, net) = (Cents(order.Value), Cents(order.Net));
        if (rules.SpecialRate == 1 || order.Special == 0)
            return (long)(net * percent / 10_000);
        var special = Cents(order.Special);
        var back = BigInteger.Min(special, Cents(order.SpecialBack));
        var others = BigInteger.Max(0, value - special);
        var all = special - back + others;
        if (all == 0)
            return 0;
        var refunded = BigInteger.Max(0, value - net - back);
        var (kept, of) = special > value ? (all * value - refunded * special, all * special) : (all - refunded, all);
        return (long)(((special - back) * rules.SpecialRate + others) * percent * BigInteger.Max(0, kept) / of / 10_000);
    }

    private static BigInteger Cents(decimal amount) => new(amount * 100);

    private NaiveOrder[] Sorted() => [.. _orders.Values.Where(o => o.PlacedMs is not null).OrderBy(o => o.PlacedMs)];

    private static long Ceiling(long ms) => (ms + 999) / 1_000 * 1_000;

    private static long EndOfDay(long ms) => (ms + Day - 1) / Day * Day;
}

internal sealed record NaiveRules(int ReturnDays, int ExpiryDays, int WindowDays, int GraceDays, bool MayBeNegative, int SpecialRate)
{
    public (long From, int Percent)[] Tiers { get; init; } = [];
}

internal sealed record NaivePoints(long Available, long Pending, long Held, long Spent, long Expired);

internal sealed class NaiveOrder
{
    public long? PlacedMs { get; set; }

    public decimal Stated { get; set; }

    public decimal? Updated { get; set; }

    public decimal Value => Updated ?? Stated;

    /// <summary>Value of the products that earn differently.</summary>
    public decimal Special { get; set; }

    public decimal SpecialBack { get; set; }

    public Dictionary<string, decimal> Refunds { get; } = [];

    public bool Cancelled { get; set; }

    public bool RefundedWhole { get; set; }

    public bool Interested { get; set; }

    public decimal Net => RefundedWhole ? 0 : Math.Max(0, Value - Refunds.Values.Sum());

    public bool IsPurchase => PlacedMs is not null && !Cancelled && !(Value > 0 ? Net <= 0 : RefundedWhole);
}

internal sealed record NaiveHold(string Id, long Ms, long Points, string Order)
{
    public long ExpiresMs => (Ms + 999) / 1_000 * 1_000 + 900_000;

    public bool IsCommitted { get; set; }

    public long? CancelledMs { get; set; }
}

internal sealed class NaiveLot(long earnedMs, long fromMs, long untilMs, long points)
{
    public long EarnedMs => earnedMs;

    public long FromMs => fromMs;

    public long UntilMs => untilMs;

    public long Points { get; } = points;

    public long Left { get; set; } = points;
}

internal sealed class NaiveTake(long ms, long points, long backMs)
{
    public long Ms => ms;

    public long Points => points;

    public long BackMs => backMs;

    public bool IsRedemption { get; init; }

    public bool IsSpent { get; init; }

    public long Owed { get; set; }

    public long Given { get; set; }

    public List<(NaiveLot Lot, long Points)> Taken { get; } = [];
}
