using OrleansCrm.Engagement.Lifecycle;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>What conditions can ask about. The words are those of the profile.</summary>
internal enum CustomerField : byte
{
    Phase,
    Tier,
    Balance,
    Risk,
    ProbabilityAlive,
    Orders,
    Revenue,
    AverageOrder,
    Clv,
    DaysSinceOrder,
    DaysSinceFirstSeen,
    Csat,
    Nps,
    Ces,
    Rating,
    OpenAlerts,
    Owner,

    /// <summary>With the trait's name.</summary>
    Trait,

    /// <summary>With purpose and channel.</summary>
    Consent,

    /// <summary>With first or last, and the part.</summary>
    Acquisition,
}

/// <summary>What kind of answer a field gives.</summary>
internal enum FieldKind : byte
{
    Number,
    Text,
    Flag,

    /// <summary>Whatever was sent.</summary>
    Any,
}

internal static class CustomerFields
{
    public const string TraitPrefix = "traits.";
    public const string ConsentPrefix = "consent.";
    public const string AcquisitionPrefix = "acquisition.";

    public static readonly string[] Words =
    [
        "phase", "tier", "balance", "risk", "probabilityAlive", "orders", "revenue", "averageOrder", "clv", "daysSinceOrder",
        "daysSinceFirstSeen", "csat", "nps", "ces", "rating", "openAlerts", "owner",
    ];

    /// <returns>Null for a word that is no field.</returns>
    public static CustomerField? Find(string name)
    {
        if (name.StartsWith(TraitPrefix, StringComparison.Ordinal))
            return name.Length is > 7 and <= 128 + 7 ? CustomerField.Trait : null;
        if (name.StartsWith(ConsentPrefix, StringComparison.Ordinal))
            return name.LastIndexOf('.') is var dot && dot > ConsentPrefix.Length && dot < name.Length - 1 ? CustomerField.Consent : null;
        if (name.StartsWith(AcquisitionPrefix, StringComparison.Ordinal))
            return Array.Exists(Acquisition.Parts, part => name == "acquisition.first." + part || name == "acquisition.last." + part) ? CustomerField.Acquisition : null;
        return Array.IndexOf(Words, name) is >= 0 and var index ? (CustomerField)index : null;
    }

    /// <summary>Whether the purchase model has a say in it: the phase is recapture or lost by its word.</summary>
    public static bool FollowFromModel(CustomerField field) =>
        field is CustomerField.Phase or CustomerField.Risk or CustomerField.ProbabilityAlive or CustomerField.Clv;

    /// <summary>Whether it says how often, when and for how much the customer bought; points and tiers are earned by that.</summary>
    public static bool FollowFromPurchases(CustomerField field) => field is CustomerField.Orders or CustomerField.Revenue
        or CustomerField.AverageOrder or CustomerField.DaysSinceOrder or CustomerField.Tier or CustomerField.Balance;

    public static FieldKind KindOf(CustomerField field) => field switch
    {
        CustomerField.Phase or CustomerField.Tier or CustomerField.Owner or CustomerField.Acquisition => FieldKind.Text,
        CustomerField.Consent => FieldKind.Flag,
        CustomerField.Trait => FieldKind.Any,
        _ => FieldKind.Number,
    };
}
