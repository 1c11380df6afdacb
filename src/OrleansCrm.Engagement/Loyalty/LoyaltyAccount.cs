using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// What is known about a customer's points beyond orders, and what follows until time changes it. Only customers have one for whom a rule
/// or a command needs it; for all others points are what their orders are worth.
/// </summary>
internal sealed class LoyaltyAccount
{
    /// <summary>Terms that some order came under, in the order in which they were met; orders name them by place + 1.</summary>
    public List<EarnTerms>? Terms { get; set; }

    /// <summary>Points that are not for orders, given (above 0) or taken, by time, cause and key.</summary>
    public List<Credit>? Credits { get; set; }

    /// <summary>By time and place.</summary>
    public List<Redemption>? Redemptions { get; set; }

    /// <summary>Requests that were refused, oldest first: the same key gets the same answer.</summary>
    public List<Refusal>? Refusals { get; set; }

    /// <summary>Keys of what is no longer kept one by one.</summary>
    public SortedKeys? UsedKeys { get; set; }

    public ClosedPoints Closed { get; set; }

    /// <summary>Code of the head of the household whose pool the points go to; empty for none.</summary>
    public string Household { get; set; } = "";

    public PointsOutlook Outlook { get; set; } = PointsOutlook.None;

    /// <summary>What was booked before the entry that is being folded; null while nothing has changed.</summary>
    public List<Position>? Booked { get; set; }

    /// <returns>The number by which an order names these terms; 0 for plain ones.</returns>
    public byte NumberOf(LoyaltyRules rules)
    {
        if (EarnTerms.ArePlain(rules))
            return 0;
        var index = Terms?.FindIndex(t => t.Are(rules)) ?? -1;
        return index >= 0 ? (byte)(index + 1) : Add(EarnTerms.Of(rules));
    }

    /// <returns>The number of the same terms here.</returns>
    public byte NumberOf(EarnTerms terms)
    {
        var index = Terms?.FindIndex(t => t.Are(terms)) ?? -1;
        return index >= 0 ? (byte)(index + 1) : Add(terms);
    }

    public EarnTerms? TermsOf(byte number) => number == 0 ? null : Terms![number - 1];

    public bool TryAdd(in Credit credit)
    {
        var credits = Credits ??= new List<Credit>(1);
        var place = credits.Count;
        for (var i = 0; i < credits.Count; i++)
        {
            if (credits[i].Cause == credit.Cause && credits[i].Key == credit.Key)
                return false;
            if (place == credits.Count && credits[i].CompareTo(credit) > 0)
                place = i;
        }

        if (UsedKeys?.Contains(credit.Key) == true)
            return false;
        credits.Insert(place, credit);
        if (credits.Count > Bounds.CreditsMax)
            JoinOldestCredits(credits);
        return true;
    }

    public void Add(Redemption redemption)
    {
        var all = Redemptions ??= new List<Redemption>(1);
        var place = all.Count;
        while (place > 0 && all[place - 1].CompareTo(redemption) > 0)
            place--;
        all.Insert(place, redemption);
        if (all.Count > Bounds.RedemptionsMax)
            JoinOldest(all);
    }

    public void Add(in Refusal refusal)
    {
        var refusals = Refusals ??= new List<Refusal>(1);
        if (refusals.Count == Bounds.RefusalsMax)
            refusals.RemoveAt(0);
        refusals.Add(refusal);
    }

    private byte Add(EarnTerms terms)
    {
        var all = Terms ??= new List<EarnTerms>(1);

        // More programs than that under which one customer bought: the last ones then share their promises.
        if (all.Count < Bounds.TermsMax)
            all.Add(terms);
        return (byte)all.Count;
    }

    // The oldest two become one at the later time, with the later expiry: never to the customer's loss. What came from or went to others
    // stands against their books, so it is joined with its like alone.
    private void JoinOldestCredits(List<Credit> credits)
    {
        var place = 0;
        while (credits.FindIndex(place + 1, c => JoinedCause(c.Cause) == JoinedCause(credits[place].Cause)) < 0)
            place++;
        var cause = JoinedCause(credits[place].Cause);
        var next = credits.FindIndex(place + 1, c => JoinedCause(c.Cause) == cause);
        var (first, second) = (credits[place], credits[next]);
        var expiresMs = first.ExpiresMs == 0 || second.ExpiresMs == 0 ? 0 : Math.Max(first.ExpiresMs, second.ExpiresMs);
        (UsedKeys ??= new SortedKeys()).Add(first.Key);
        credits[next] = second with { Cause = cause, Points = first.Points + second.Points, ExpiresMs = expiresMs };
        credits.RemoveAt(place);
    }

    private static PointsCause JoinedCause(PointsCause cause) =>
        cause is PointsCause.TransferIn or PointsCause.TransferOut ? cause : PointsCause.Adjustment;

    // What has had no effect goes first; then the oldest two become one at the earlier time.
    private void JoinOldest(List<Redemption> all)
    {
        var used = UsedKeys ??= new SortedKeys();
        var idle = all.FindIndex(r => r.Status == RedemptionStatus.Cancelled);
        if (idle >= 0)
        {
            used.Add(all[idle].Key);
            all.RemoveAt(idle);
            return;
        }

        var spent = all.FindIndex(r => r.Status == RedemptionStatus.Committed);
        var next = spent < 0 ? -1 : all.FindIndex(spent + 1, r => r.Status == RedemptionStatus.Committed);
        if (next < 0)
            throw new StateBoundException("open holds of points");
        used.Add(all[next].Key);
        all[spent].Points += all[next].Points;
        all[spent].OrderKey = 0;
        all.RemoveAt(next);
    }
}

/// <summary>What points are about. Numbers are stored: they may only grow.</summary>
internal enum PointsCause : byte
{
    Order = 0,

    /// <summary>Orders too old to be kept one by one.</summary>
    ClosedOrders = 1,
    Welcome = 2,
    Review = 3,

    /// <summary>Somebody came on this customer's recommendation, and their order stands.</summary>
    Referral = 4,

    /// <summary>This customer came on somebody's recommendation, and the order stands.</summary>
    Referred = 5,
    Adjustment = 6,
    TransferIn = 7,
    TransferOut = 8,
    Redemption = 9,
    Birthday = 10,
}

/// <summary>Points given or taken for something that is no order.</summary>
/// <param name="Key">Natural key: of one cause each key counts once.</param>
/// <param name="Points">Below 0: taken.</param>
/// <param name="ExpiresMs">0 for never.</param>
internal readonly record struct Credit(PointsCause Cause, ulong Key, long TimeMs, long Points, long ExpiresMs) : IComparable<Credit>
{
    public int CompareTo(Credit other) => (TimeMs, Cause, Key).CompareTo((other.TimeMs, other.Cause, other.Key));
}

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum RedemptionStatus : byte
{
    Held = 1,
    Committed = 2,
    Cancelled = 3,
}

/// <summary>Points that the customer asked to spend.</summary>
/// <param name="place">Of the entry that asked; see <see cref="Identity.EntryPlace"/>.</param>
internal sealed class Redemption(long place) : IComparable<Redemption>
{
    public long Place => place;

    /// <summary>Hash of the idempotency key.</summary>
    public required ulong Key { get; init; }

    public required long TimeMs { get; init; }

    public required long Points { get; set; }

    /// <summary>When the hold ends by itself.</summary>
    public required long ExpiresMs { get; init; }

    /// <summary>What was to be paid with them; 0 for nothing named.</summary>
    public required ulong OrderKey { get; set; }

    public RedemptionStatus Status { get; set; } = RedemptionStatus.Held;

    /// <summary>When it was cancelled.</summary>
    public long EndedMs { get; set; }

    /// <summary>Points of it that turn out never to have been there are given by the shop.</summary>
    public bool IsForgiven { get; init; }

    /// <summary>They come back when the order they were spent on does.</summary>
    public bool ReturnsWithOrder { get; init; }

    /// <summary>When its points go back; 0 for never so far.</summary>
    public long ReleasedMs(long nowMs) => Status switch
    {
        RedemptionStatus.Cancelled => EndedMs,
        RedemptionStatus.Held when ExpiresMs <= nowMs => ExpiresMs,
        _ => 0,
    };

    public Redemption MovedTo(long place) => new(place)
    {
        Key = Key, TimeMs = TimeMs, Points = Points, ExpiresMs = ExpiresMs, OrderKey = OrderKey, Status = Status, EndedMs = EndedMs,
        IsForgiven = IsForgiven, ReturnsWithOrder = ReturnsWithOrder,
    };

    public int CompareTo(Redemption? other) => (TimeMs, Place).CompareTo((other!.TimeMs, other.Place));
}

/// <summary>A request to spend that was refused.</summary>
internal readonly record struct Refusal(ulong Key, long Points, ulong OrderKey, long Available);

/// <summary>Points of orders that are no longer kept one by one: what of them has not expired counts as one lot.</summary>
/// <param name="ExpiresMs">Of the latest of them; 0 for never.</param>
internal readonly record struct ClosedPoints(long Points, long Expired, long ExpiresMs);
