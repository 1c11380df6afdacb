using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>What brought a customer: a contact that said where it came from. Texts are empty where it did not say.</summary>
/// <param name="Referrer">Address without query and fragment, where names and secrets stand.</param>
internal sealed record Touch(long TimeMs, string Campaign, string Source, string Medium, string Referrer) : IComparable<Touch>
{
    /// <summary>A stable word: what kind of contact it was.</summary>
    public string Kind => Campaign.Length + Source.Length + Medium.Length > 0 ? "campaign" : "referrer";

    // Of one instant the order of arrival must not decide.
    public int CompareTo(Touch? other)
    {
        if (TimeMs != other!.TimeMs)
            return TimeMs.CompareTo(other.TimeMs);
        var order = string.CompareOrdinal(Campaign, other.Campaign);
        order = order != 0 ? order : string.CompareOrdinal(Source, other.Source);
        order = order != 0 ? order : string.CompareOrdinal(Medium, other.Medium);
        return order != 0 ? order : string.CompareOrdinal(Referrer, other.Referrer);
    }

    /// <returns>Null for a word that is no part.</returns>
    public string? this[string part] => part switch
    {
        "campaign" => Campaign,
        "source" => Source,
        "medium" => Medium,
        "referrer" => Referrer,
        _ => null,
    };
}

/// <summary>The first and the last of a customer's contacts that said where they came from: kept for life.</summary>
internal sealed record Acquisition(Touch First, Touch Last)
{
    public static readonly string[] Parts = ["campaign", "source", "medium", "referrer"];

    public static void Add(CustomerState state, Touch touch)
    {
        if (state.Acquisition is not { } known)
            state.Acquisition = new Acquisition(touch, touch);
        else if (touch.CompareTo(known.First) < 0)
            state.Acquisition = known with { First = touch };
        else if (touch.CompareTo(known.Last) > 0)
            state.Acquisition = known with { Last = touch };
    }

    /// <summary>Adds what another id of the person knew.</summary>
    public static void Take(CustomerState state, Acquisition? given)
    {
        if (given is null)
            return;
        Add(state, given.First);
        Add(state, given.Last);
    }
}
