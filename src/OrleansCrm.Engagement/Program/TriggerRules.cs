using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Program;

/// <summary>When a customer is made an offer without having asked for one.</summary>
public sealed record TriggerRules
{
    /// <summary>Policies of a program; each is asked after every entry that changed facts.</summary>
    public const int PoliciesMax = 20;

    /// <summary>In the order in which they are asked. None by default.</summary>
    public IReadOnlyList<TriggerPolicy> Policies { get; init; } = [];

    public QuietHours QuietHours { get; init; } = new();

    /// <summary>Offers to one customer, whichever policy they are from. By default three within seven days.</summary>
    public FrequencyRule Frequency { get; init; } = new(3, 7);

    internal TriggerPolicy? Find(string id)
    {
        for (var i = 0; i < Policies.Count; i++)
        {
            if (string.Equals(Policies[i].Id, id, StringComparison.Ordinal))
                return Policies[i];
        }

        return null;
    }
}

/// <summary>What an offer is an answer to. Numbers are not stored.</summary>
public enum TriggerCause : byte
{
    /// <summary>Something was put into the cart, and nothing has come of it.</summary>
    CartAbandoned,

    /// <summary>A payment failed, and no order since.</summary>
    PaymentFailed,

    /// <summary>An order has brought the customer into a tier, or a higher one.</summary>
    TierReached,

    /// <summary>At risk of leaving, as <c>churn</c> in the program has it.</summary>
    ChurnRisk,
}

/// <param name="Id">1 to 64 of a-z, 0-9, dot, hyphen and underscore.</param>
public sealed record TriggerPolicy(string Id, TriggerCause On)
{
    internal static readonly string[] Words = ["cart_abandoned", "payment_failed", "tier_reached", "churn_risk"];

    public bool Enabled { get; init; } = true;

    /// <summary>Minutes that have to pass since its cause; 0 to 43,200. By default 60 after something was put into the cart, else 0.</summary>
    public int AfterMinutes { get; init; } = On == TriggerCause.CartAbandoned ? 60 : 0;

    /// <summary>Hours after which it is too late to say anything; 1 to 720.</summary>
    public int ForHours { get; init; } = 24;

    /// <summary>Hours for which the offer is good; 1 to 720. It ends with its cause, too.</summary>
    public int ValidHours { get; init; } = 24;

    /// <summary>Whom it is for; null for everybody.</summary>
    public Condition? When { get; init; }

    /// <summary>Which offers are thought of, by id; none for all of the placement.</summary>
    public IReadOnlyList<string> Offers { get; init; } = [];

    /// <summary>One of the placements of a decision.</summary>
    public string Placement { get; init; } = Contracts.Decisions.Placements.Home;

    /// <summary>Only to who has consented to this purpose on this channel. By default marketing in the shop: nobody unless asked.</summary>
    public string Purpose { get; init; } = "marketing";

    public string Channel { get; init; } = "shop";

    /// <summary>Offers of this policy to one customer; by default one within seven days.</summary>
    public FrequencyRule Frequency { get; init; } = new(1, 7);
}
