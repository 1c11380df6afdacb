using System.Runtime.InteropServices;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// Says where each of a customer's points stands at an instant: a function of the facts and the clock alone, so that whoever hears of
/// orders, refunds and redemptions in another order, or twice, has the same points. Every order is worth what remains of it now, as if
/// the rest had never been; redemptions go through the lots in time order, first to expire first.
/// </summary>
/// <remarks>
/// A redemption that finds too little (its order was refunded afterwards, or it turns out to have come before it) owes the rest: the next
/// points that become available pay it, and until then the balance is below zero.
/// </remarks>
internal sealed class PointsWalk
{
    private const int ExpiringMax = 12;
    private const long Always = long.MinValue / 2;

    private readonly CustomerState _state;
    private readonly LoyaltyAccount _account;
    private readonly long _nowMs;
    private readonly List<Lot> _lots = [];
    private readonly List<Debit> _debits = [];
    private int[]? _byAvailability;

    private PointsWalk(CustomerState state, long nowMs)
    {
        (_state, _account, _nowMs) = (state, state.Loyalty!, nowMs);
        AddOrders();
        AddCredits();
        AddRedemptions();
        if (_debits.Count == 0)
            return;
        _lots.Sort();
        LiveThroughDebits();
    }

    /// <summary>By cause and key.</summary>
    public static List<Position> PositionsAt(CustomerState state, long nowMs) => new PointsWalk(state, nowMs).Positions();

    public static (List<Position> Positions, PointsOutlook Outlook) At(CustomerState state, ProgramDocument program, long nowMs)
    {
        var walk = new PointsWalk(state, nowMs);
        return (walk.Positions(), walk.Outlook(program.Loyalty));
    }

    /// <summary>What a debit takes, by when it would have expired; 0 for never, which comes last.</summary>
    public static List<(long Points, long ExpiresMs)> SlicesOf(CustomerState state, long nowMs, PointsCause cause, ulong key)
    {
        var walk = new PointsWalk(state, nowMs);
        return
        [
            .. walk._debits.Find(debit => debit.Is(cause, key))!.Slices
                .GroupBy(slice => walk._lots.Find(lot => lot.Cause == slice.Cause && lot.Key == slice.Key).ExpiresMs)
                .OrderBy(group => group.Key)
                .Select(group => (group.Sum(slice => slice.Points), group.Key == long.MaxValue ? 0 : group.Key)),
        ];
    }

    private void AddOrders()
    {
        if (_state.Orders is not { } orders)
            return;
        var multipliers = Multipliers(orders);
        for (var i = 0; i < orders.Count; i++)
        {
            var order = orders[i];
            var points = order.PointsAt(multipliers is null ? 1_000_000 : multipliers[i]);
            if (points == 0)
                continue;
            var terms = _account.TermsOf(order.Terms);
            _lots.Add(new Lot(
                PointsCause.Order,
                order.Key,
                points,
                order.PlacedMs,
                terms is null or { ReturnDays: 0 } ? order.PlacedMs : EndOfDay(order.PlacedMs + terms.ReturnDays * UtcDay.Ms),
                terms is null or { ExpiryDays: 0 } ? long.MaxValue : EndOfDay(order.PlacedMs + terms.ExpiryDays * UtcDay.Ms)));
        }
    }

    private long[]? Multipliers(OrderHistory orders)
    {
        long[]? multipliers = null;
        for (var number = 1; number <= (_account.Terms?.Count ?? 0); number++)
        {
            var terms = _account.TermsOf((byte)number)!;
            if (terms.Tiers.Length == 0)
                continue;
            if (multipliers is null)
            {
                multipliers = new long[orders.Count];
                Array.Fill(multipliers, 1_000_000);
            }

            new TierWalk(orders, terms).Run(_nowMs, multipliers, number);
        }

        return multipliers;
    }

    private void AddCredits()
    {
        var closed = _account.Closed;
        if (closed.Points != 0)
            _lots.Add(new Lot(PointsCause.ClosedOrders, 0, closed.Points, Always, Always, OrNever(closed.ExpiresMs)));
        foreach (var credit in _account.Credits ?? [])
        {
            if (credit.Points > 0)
                _lots.Add(new Lot(credit.Cause, credit.Key, credit.Points, credit.TimeMs, credit.TimeMs, OrNever(credit.ExpiresMs)));
            else
                _debits.Add(new Debit(credit.Cause, credit.Key, -credit.Points, credit.TimeMs, 0, isForgiven: false));
        }
    }

    private void AddRedemptions()
    {
        foreach (var redemption in _account.Redemptions ?? [])
        {
            // Cancelled at once, or its order is gone: it is as if nobody had asked.
            if (redemption.ReleasedMs(_nowMs) == redemption.TimeMs
                || (redemption.ReturnsWithOrder && redemption.OrderKey != 0 && IsGone(redemption.OrderKey)))
                continue;
            _debits.Add(new Debit(
                PointsCause.Redemption, (ulong)redemption.Place, redemption.Points, redemption.TimeMs, redemption.ReleasedMs(_nowMs),
                redemption.IsForgiven) { Of = redemption });
        }
    }

    private bool IsGone(ulong orderKey) => _state.Orders?.Find(orderKey) is { IsPurchase: false };

    private void LiveThroughDebits()
    {
        var moments = new List<(long TimeMs, bool Takes, int Debit)>(2 * _debits.Count);
        for (var i = 0; i < _debits.Count; i++)
        {
            moments.Add((_debits[i].TimeMs, true, i));
            if (_debits[i].ReleasedMs != 0)
                moments.Add((_debits[i].ReleasedMs, false, i));
        }

        moments.Sort();
        foreach (var (timeMs, takes, i) in moments)
        {
            PayDebts(timeMs);
            if (takes)
                Take(_debits[i], timeMs);
            else
                Release(_debits[i], timeMs);
        }

        PayDebts(_nowMs);
    }

    private void Take(Debit debit, long timeMs)
    {
        debit.Owed = debit.Points;
        foreach (ref var lot in CollectionsMarshal.AsSpan(_lots))
        {
            if (lot.AvailableMs <= timeMs && timeMs < lot.ExpiresMs)
                debit.TakeFrom(ref lot);
            if (debit.Owed == 0)
                return;
        }

        if (debit.IsForgiven)
            (debit.Forgiven, debit.Owed) = (debit.Owed, 0);
    }

    private void Release(Debit debit, long timeMs)
    {
        foreach (var (cause, key, points) in debit.Slices)
        {
            foreach (ref var lot in CollectionsMarshal.AsSpan(_lots))
            {
                if (lot.Cause == cause && lot.Key == key)
                    lot.Left += points;
            }
        }

        debit.Slices.Clear();
        (debit.Owed, debit.Forgiven) = (0, 0);
        PayDebts(timeMs);
    }

    /// <summary>What has become available until then pays what is owed, oldest debt first.</summary>
    private void PayDebts(long untilMs)
    {
        foreach (var debit in _debits)
        {
            if (debit.Owed == 0)
                continue;
            _byAvailability ??= ByAvailability();
            foreach (var i in _byAvailability)
            {
                ref var lot = ref CollectionsMarshal.AsSpan(_lots)[i];
                if (lot.AvailableMs > untilMs)
                    break;
                if (Math.Max(lot.AvailableMs, debit.TimeMs) < lot.ExpiresMs)
                    debit.TakeFrom(ref lot);
                if (debit.Owed == 0)
                    break;
            }
        }
    }

    private int[] ByAvailability()
    {
        var order = new int[_lots.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (x, y) => (_lots[x].AvailableMs, x).CompareTo((_lots[y].AvailableMs, y)));
        return order;
    }

    private List<Position> Positions()
    {
        var positions = new List<Position>(_lots.Count + _debits.Count + 1);
        foreach (var lot in _lots)
        {
            var isTransfer = lot.Cause == PointsCause.TransferIn;
            positions.Add(new Position(
                lot.Cause,
                lot.Key,
                isTransfer ? 0 : lot.Points,
                Pending: lot.AvailableMs > _nowMs ? lot.Points : 0,
                Expired: lot.ExpiresMs <= _nowMs ? lot.Left : 0,
                InTransit: isTransfer ? -lot.Points : 0));
        }

        if (_account.Closed.Expired != 0)
            Add(positions, new Position(PointsCause.ClosedOrders, 0, _account.Closed.Expired, Expired: _account.Closed.Expired));
        foreach (var debit in _debits)
        {
            if (debit.Position() is { } position)
                positions.Add(position);
        }

        positions.Sort();
        return positions;
    }

    private static void Add(List<Position> positions, Position position)
    {
        var place = positions.FindIndex(p => p.CompareTo(position) == 0);
        if (place < 0)
            positions.Add(position);
        else
            positions[place] = positions[place].Plus(position);
    }

    private PointsOutlook Outlook(LoyaltyRules rules)
    {
        var noticeMs = rules.Expiry.NoticeDays * UtcDay.Ms;
        var next = new Next(_nowMs);
        var tier = TierStanding(rules, ref next);
        if (tier.UntilMs != 0)
        {
            next.Meet(tier.UntilMs);
            next.Meet(tier.UntilMs - rules.Tiers.WarningDays * UtcDay.Ms);
        }

        foreach (var debit in _debits)
        {
            if (debit.Of is { Status: RedemptionStatus.Held } hold)
                next.Meet(hold.ExpiresMs);
        }

        var expiring = new SortedList<long, long>();
        foreach (var lot in _lots)
        {
            next.Meet(lot.AvailableMs);
            if (lot.ExpiresMs == long.MaxValue || lot.ExpiresMs <= _nowMs || lot.Left == 0)
                continue;
            next.Meet(lot.ExpiresMs);
            next.Meet(lot.ExpiresMs - noticeMs);
            expiring[lot.ExpiresMs] = expiring.GetValueOrDefault(lot.ExpiresMs) + lot.Left;
        }

        return new PointsOutlook(next.Ms, tier, [.. expiring.Take(ExpiringMax).Select(e => new ExpiringPoints(e.Key, e.Value))]);
    }

    /// <summary>Where the customer stands in the tiers of the program that is in force.</summary>
    private TierStanding TierStanding(LoyaltyRules rules, ref Next next)
    {
        if (rules.Tiers.Levels.Count == 0 || _state.Orders is null)
            return default;
        var walk = new TierWalk(_state.Orders, EarnTerms.Of(rules));
        var tier = walk.Run(_nowMs, [], 0);
        next.Meet(walk.NextLeavesMs);
        return tier;
    }

    private static long OrNever(long expiresMs) => expiresMs == 0 ? long.MaxValue : expiresMs;

    internal static long EndOfDay(long timeMs) => (UtcDay.Of(timeMs - 1) + 1) * UtcDay.Ms;

    /// <summary>The earliest of the instants that are still to come.</summary>
    private struct Next(long nowMs)
    {
        public long Ms;

        public void Meet(long timeMs)
        {
            if (timeMs > nowMs && (Ms == 0 || timeMs < Ms))
                Ms = timeMs;
        }
    }

    /// <summary>Points earned together. In the order in which they are spent: first to expire, then first earned.</summary>
    private struct Lot(PointsCause cause, ulong key, long points, long earnedMs, long availableMs, long expiresMs) : IComparable<Lot>
    {
        public readonly PointsCause Cause = cause;
        public readonly ulong Key = key;
        public readonly long Points = points;
        public readonly long EarnedMs = earnedMs;
        public readonly long AvailableMs = availableMs;
        public readonly long ExpiresMs = expiresMs;
        public long Left = points;

        public readonly int CompareTo(Lot other) =>
            ExpiresMs != other.ExpiresMs ? ExpiresMs.CompareTo(other.ExpiresMs)
            : EarnedMs != other.EarnedMs ? EarnedMs.CompareTo(other.EarnedMs)
            : Cause != other.Cause ? (Cause < other.Cause ? -1 : 1)
            : Key.CompareTo(other.Key);
    }

    private sealed class Debit(PointsCause cause, ulong key, long points, long timeMs, long releasedMs, bool isForgiven)
    {
        public long Points => points;

        public long TimeMs => timeMs;

        public long ReleasedMs => releasedMs;

        public bool IsForgiven => isForgiven;

        public bool Is(PointsCause wanted, ulong wantedKey) => cause == wanted && key == wantedKey;

        public Redemption? Of { get; init; }

        public long Owed { get; set; }

        public long Forgiven { get; set; }

        public List<(PointsCause Cause, ulong Key, long Points)> Slices { get; } = [];

        public void TakeFrom(ref Lot lot)
        {
            var points = Math.Min(Owed, lot.Left);
            if (points == 0)
                return;
            lot.Left -= points;
            Owed -= points;
            Slices.Add((lot.Cause, lot.Key, points));
        }

        /// <returns>Null when it is as if it had not been.</returns>
        public Position? Position() => cause switch
        {
            _ when releasedMs != 0 => null,
            PointsCause.Redemption when Of!.Status == RedemptionStatus.Committed => new Position(cause, key, Forgiven, Spent: points),
            PointsCause.Redemption => new Position(cause, key, Forgiven, Held: points),
            PointsCause.TransferOut => new Position(cause, key, 0, InTransit: points),
            _ => new Position(cause, key, -points),
        };
    }
}
