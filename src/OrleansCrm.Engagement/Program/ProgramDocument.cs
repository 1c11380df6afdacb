using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Segments;
using OrleansCrm.Engagement.Tracking;

namespace OrleansCrm.Engagement.Program;

/// <summary>
/// The rules of one tenant: one versioned JSON document. A document that names a part of it takes the defaults for the rest.
/// The fold is a function of it, so its numbers are kept exactly as they were published.
/// </summary>
public sealed record ProgramDocument
{
    private ConditionalRules.Cache _conditional;

    public static ProgramDocument Default { get; } = new();

    /// <summary>Counts the publications of a tenant from 1; the default document is 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Where days begin and end; only UTC so far.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>ISO 4217 code of the currency in which points are earned and values compared; an event without one is in it.</summary>
    public string Currency { get; init; } = "EUR";

    /// <summary>Fixed rates of other currencies, sorted by code. Orders in a currency without a rate earn no points.</summary>
    public IReadOnlyList<CurrencyRate> Rates { get; init; } = [];

    public LifecycleRules Lifecycle { get; init; } = new();

    public ChurnRules Churn { get; init; } = new();

    public LoyaltyRules Loyalty { get; init; } = new();

    public AlertRules Alerts { get; init; } = new();

    /// <summary>
    /// What holds for customers who have said nothing, sorted by purpose and channel: at most 50 purposes with 20 channels each. A purpose
    /// that is not named is refused. By default service messages are allowed and marketing waits for a consent.
    /// </summary>
    public IReadOnlyList<ConsentDefault> Consent { get; init; } = [new("marketing", "*", false), new("service", "*", true)];

    /// <summary>By name; at most 100. They refer to each other without cycles.</summary>
    public IReadOnlyList<Segment> Segments { get; init; } = [];

    public OwnerRules Owners { get; init; } = new();
    /// <summary>What customers can be offered; at most 200.</summary>
    public IReadOnlyList<Offer> Offers { get; init; } = [];

    /// <summary>The offer that lists this coupon's code; null for none.</summary>
    internal Offer? FindCoupon(string code)
    {
        foreach (var offer in Offers)
        {
            if (offer.Coupon?.Has(code) == true)
                return offer;
        }

        return null;
    }

    public LearningRules Learning { get; init; } = new();

    public TriggerRules Triggers { get; init; } = new();

    /// <summary>What events are to look like, by name; at most 500. The fold does not look at it.</summary>
    public TrackingPlan TrackingPlan { get; init; } = TrackingPlan.None;

    /// <summary>Every condition of the document, whatever it is for.</summary>
    internal IEnumerable<Condition> Conditions =>
        Segments.Select(segment => segment.When).Concat(Alerts.Conditions).Concat(Offers.Select(offer => offer.When).OfType<Condition>())
            .Concat(Triggers.Policies.Select(policy => policy.When).OfType<Condition>());

    internal ConditionalRules Conditional => _conditional.Of(this);

    /// <summary>The rules this customer goes by: <see cref="Churn"/>, with the parameters of his segment where it has some.</summary>
    internal ChurnRules ChurnOf(CustomerState state) => FirstOwn(state) is >= 0 and var own ? Conditional.Churn[own] : Churn;

    /// <summary>The segment whose parameters those are; null for none.</summary>
    internal string? ChurnSegmentOf(CustomerState state) => FirstOwn(state) is >= 0 and var own ? Churn.BySegment[own].Segment : null;

    private int FirstOwn(CustomerState state)
    {
        for (var i = 0; i < Churn.BySegment.Count; i++)
        {
            if (state.IsIn(Churn.BySegment[i].Segment))
                return i;
        }

        return -1;
    }

    /// <exception cref="ProgramException">Names every fault: unknown and mistyped fields, values out of range.</exception>
    public static ProgramDocument Parse(ReadOnlySpan<byte> json) => ProgramReader.Read(json);

    /// <summary>The whole document, defaults included; <see cref="Parse"/> gives an equal one back.</summary>
    public byte[] ToJson() => ProgramWriter.Write(this);

    /// <summary>Whether a customer who has said nothing may be addressed for this purpose on this channel.</summary>
    public bool GrantsByDefault(string purpose, string channel)
    {
        var isGranted = false;
        foreach (var rule in Consent)
        {
            if (rule.Purpose != purpose)
                continue;
            if (rule.Channel == channel)
                return rule.IsGranted;
            if (rule.Channel == Consents.EveryChannel)
                isGranted = rule.IsGranted;
        }

        return isGranted;
    }

    /// <summary>Millionths of <see cref="Currency"/> for one unit of <paramref name="currency"/>; 0 where no rate is known.</summary>
    public long RateMicros(string currency)
    {
        if (string.Equals(currency, Currency, StringComparison.Ordinal))
            return 1_000_000;
        foreach (var rate in Rates)
        {
            if (string.Equals(rate.Currency, currency, StringComparison.Ordinal))
                return rate.RateMicros;
        }

        return 0;
    }
}

/// <param name="RateMicros">Millionths of the program's currency for one unit, above 0.</param>
public sealed record CurrencyRate(string Currency, long RateMicros);

/// <summary>When a customer passes from one phase to the next by orders and time.</summary>
public sealed record LifecycleRules
{
    /// <summary>Days after the first order after which bonding begins even without a delivery or a second order; 0 to 365.</summary>
    public int BondingDays { get; init; } = 14;

    /// <summary>On how many distinct days a customer must have bought to be loyal; 2 to 100.</summary>
    public int LoyaltyPurchaseDays { get; init; } = 3;

    /// <summary>Stars of a review from which a bonded customer is an advocate; 1 to 5, 6 for never.</summary>
    public int AdvocacyRating { get; init; } = 4;

    /// <summary>Answer to NPS from which a bonded customer is an advocate, until one of 6 or less; 7 to 10, 11 for never.</summary>
    public int AdvocacyNps { get; init; } = 9;

    /// <summary>How long a bonded customer is being welcomed: account, second visit, first review; 0 to 365.</summary>
    public int OnboardingDays { get; init; } = 30;
}
