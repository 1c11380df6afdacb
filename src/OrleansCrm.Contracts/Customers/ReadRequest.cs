using Orleans;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Contracts.Customers;

/// <param name="Argument">The alert's id for <see cref="LookupKind.Alert"/>.</param>
[GenerateSerializer, Immutable, Alias("crm.read")]
public sealed record ReadRequest(
    [property: Id(0)] long ExpectedOffset,
    [property: Id(1)] LookupKind Kind,
    [property: Id(2)] long AsOfMs,
    [property: Id(3)] string Argument);

/// <param name="MovedTo">Canonical key of the customer that this id belongs to now; empty unless it has moved.</param>
[GenerateSerializer, Immutable, Alias("crm.read-answer")]
public sealed record ReadResponse(
    [property: Id(0)] CustomerStatus Status,
    [property: Id(1)] long Version,
    [property: Id(2)] long AsOfMs,
    [property: Id(3)] byte[] Body,
    [property: Id(4)] string MovedTo = "");

/// <param name="State">Versioned UTF-8 JSON of the state.</param>
/// <param name="Search">Values of the search columns.</param>
/// <param name="Sums">What this customer contributes to each metric, sorted by name; sums over customers are kept by the journal.</param>
[GenerateSerializer, Immutable, Alias("crm.snapshot-answer")]
public sealed record SnapshotResponse(
    [property: Id(0)] CustomerStatus Status,
    [property: Id(1)] byte[] State,
    [property: Id(2)] long NextWakeMs,
    [property: Id(3)] string Import,
    [property: Id(4)] SearchColumns Search,
    [property: Id(5)] MetricSum[] Sums);

/// <summary>What customers can be searched and sorted by.</summary>
/// <param name="RiskMillionths">Churn risk at the newest entry in millionths.</param>
/// <param name="RevenueMicros">Net revenue in the program's currency in millionths.</param>
/// <param name="Segments">Their names with a space before and after each; empty for none.</param>
/// <param name="Campaign">Of the customer's first contact; empty for none.</param>
/// <param name="Owner">The agent whom the customer belongs to; empty for nobody.</param>
[GenerateSerializer, Immutable, Alias("crm.search-columns")]
public sealed record SearchColumns(
    [property: Id(0)] string Phase,
    [property: Id(1)] string Tier,
    [property: Id(2)] long RiskMillionths,
    [property: Id(3)] long Orders,
    [property: Id(4)] long RevenueMicros,
    [property: Id(5)] long LastSeenMs,
    [property: Id(6)] string Segments = "",
    [property: Id(7)] string Campaign = "",
    [property: Id(8)] string Owner = "");

[GenerateSerializer, Immutable, Alias("crm.metric-sum")]
public sealed record MetricSum([property: Id(0)] string Metric, [property: Id(1)] long Value);
