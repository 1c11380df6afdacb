using System.Numerics;

namespace OrleansCrm.Engagement.Tests.Loyalty;

/// <summary>A second account of orders, points, tiers and phases: simple-minded, and without a line of the fold's.</summary>
internal sealed class NaiveFold(NaiveRules rules)
{
    private const long Day = 86_400_000;

    private readonly Dictionary<string, NaiveOrder> _orders = [];
    private readonly List<NaiveHold> _holds = [];
    private readonly List<NaiveGift> _gifts = [];
    private readonly List<(long FromMs, int Month, int Day)> _births = [];
    private readonly List<(string Code, long Ms)> _brought = [];
    private (string Phase, long Ms)? _forced;
    private (long Ms, string Code)? _broughtBy;
    private (long First, long Interested) _seen = (long.MaxValue, long.MaxValue);
    private long _clockMs;

    public bool HasStood { get; private set; }

    public int OrdersThatCount => _orders.Values.Count(o => o is { IsPlaced: true, Cancelled: false });

    public decimal Revenue => _orders.Values.Where(o => o is { IsPlaced: true, Cancelled: false }).Sum(o => o.Net);

    /// <summary>Time has come that far. Whether a friend has come to stay is settled at the time, whatever is told afterwards.</summary>
    public void Pass(long ms)
    {
        _clockMs = Math.Max(_clockMs, ms);
        var firstMs = Bought().FirstOrDefault();
        HasStood |= firstMs != 0 && _broughtBy?.Ms <= firstMs && (rules.StandDays == 0 ? Ceiling(firstMs) : EndOfDay(firstMs + rules.StandDays * Day)) <= _clockMs;
    }

    public void See(long ms, bool isInterested) => _seen = (Math.Min(_seen.First, ms), isInterested ? Math.Min(_seen.Interested, ms) : _seen.Interested);

    public NaiveOrder Order(string id) => _orders.TryGetValue(id, out var order) ? order : _orders[id] = new NaiveOrder();

    public NaiveHold Hold(string id, long ms, long points, string order) => Added(_holds, new NaiveHold(id, ms, points, order));

    public void Give(long ms, long points) => _gifts.Add(new NaiveGift(ms, points, rules.ExpiryDays == 0 ? long.MaxValue : EndOfDay(ms + rules.ExpiryDays * Day)));

    /// <summary>From another customer, or to one.</summary>
    public NaiveGift Transfer(long ms, long points, long untilMs = long.MaxValue) => Added(_gifts, new NaiveGift(ms, points, untilMs) { IsTransfer = true });

    public void Return(NaiveGift gift) => _gifts.Remove(gift);

    /// <summary>Until when a gift to another customer would have lasted here, and how much of it.</summary>
    public (long UntilMs, long Points)[] SlicesOf(NaiveGift gift) =>
        [.. Walk(gift.Ms).Takes.Single(t => t.Of == gift).Taken.GroupBy(t => t.Lot.UntilMs).Select(g => (g.Key, g.Sum(t => t.Points))).Order()];

    public void Birthday(int month, int day) => _births.Add((Math.Max(_clockMs, rules.BirthdayFromMs - 1), month, day));

    public void Bring(string code, long ms)
    {
        if (_brought.Exists(b => b.Code == code) || _brought.Count(b => b.Ms > ms - rules.LimitDays * Day) >= rules.Limit)
            return;
        _brought.Add((code, ms));
        Give(ms, rules.Referrer);
    }

    public void Come(long ms, string code) =>
        _broughtBy = !HasStood && (_broughtBy is not { } by || (ms, code).CompareTo(by) < 0) ? (ms, code) : _broughtBy;

    public void Force(long ms, string phase) => _forced = phase.Length == 0 ? null : (phase, ms);

    public NaivePoints PointsAt(long nowMs)
    {
        var (lots, takes) = Walk(nowMs);
        return new NaivePoints(
            lots.Where(l => l.FromMs <= nowMs && nowMs < l.UntilMs).Sum(l => l.Left) - takes.Sum(t => t.Owed),
            lots.Where(l => l.FromMs > nowMs).Sum(l => l.Points),
            takes.Where(t => t is { IsRedemption: true, IsSpent: false } && t.BackMs > nowMs).Sum(t => t.Points),
            takes.Where(t => t.IsSpent).Sum(t => t.Points),
            lots.Where(l => l.UntilMs <= nowMs).Sum(l => l.Left),
            -_gifts.Where(g => g.IsTransfer).Sum(g => g.Points));
    }

    private (List<NaiveLot> Lots, List<NaiveTake> Takes) Walk(long nowMs)
    {
        var (lots, takes) = (Lots(nowMs), Takes(nowMs));
        var instants = lots.Select(l => l.FromMs).Concat(takes.Select(t => t.Ms)).Concat(takes.Select(t => t.BackMs)).Append(nowMs)
            .Where(ms => ms <= nowMs).Distinct().Order().ToArray();
        foreach (var ms in instants)
        {
            // Debts are older than what happens now: new points pay them first.
            PayAll(lots, takes, ms);
            foreach (var take in takes.Where(t => t.BackMs == ms))
            {
                take.Taken.ForEach(t => t.Lot.Left += t.Points);
                take.Taken.Clear();
                take.Owed = 0;
            }

            PayAll(lots, takes, ms);
            foreach (var take in takes.Where(t => t.Ms == ms && t.BackMs > ms))
            {
                take.Owed = take.Points;
                Pay(lots.Where(l => l.FromMs <= ms && ms < l.UntilMs).OrderBy(l => l.UntilMs).ThenBy(l => l.EarnedMs), take);
                take.Owed = !rules.MayBeNegative && take.IsRedemption ? 0 : take.Owed;
            }
        }

        return (lots, takes);
    }

    public (int Level, long Qualifying, long UntilMs) TierAt(long nowMs)
    {
        var (level, points, shortMs) = TierAfter(nowMs);
        for (var ms = nowMs; level > 0 && shortMs == 0;)
        {
            ms = Sorted().Select(o => Ceiling(o.PlacedMs!.Value + rules.WindowDays * Day)).Where(e => e > ms).DefaultIfEmpty(0).Min();
            if (ms == 0)
                return (level, points, 0);
            shortMs = Within(Sorted(), ms) < rules.Tiers[level - 1].From ? ms : 0;
        }

        return (level, points, shortMs == 0 ? 0 : shortMs + rules.GraceDays * Day);
    }

    public (string Phase, long SinceMs) PhaseAt(long nowMs)
    {
        var byRules = PhaseByRules(nowMs);
        if (_forced is not var (phase, ms) || byRules.SinceMs > ms)
            return byRules;
        var backMs = phase is "recapture" or "lost" ? Bought().FirstOrDefault(b => b > ms) : 0;
        return backMs != 0 ? (byRules.Phase, backMs) : (phase, ms);
    }

    private (string Phase, long SinceMs) PhaseByRules(long nowMs)
    {
        var bought = Bought();
        if (bought.Length == 0)
            return _seen.Interested < long.MaxValue ? ("orientation", _seen.Interested) : ("attention", _seen.First);
        if (FirstRisk(bought, 0.9, 0.5) is var lostMs && lostMs <= nowMs)
            return ("lost", lostMs);
        if (FirstRisk(bought, 0.75, 0.25) is var riskMs && riskMs <= nowMs)
            return ("recapture", riskMs);
        var backMs = Enumerable.Range(1, bought.Length - 1).Where(n => FirstRisk(bought[..n], 0.75, 0.25) <= bought[n]).Select(n => bought[n]).LastOrDefault();
        var bondedMs = bought.Skip(1).Append(Ceiling(bought[0] + 14 * Day)).Min();
        var loyalMs = bought.GroupBy(b => b / Day).Skip(2).Select(g => g.First()).FirstOrDefault();
        var (phase, sinceMs) = bondedMs > nowMs ? ("purchase", bought[0])
            : _brought.Count > 0 ? ("advocacy", Math.Max(_brought.Min(b => b.Ms), bondedMs))
            : loyalMs != 0 ? ("loyalty", loyalMs) : ("bonding", bondedMs);
        return (phase, Math.Max(sinceMs, backMs));
    }

    /// <summary>The first whole second after the last order at which the risk of MBG/NBD, fitted to CDNOW, has reached the threshold.</summary>
    private static long FirstRisk(long[] bought, double floor, double share)
    {
        const double r = 0.525, alpha = 6.183, a = 0.891, b = 1.614, week = 7.0 * Day;
        var repeats = bought.Select(o => o / Day).Distinct().Count() - 1;
        var age = repeats == 0 ? 0 : (bought[^1] - bought[0]) / week;
        double Risk(long silentMs)
        {
            var exposure = alpha + age + silentMs / week;
            var alive = 1 / (1 + a / (b + repeats) * Math.Pow(exposure / (alpha + age), r + repeats));
            return 1 - alive * (1 - Math.Pow(exposure / (exposure + 90 / 7.0), r + repeats));
        }

        var threshold = Math.Max(floor, Risk(0) + share * (1 - Risk(0)));
        var (low, high) = (bought[^1] / 1_000, bought[^1] / 1_000 + 3_000_000_000);
        while (bought.Length > 1 && high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = Risk(middle * 1_000 - bought[^1]) >= threshold ? (low, middle) : (middle, high);
        }

        return high * 1_000;
    }

    private List<NaiveLot> Lots(long nowMs)
    {
        var lots = new List<NaiveLot>();
        foreach (var order in Sorted().Where(o => o.PlacedMs <= nowMs))
        {
            var placedMs = order.PlacedMs!.Value;
            var (level, _, _) = TierAfter(placedMs, order);
            var points = PointsOf(order, level == 0 ? 100 : rules.Tiers[level - 1].Percent);
            var fromMs = rules.ReturnDays == 0 ? placedMs : EndOfDay(placedMs + rules.ReturnDays * Day);
            if (points > 0)
                lots.Add(new NaiveLot(placedMs, fromMs, rules.ExpiryDays == 0 ? long.MaxValue : EndOfDay(placedMs + rules.ExpiryDays * Day), points));
        }

        var births = new NaiveFold(rules);
        for (var i = 0; i < _births.Count; i++)
        {
            // One birthday in a calendar year, on the day that was known when it came.
            var (fromMs, month, day) = _births[i];
            for (var year = 2024; year < 2029; year++)
            {
                var ms = new DateTimeOffset(year, month, Math.Min(day, DateTime.DaysInMonth(year, month)), 0, 0, 0, default).ToUnixTimeMilliseconds();
                if (ms > fromMs && ms <= Math.Min(nowMs, i + 1 < _births.Count ? _births[i + 1].FromMs : nowMs) && !births._gifts.Exists(g => DateTimeOffset.FromUnixTimeMilliseconds(g.Ms).Year == year))
                    births.Give(ms, rules.Birthday);
            }
        }

        lots.AddRange(_gifts.Concat(births._gifts).Where(g => g.Points > 0 && g.Ms <= nowMs).Select(g => new NaiveLot(g.Ms, g.Ms, g.UntilMs, g.Points)));
        return lots;
    }

    private List<NaiveTake> Takes(long nowMs)
    {
        // Of one instant what a person took comes first, then what was given away, then what was spent.
        var takes = _gifts.Where(g => g.Points < 0 && g.Ms <= nowMs).OrderBy(g => g.IsTransfer).Select(g => new NaiveTake(g.Ms, -g.Points, long.MaxValue) { Of = g }).ToList();
        takes.AddRange(
            from hold in _holds.Where(h => h.Order.Length == 0 || !_orders.TryGetValue(h.Order, out var o) || o.PlacedMs is null || o.IsPurchase)
            let backMs = hold.CancelledMs ?? (hold.IsCommitted || hold.ExpiresMs > nowMs ? long.MaxValue : hold.ExpiresMs)
            select new NaiveTake(hold.Ms, hold.Points, backMs) { IsRedemption = true, IsSpent = hold.IsCommitted });
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

    private NaiveOrder[] Sorted() => [.. _orders.Values.Where(o => o.IsPlaced).OrderBy(o => o.PlacedMs)];

    private long[] Bought() => [.. Sorted().Where(o => o.IsPurchase).Select(o => o.PlacedMs!.Value)];

    private static T Added<T>(List<T> list, T item)
    {
        list.Add(item);
        return item;
    }

    private static long Ceiling(long ms) => (ms + 999) / 1_000 * 1_000;

    private static long EndOfDay(long ms) => (ms + Day - 1) / Day * Day;
}
