using Orleans;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Contracts.Partitions;

/// <summary>Entries for one partition, in the order in which they are to be journaled.</summary>
[GenerateSerializer, Immutable, Alias("crm.append")]
public sealed record AppendRequest([property: Id(0)] NewEntry[] Entries);

/// <summary>An entry that has no offset yet.</summary>
/// <param name="TimeMs">When it happened, Unix milliseconds UTC; a time later than recorded becomes recorded.</param>
/// <param name="Trace">As in <see cref="Entry.Trace"/>.</param>
[GenerateSerializer, Immutable, Alias("crm.new-entry")]
public sealed record NewEntry(
    [property: Id(0)] string Customer,
    [property: Id(1)] Guid MessageId,
    [property: Id(2)] string Type,
    [property: Id(3)] long TimeMs,
    [property: Id(4)] byte[] Payload,
    [property: Id(5)] string? Trace = null);

public enum AppendStatus : byte
{
    Unknown = 0,

    /// <summary>Everything was judged; see the verdicts.</summary>
    Done = 1,

    /// <summary>Nothing was journaled: too much is waiting. Try again after the time given.</summary>
    Overloaded = 2,

    /// <summary>Some of it may have been journaled. A repeat is recognised.</summary>
    Unavailable = 3,
}

public enum EntryVerdict : byte
{
    Unknown = 0,
    Applied = 1,

    /// <summary>The same message was applied before; its outcome is answered again.</summary>
    Duplicate = 2,

    /// <summary>Durable, but the fold could not digest it: kept in quarantine, changed nothing.</summary>
    Faulted = 3,

    /// <summary>Not journaled: the customer was erased.</summary>
    Erased = 4,
}

/// <param name="Verdicts">One per entry; empty unless done.</param>
/// <param name="Offsets">Where each entry stands, the first one's for a duplicate where it is known, else -1.</param>
/// <param name="Outcomes">What commands answered, and of events what is still on its way between two customers.</param>
[GenerateSerializer, Immutable, Alias("crm.appended")]
public sealed record AppendResponse(
    [property: Id(0)] AppendStatus Status,
    [property: Id(1)] int RetryAfterSeconds,
    [property: Id(2)] EntryVerdict[] Verdicts,
    [property: Id(3)] long[] Offsets,
    [property: Id(4)] CommandOutcome[] Outcomes)
{
    public static readonly AppendResponse Overloaded = new(AppendStatus.Overloaded, 1, [], [], []);

    public static readonly AppendResponse Unavailable = new(AppendStatus.Unavailable, 1, [], [], []);
}

/// <summary>What the fold decided on a command.</summary>
/// <param name="Index">Which entry of the request.</param>
/// <param name="Code">Empty when the command was carried out, else the stable code of the refusal.</param>
/// <param name="Detail">For people; for a refused claim, who has it.</param>
/// <param name="Body">UTF-8 JSON of what the command was about, as it is now.</param>
[GenerateSerializer, Immutable, Alias("crm.command-outcome")]
public sealed record CommandOutcome(
    [property: Id(0)] int Index,
    [property: Id(1)] string Code,
    [property: Id(2)] string Detail,
    [property: Id(3)] byte[] Body);
