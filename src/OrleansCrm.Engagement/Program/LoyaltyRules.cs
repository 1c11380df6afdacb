using System.Text;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>
/// What earns points and what becomes of them. The rates of an order are those of the program under which it came, and so are its return
/// window, its expiry and the multipliers of the tiers: a new program changes nothing that was earned before.
/// </summary>
public sealed record LoyaltyRules
{
    /// <summary>Points for one whole unit of the program's currency in millionths (1,000,000 = one point); 0 to 1,000 points.</summary>
    public long PointsPerUnitMicros { get; init; } = 1_000_000;

    /// <summary>Other rates for some products; the first rule that names a line's product or category counts. At most 200.</summary>
    public IReadOnlyList<EarnRule> Earn { get; init; } = [];

    /// <summary>Times that multiply what orders earn; of several the highest counts. At most 200.</summary>
    public IReadOnlyList<Campaign> Campaigns { get; init; } = [];

    public BonusRules Bonuses { get; init; } = new();

    public ReferralRules Referral { get; init; } = new();

    /// <summary>Days for which an order's points are pending, then to the end of the day; 0 (at once available) to 365.</summary>
    public int ReturnDays { get; init; }

    public ExpiryRules Expiry { get; init; } = new();

    public TierRules Tiers { get; init; } = new();

    public RedemptionRules Redemption { get; init; } = new();

    /// <summary>
    /// What happens when points that are spent already are taken back: the balance goes below zero, or the shop gives what is missing
    /// (judged by the program under which they were spent).
    /// </summary>
    public bool MayBeNegative { get; init; } = true;

    /// <summary>Highest multiplier of a campaign that runs at that time, in millionths.</summary>
    internal long CampaignMicros(long timeMs)
    {
        var micros = 0L;
        foreach (var campaign in Campaigns)
        {
            if (campaign.FromMs <= timeMs && timeMs < campaign.UntilMs)
                micros = Math.Max(micros, campaign.MultiplierMicros);
        }

        return micros == 0 ? 1_000_000 : micros;
    }
}

/// <param name="Products">As orders name them: the product's id, or its SKU where there is none; with <paramref name="Categories"/> 1 to 500, each 1 to 200 characters.</param>
/// <param name="PointsPerUnitMicros">In place of the program's; 0 to 1,000 points.</param>
public sealed record EarnRule(IReadOnlyList<string> Products, IReadOnlyList<string> Categories, long PointsPerUnitMicros)
{
    /// <summary>Sorted hashes.</summary>
    internal ulong[] ProductKeys { get; } = KeysOf(Products);

    internal ulong[] CategoryKeys { get; } = KeysOf(Categories);

    internal static ulong KeyOf(string name) => EventReader.HashOf(Encoding.UTF8.GetBytes(name), default);

    private static ulong[] KeysOf(IReadOnlyList<string> names) => [.. names.Select(KeyOf).Order()];
}

/// <param name="Name">1 to 100 characters.</param>
/// <param name="UntilMs">Unix milliseconds, exclusive; after <paramref name="FromMs"/>.</param>
/// <param name="MultiplierMicros">0.01 to 100.</param>
public sealed record Campaign(string Name, long FromMs, long UntilMs, long MultiplierMicros);

/// <summary>Points that are not for orders; available at once, and no part of what tiers ask for.</summary>
public sealed record BonusRules
{
    /// <summary>For the first <c>identify</c> of a customer that a server sends; 0 to 1,000,000.</summary>
    public long Welcome { get; init; }

    /// <summary>Customers first seen before that day (UTC) get none: the day on which the bonus was introduced.</summary>
    public long WelcomeFromMs { get; init; }

    /// <summary>For a birthday, by the trait of that name; 0 to 1,000,000.</summary>
    public long Birthday { get; init; }

    /// <summary>Birthdays before that day (UTC) earn nothing: the day on which the bonus was introduced. Needed for it.</summary>
    public long BirthdayFromMs { get; init; }

    /// <summary>For a product review that a server sends; 0 to 1,000,000.</summary>
    public long Review { get; init; }

    /// <summary>Reviews of one calendar year (UTC) that earn; 1 to 100.</summary>
    public int ReviewsPerYear { get; init; } = 12;
}

/// <summary>What it earns to bring a friend, and to be brought. Both or neither.</summary>
public sealed record ReferralRules
{
    /// <summary>Points for who brought somebody; 0 to 1,000,000.</summary>
    public long Referrer { get; init; }

    /// <summary>Points for who was brought; 0 to 1,000,000.</summary>
    public long Friend { get; init; }

    /// <summary>Days after which the friend's first order stands, then to the end of the day; 0 (at once) to 365.</summary>
    public int StandDays { get; init; } = 14;

    /// <summary>How many friends of one customer count within <see cref="LimitDays"/>; 1 to 100.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>1 to 365.</summary>
    public int LimitDays { get; init; } = 30;
}

public sealed record ExpiryRules
{
    /// <summary>Days after they were earned, then to the end of the day; 0 for never, to 3,650. More than the return window.</summary>
    public int AfterDays { get; init; }

    /// <summary>Days before an expiry at which the customer's timeline says so; 0 for no notice, to 365.</summary>
    public int NoticeDays { get; init; } = 30;
}

/// <summary>
/// A tier is reached at once by the points that orders earned within the window (before any tier's multiplier), and lost when they have
/// been too few for the days of grace.
/// </summary>
public sealed record TierRules
{
    /// <summary>1 to 1,095.</summary>
    public int WindowDays { get; init; } = 365;

    /// <summary>0 to 365.</summary>
    public int GraceDays { get; init; } = 30;

    /// <summary>Days before a downgrade at which the customer's timeline says so; 0 for no warning, to 365.</summary>
    public int WarningDays { get; init; } = 14;

    /// <summary>Lowest first; at most 10.</summary>
    public IReadOnlyList<TierLevel> Levels { get; init; } = [];

    internal string NameOf(int level) => level > 0 && level <= Levels.Count ? Levels[level - 1].Name : "";
}

/// <param name="Name">1 to 64 of a-z, 0-9, hyphen and underscore.</param>
/// <param name="From">Points within the window; 1 to 1,000,000,000, rising.</param>
/// <param name="MultiplierMicros">Of what orders earn that are placed in this tier; 0.01 to 100.</param>
public sealed record TierLevel(string Name, long From, long MultiplierMicros);

public sealed record RedemptionRules
{
    /// <summary>What a point buys, in millionths of the program's currency; 0 to 1,000.</summary>
    public long PointValueMicros { get; init; } = 10_000;

    /// <summary>
    /// Share of the points owed that nobody will ever redeem, in millionths of one; 0 to 1. Null for what has happened so far to points whose
    /// fate is known, which says too little in a program's first years, when few have had the time to expire.
    /// </summary>
    public long? BreakageMicros { get; init; }

    /// <summary>The least that can be spent at once; 1 to 1,000,000,000.</summary>
    public long PointsMin { get; init; } = 1;

    /// <summary>How long a hold waits for its commit; 1 second to 7 days.</summary>
    public int HoldSeconds { get; init; } = 900;

    /// <summary>Whether points spent on an order come back when that order is cancelled or refunded as a whole, with the expiry that they had.</summary>
    public bool ReturnsWithOrder { get; init; } = true;
}
