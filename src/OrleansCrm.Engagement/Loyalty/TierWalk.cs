using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// A customer's tiers through time, from the orders alone: reached at once, lost when the points of the window have been below the level
/// for the days of grace. Goes through the orders and through the instants at which they leave the window.
/// </summary>
internal ref struct TierWalk(OrderHistory orders, EarnTerms terms)
{
    private readonly long _windowMs = terms.WindowDays * UtcDay.Ms;
    private readonly long _graceMs = terms.GraceDays * UtcDay.Ms;
    private int _oldest;
    private int _level;
    private long _sinceMs;
    private long _points;

    /// <summary>Since when there are too few points for the level; 0 while there are enough.</summary>
    private long _shortMs;

    /// <summary>When the next order leaves the window; 0 for none. Known after <see cref="Run"/>.</summary>
    public long NextLeavesMs { get; private set; }

    /// <param name="multipliers">By order: those that came under terms of this <paramref name="number"/> get their tier's.</param>
    public TierStanding Run(long nowMs, Span<long> multipliers, int number)
    {
        for (var i = 0; i < orders.Count; i++)
        {
            var order = orders[i];
            PassTo(order.PlacedMs, i);
            if (_level > 0 && order.Terms == number && !multipliers.IsEmpty)
                multipliers[i] = terms.Tiers[_level - 1].MultiplierMicros;
            if (order.Points == 0)
                continue;
            _points += order.Points;
            var reached = LevelOf(_points);
            if (reached > _level)
                (_level, _sinceMs, _shortMs) = (reached, order.PlacedMs, 0);
            else if (reached == _level)
                _shortMs = 0;
        }

        PassTo(nowMs, orders.Count);
        var (level, sinceMs, points) = (_level, _sinceMs, _points);
        NextLeavesMs = NextLeaving(orders.Count) is var leavesMs && leavesMs == long.MaxValue ? 0 : leavesMs;
        return new TierStanding(level, sinceMs, points, level == 0 ? 0 : FindEnd());
    }

    private void PassTo(long timeMs, int until)
    {
        while (true)
        {
            var leavesMs = NextLeaving(until);
            var endsMs = _shortMs == 0 ? long.MaxValue : EndOf(_shortMs);
            if (Math.Min(leavesMs, endsMs) > timeMs)
                return;
            if (leavesMs <= endsMs)
                Leave(leavesMs);
            else
                (_level, _sinceMs, _shortMs) = (LevelOf(_points), endsMs, 0);
        }
    }

    private long FindEnd()
    {
        while (_shortMs == 0 && NextLeaving(orders.Count) is var leavesMs && leavesMs != long.MaxValue)
            Leave(leavesMs);
        return _shortMs == 0 ? 0 : EndOf(_shortMs);
    }

    private void Leave(long timeMs)
    {
        _points -= orders[_oldest++].Points;
        if (_level > 0 && _shortMs == 0 && _points < terms.Tiers[_level - 1].From)
            _shortMs = timeMs;
    }

    private long NextLeaving(int until)
    {
        while (_oldest < until && orders[_oldest].Points == 0)
            _oldest++;
        return _oldest < until ? UtcDay.CeilingSecond(orders[_oldest].PlacedMs + _windowMs) : long.MaxValue;
    }

    private readonly long EndOf(long shortMs) => shortMs + _graceMs;

    private readonly int LevelOf(long points)
    {
        var level = 0;
        while (level < terms.Tiers.Length && terms.Tiers[level].From <= points)
            level++;
        return level;
    }
}
