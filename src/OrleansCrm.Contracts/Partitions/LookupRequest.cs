using Orleans;

namespace OrleansCrm.Contracts.Partitions;

public enum LookupKind : byte
{
    Unknown = 0,

    /// <summary>The customer's profile as JSON.</summary>
    Profile = 1,

    /// <summary>One alert as JSON; <see cref="LookupRequest.Argument"/> is its id and no customer is named.</summary>
    Alert = 2,

    /// <summary>Whether there is such a customer, whose the id is, and under which keys the person's entries stand (a JSON list).</summary>
    Owner = 3,

    /// <summary>Everything that the customer's state holds, as JSON.</summary>
    Export = 4,

    /// <summary>A page of the customer's points ledger as JSON; nothing when the state does not have all lines any more.</summary>
    Ledger = 5,

    /// <summary>What there is of a coupon, a budget or a slice, as JSON.</summary>
    Reserve = 6,

    /// <summary>The offer that stands at <see cref="LookupRequest.AsOfMs"/>, as JSON: <c>null</c> for none.</summary>
    Offer = 7,
}

public enum LookupStatus : byte
{
    Unknown = 0,
    Found = 1,
    NotFound = 2,
    Unavailable = 3,

    /// <summary>The id belongs to another customer now: ask for <see cref="LookupResponse.MovedTo"/>.</summary>
    Moved = 4,

    /// <summary>The customer was erased.</summary>
    Erased = 5,
}

/// <param name="AsOfMs">Instant for which what moves with time is computed, Unix milliseconds; earlier than the newest entry means that one's.</param>
[GenerateSerializer, Immutable, Alias("crm.lookup")]
public sealed record LookupRequest(
    [property: Id(0)] string Customer,
    [property: Id(1)] LookupKind Kind,
    [property: Id(2)] long AsOfMs,
    [property: Id(3)] string Argument);

/// <param name="Version">Counts the customer's entries; rises with every change.</param>
/// <param name="AsOfMs">The instant the answer speaks of.</param>
/// <param name="MovedTo">Canonical key of the customer that the id belongs to now; empty unless it has moved.</param>
[GenerateSerializer, Immutable, Alias("crm.found")]
public sealed record LookupResponse(
    [property: Id(0)] LookupStatus Status,
    [property: Id(1)] long Version,
    [property: Id(2)] long AsOfMs,
    [property: Id(3)] byte[] Body,
    [property: Id(4)] string MovedTo = "")
{
    public static readonly LookupResponse NotFound = new(LookupStatus.NotFound, 0, 0, []);

    public static readonly LookupResponse Erased = new(LookupStatus.Erased, 0, 0, []);

    public static readonly LookupResponse Unavailable = new(LookupStatus.Unavailable, 0, 0, []);
}
