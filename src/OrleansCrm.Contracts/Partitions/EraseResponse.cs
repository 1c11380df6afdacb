using Orleans;

namespace OrleansCrm.Contracts.Partitions;

public enum EraseStatus : byte
{
    Unknown = 0,

    /// <summary>Nothing that is stored names the customer; see the receipt.</summary>
    Done = 1,

    /// <summary>Under way: reads and events are refused already.</summary>
    UnderWay = 2,

    /// <summary>No event of this customer has been seen.</summary>
    NotFound = 3,

    /// <summary>Whether it has begun is unknown. To be asked again.</summary>
    Unavailable = 4,
}

/// <param name="ReceiptId">Keyed hash of the customer, by which alone it is still known.</param>
/// <param name="DoneMs">Unix milliseconds; 0 while it is under way.</param>
/// <param name="Stores">What was removed; empty while it is under way.</param>
[GenerateSerializer, Immutable, Alias("crm.erase-response")]
public sealed record EraseResponse(
    [property: Id(0)] EraseStatus Status,
    [property: Id(1)] string ReceiptId,
    [property: Id(2)] long RequestedMs,
    [property: Id(3)] long DoneMs,
    [property: Id(4)] StoreCount[] Stores)
{
    public static readonly EraseResponse NotFound = new(EraseStatus.NotFound, "", 0, 0, []);

    public static readonly EraseResponse Unavailable = new(EraseStatus.Unavailable, "", 0, 0, []);
}

/// <param name="Store">A word that never changes its meaning: <c>entries</c>, <c>strands</c>, <c>snapshots</c> and others.</param>
/// <param name="Count">How many of its records were blanked or removed.</param>
[GenerateSerializer, Immutable, Alias("crm.store-count")]
public sealed record StoreCount([property: Id(0)] string Store, [property: Id(1)] long Count);
