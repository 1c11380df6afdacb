using Orleans;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Contracts.Customers;

/// <param name="PreviousOffset">Where the state must stand: the entry folded before these, -1 for a state without entries. Not looked at when a snapshot comes along.</param>
/// <param name="Entries">To fold, in offset order; partition-wide ones among them have an empty customer.</param>
/// <param name="Snapshot">Not null: replace whatever is in memory by this first (empty: by a new state).</param>
[GenerateSerializer, Immutable, Alias("crm.apply")]
public sealed record ApplyRequest(
    [property: Id(0)] long PreviousOffset,
    [property: Id(1)] Entry[] Entries,
    [property: Id(2)] byte[]? Snapshot);

public enum CustomerStatus : byte
{
    Unknown = 0,
    Done = 1,

    /// <summary>The state is absent or stands elsewhere: send a snapshot and what is missing.</summary>
    Behind = 2,

    /// <summary>The fold threw at <see cref="ApplyResponse.FaultOffset"/>; nothing of the request is kept, the state is gone from memory.</summary>
    Faulted = 3,

    /// <summary>The state has no such thing.</summary>
    NotFound = 4,

    /// <summary>The id belongs to another customer now, see <see cref="ReadResponse.MovedTo"/>.</summary>
    Moved = 5,

    /// <summary>The snapshot that came along cannot be read; there is no state in memory.</summary>
    Unreadable = 6,
}

/// <param name="Outgoing">What leaves the customer, in (offset, index) order.</param>
/// <param name="Outcomes">Answers of commands; the index is that of the entry in the request.</param>
/// <param name="NextWakeMs">When the state wants to be woken next, Unix milliseconds in whole seconds; 0 for never.</param>
/// <param name="Import">The import that the newest entry belongs to, else empty.</param>
/// <param name="Fault">What the fold said, without personal data.</param>
/// <param name="StandsAt">The newest entry that is folded into the state.</param>
/// <param name="Notes">What the customer's own entries brought about, by offset.</param>
/// <param name="Offer">The offer that stands now, as UTF-8 JSON, where it is another one than before; <c>null</c> in JSON for none any more.</param>
[GenerateSerializer, Immutable, Alias("crm.applied")]
public sealed record ApplyResponse(
    [property: Id(0)] CustomerStatus Status,
    [property: Id(1)] Outgoing[] Outgoing,
    [property: Id(2)] CommandOutcome[] Outcomes,
    [property: Id(3)] long NextWakeMs,
    [property: Id(4)] string Import,
    [property: Id(5)] long FaultOffset,
    [property: Id(6)] string Fault,
    [property: Id(7)] long StandsAt,
    [property: Id(8)] TimelineNote[] Notes,
    [property: Id(9)] byte[]? Offer = null)
{
    public static readonly ApplyResponse Behind = new(CustomerStatus.Behind, [], [], 0, "", -1, "", -1, []);
}

/// <summary>An outcome that leaves the customer. (Partition, offset, index) names it for ever, so a receiver can ignore what it has.</summary>
/// <param name="Desk">The desk that receives it, as <c>tenant/desk</c>.</param>
/// <param name="AlertId">Which alert changed.</param>
/// <param name="IsFinished">Resolved, withdrawn or moved: the alert leaves the list of open ones.</param>
/// <param name="Rank">Sort order among unfinished alerts, most severe first: larger comes first.</param>
/// <param name="Alert">The alert as UTF-8 JSON as it is after the entry.</param>
/// <param name="Entry">Not null: this is for another customer, and there is neither desk nor alert.</param>
/// <param name="Trace">Of the entry that brought it about, as in <see cref="Entries.Entry.Trace"/>.</param>
[GenerateSerializer, Immutable, Alias("crm.outgoing")]
public sealed record Outgoing(
    [property: Id(0)] long Offset,
    [property: Id(1)] int Index,
    [property: Id(2)] string Desk,
    [property: Id(3)] string AlertId,
    [property: Id(4)] bool IsFinished,
    [property: Id(5)] long Rank,
    [property: Id(6)] byte[] Alert,
    [property: Id(7)] OutgoingEntry? Entry = null,
    [property: Id(8)] string? Trace = null)
{
    public static Outgoing ToCustomer(long offset, int index, OutgoingEntry entry) => new(offset, index, "", "", false, 0, [], entry);
}

/// <summary>An entry that one customer's fold makes for another customer.</summary>
/// <param name="Customer">Canonical key of the receiver.</param>
/// <param name="Payload">UTF-8 JSON.</param>
[GenerateSerializer, Immutable, Alias("crm.outgoing-entry")]
public sealed record OutgoingEntry(
    [property: Id(0)] string Customer,
    [property: Id(1)] string Type,
    [property: Id(2)] long TimeMs,
    [property: Id(3)] byte[] Payload);
