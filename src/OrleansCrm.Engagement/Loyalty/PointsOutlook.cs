namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Where the points stand, as far as the balances do not say it, and what time alone will do to them.</summary>
/// <param name="NextMs">The next instant that matters: a release, an expiry or its notice, the end of a hold, a tier; 0 for none.</param>
/// <param name="Expiring">The next expiries, earliest first; a bounded number of them.</param>
internal sealed record PointsOutlook(long NextMs, TierStanding Tier, ExpiringPoints[] Expiring)
{
    public static readonly PointsOutlook None = new(0, default, []);
}

internal readonly record struct ExpiringPoints(long AtMs, long Points);

/// <param name="Level">0 for none, 1 for the lowest.</param>
/// <param name="SinceMs">When it was reached, or fallen to.</param>
/// <param name="Points">Earned by orders within the window.</param>
/// <param name="UntilMs">When a lower one follows if nothing is bought; 0 for never.</param>
internal readonly record struct TierStanding(int Level, long SinceMs, long Points, long UntilMs);

/// <summary>
/// What of one cause stands in which account; the rest of what was issued is available. Of a debit everything comes out of the available.
/// </summary>
internal readonly record struct Position(
    PointsCause Cause, ulong Key, long Issued, long Pending = 0, long Held = 0, long Spent = 0, long Expired = 0, long InTransit = 0)
    : IComparable<Position>
{
    public long this[PointsAccount account] => account switch
    {
        PointsAccount.Issued => -Issued,
        PointsAccount.Pending => Pending,
        PointsAccount.Held => Held,
        PointsAccount.Spent => Spent,
        PointsAccount.Expired => Expired,
        PointsAccount.InTransit => InTransit,
        _ => Issued - Pending - Held - Spent - Expired - InTransit,
    };

    public Position Plus(in Position other) => new(
        Cause, Key, Issued + other.Issued, Pending + other.Pending, Held + other.Held, Spent + other.Spent, Expired + other.Expired,
        InTransit + other.InTransit);

    public int CompareTo(Position other) => Cause != other.Cause ? Cause < other.Cause ? -1 : 1 : Key.CompareTo(other.Key);
}
