namespace OrleansCrm.Engagement.Tests.Loyalty;

internal sealed record NaiveRules(int ReturnDays, int ExpiryDays, int WindowDays, int GraceDays, bool MayBeNegative, int SpecialRate)
{
    public (long From, int Percent)[] Tiers { get; init; } = [];
    public long Birthday, BirthdayFromMs, Referrer;
    public int StandDays, Limit, LimitDays;
}

internal sealed record NaivePoints(long Available, long Pending, long Held, long Spent, long Expired, long InTransit);

internal sealed class NaiveOrder
{
    public long? PlacedMs;
    public decimal Stated;
    public decimal? Updated;

    /// <summary>Value of the products that earn differently, and what of it was sent back.</summary>
    public decimal Special, SpecialBack;
    public bool Cancelled, RefundedWhole;

    public Dictionary<string, decimal> Refunds { get; } = [];

    public decimal Value => Updated ?? Stated;

    public decimal Net => RefundedWhole ? 0 : Math.Max(0, Value - Refunds.Values.Sum());

    public bool IsPlaced => PlacedMs is not null;

    public bool IsPurchase => IsPlaced && !Cancelled && !(Value > 0 ? Net <= 0 : RefundedWhole);
}

internal sealed record NaiveHold(string Id, long Ms, long Points, string Order)
{
    public bool IsCommitted;
    public long? CancelledMs;

    public long ExpiresMs => (Ms + 999) / 1_000 * 1_000 + 900_000;
}

/// <param name="Points">Below 0: taken, or given away.</param>
internal sealed record NaiveGift(long Ms, long Points, long UntilMs)
{
    public bool IsTransfer { get; init; }
}

internal sealed record NaiveLot(long EarnedMs, long FromMs, long UntilMs, long Points)
{
    public long Left = Points;
}

internal sealed record NaiveTake(long Ms, long Points, long BackMs)
{
    public readonly List<(NaiveLot Lot, long Points)> Taken = [];
    public bool IsRedemption, IsSpent;
    public NaiveGift? Of;
    public long Owed;
}
