using System.Text;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>Something that customers can be offered, and to whom and when it may be. At most 200 of a program.</summary>
public sealed record Offer
{
    /// <summary>1 to 64 of a-z, 0-9, hyphen and underscore; what is learned about an offer is kept under it.</summary>
    public required string Id
    {
        get;
        init => (field, Key, ShownNote) = (value, KeyOf(value), NoteOfShowing(value));
    }

    /// <summary>What it is, a word for the shop: percent, amount, gift, ... 1 to 64 of a-z, 0-9, hyphen and underscore.</summary>
    public string Kind { get; init; } = "message";

    /// <summary>1 to 200 characters.</summary>
    public required string Title { get; init; }

    /// <summary>What it is worth, in the words of its kind, in millionths; 0 to 1,000,000,000.</summary>
    public long ValueMicros { get; init; }

    /// <summary>What a conversion is worth to the shop against those of other offers, in millionths; 0.001 to 1,000.</summary>
    public long WeightMicros { get; init; } = 1_000_000;

    /// <summary>Where it may be shown; none for everywhere.</summary>
    public IReadOnlyList<string> Placements { get; init; } = [];

    /// <summary>From this instant on, Unix milliseconds; 0 for always.</summary>
    public long FromMs { get; init; }

    /// <summary>Until this instant, exclusive; 0 for ever.</summary>
    public long UntilMs { get; init; }

    /// <summary>Whom it is for; null for everybody.</summary>
    public Condition? When { get; init; }

    public CartRule Cart { get; init; } = new();

    /// <summary>Of customers who are never shown it, so that its effect can be seen, in millionths; 0 to 0.9. Who they are stays the same.</summary>
    public long ControlShareMicros { get; init; }

    /// <summary>Shown only to who has consented to this purpose on this channel; empty for no such question.</summary>
    public string Purpose { get; init; } = "";

    public string Channel { get; init; } = "";

    /// <summary>Orders of one customer after which it is not shown to him any more; 0 for any number, to 1,000.</summary>
    public int PerCustomer { get; init; }

    public FrequencyRule Frequency { get; init; } = new();

    /// <summary>Of one group only one is shown at once; empty for none.</summary>
    public string ExclusionGroup { get; init; } = "";

    /// <summary>Whether it may be shown beside others.</summary>
    public bool IsStackable { get; init; } = true;

    /// <summary>How much of it there is over all customers.</summary>
    public BudgetRule Budget { get; init; } = new();

    /// <summary>Shown only to who enters a code that is good for it; null for no code.</summary>
    public CouponRule? Coupon { get; init; }

    /// <summary>How long a customer who was shown it has it for certain, where there is a budget or a coupon; 10 to 86,400.</summary>
    public int HoldSeconds { get; init; } = 900;

    /// <summary>Hash of the id.</summary>
    public ulong Key { get; private init; }

    /// <summary>What a timeline says of a showing: one text for all of them, as each customer keeps it until its strand is written.</summary>
    internal string ShownNote { get; private init; } = "";

    /// <param name="id">Of an offer.</param>
    public static ulong KeyOf(string id) => EventReader.HashOf(Encoding.UTF8.GetBytes(id), default);

    internal static string NoteOfShowing(string id) => "offer shown " + id;

    /// <summary>Whether nobody can say what it takes from the budget who does not know the cart.</summary>
    internal bool CostsByCart => Budget.AmountMicros > 0 && Kind == "percent";

    /// <summary>What an order of this cart would take from the budget.</summary>
    /// <param name="totalMicros">Of the cart, in millionths of the program's currency; 0 for none.</param>
    internal long CostOf(long totalMicros) =>
        Budget.Times > 0 ? 1 : Math.Max(1, Kind == "percent" ? Money.TimesOver(Math.Max(0, totalMicros), ValueMicros, 100_000_000) : ValueMicros);
}

/// <param name="FromMicros">Least total of the cart in millionths of the program's currency; 0 for any, and for no cart.</param>
/// <param name="UntilMicros">Greatest total; 0 for any.</param>
/// <param name="Products">The cart has one of them, by SKU; none for any. At most 500.</param>
public sealed record CartRule(long FromMicros = 0, long UntilMicros = 0, IReadOnlyList<string>? Products = null);

/// <summary>At most one of the two.</summary>
/// <param name="Times">Orders that may have the offer, over all customers; 0 for any number, to 1,000,000,000.</param>
/// <param name="AmountMicros">
/// What they may cost together, in millionths of the program's currency: the offer's value, of a <c>percent</c> that share of the cart; 0 for any.
/// </param>
public sealed record BudgetRule(long Times = 0, long AmountMicros = 0)
{
    internal bool IsLimited => Total > 0;

    internal long Total => Times > 0 ? Times : AmountMicros;
}

/// <param name="Codes">Good for one order each, in capitals, sorted. At most 500.</param>
/// <param name="Prefix">What codes that are made by <c>POST /v1/offers/{id}/coupons</c> begin with.</param>
public sealed record CouponRule(IReadOnlyList<string> Codes, string Prefix)
{
    /// <summary>Whether a code can be one of this offer's; those that were made are known to the coupon alone.</summary>
    internal bool MayHave(string code) =>
        Has(code) || (code.Length > Prefix.Length && code[Prefix.Length] == '-' && code.StartsWith(Prefix, StringComparison.Ordinal));

    internal bool Has(string code)
    {
        foreach (var known in Codes)
        {
            if (known == code)
                return true;
        }

        return false;
    }
}

/// <param name="Times">How often one customer is shown it within the days; 0 for any number, to 20.</param>
/// <param name="Days">1 to 365.</param>
public sealed record FrequencyRule(int Times = 0, int Days = 7);

/// <summary>How the ranking of offers learns.</summary>
public sealed record LearningRules
{
    /// <summary>An order within so many days after an offer was shown counts for it; 1 to 90.</summary>
    public int AttributionDays { get; init; } = 7;

    /// <summary>After so many days what was learned weighs half; 1 to 365. Shorter follows the market, longer wastes fewer showings.</summary>
    public int HalfLifeDays { get; init; } = 30;
}
