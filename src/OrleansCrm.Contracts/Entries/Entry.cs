using Orleans;

namespace OrleansCrm.Contracts.Entries;

/// <summary>
/// One durable line of the journal. Offsets are gapless within a partition, recorded times never fall within it.
/// </summary>
/// <param name="Customer">Canonical customer key, or empty: the entry belongs to every customer of the partition.</param>
/// <param name="MessageId">128-bit hash of tenant, source, customer key and message id: the same message has the same id.</param>
/// <param name="TimeMs">When it happened, Unix milliseconds UTC, never later than recorded. Of a wake: the instant that was due.</param>
/// <param name="RecordedMs">When the partition wrote it, Unix milliseconds UTC.</param>
/// <param name="Payload">UTF-8 JSON as it came; only the fold parses it.</param>
/// <param name="Trace">The span of the request that brought it, as W3C <c>traceparent</c>, when that request is traced (sampled); else null.</param>
[GenerateSerializer, Immutable, Alias("crm.entry")]
public sealed record Entry(
    [property: Id(0)] int Partition,
    [property: Id(1)] long Offset,
    [property: Id(2)] string Customer,
    [property: Id(3)] Guid MessageId,
    [property: Id(4)] string Type,
    [property: Id(5)] long TimeMs,
    [property: Id(6)] long RecordedMs,
    [property: Id(7)] byte[] Payload,
    [property: Id(8)] string? Trace = null)
{
    /// <summary>The public id of the entry.</summary>
    public string PublicId => new EntryId(Partition, Offset).ToString();
}
