using Orleans;

namespace OrleansCrm.Contracts.Partitions;

/// <summary>What a partition knows of an import. An import is named by whoever runs it, within its tenant; a rerun of the same one uses the same name.</summary>
/// <param name="IsKnown">Whether it was ever started here.</param>
/// <param name="IsRunning">Started or renewed within its lease and not ended.</param>
/// <param name="Payload">Payload of the first <c>import.started</c>: what was decided once for all its runs.</param>
[GenerateSerializer, Immutable, Alias("crm.import-status")]
public sealed record ImportStatus(
    [property: Id(0)] bool IsKnown,
    [property: Id(1)] bool IsRunning,
    [property: Id(2)] byte[] Payload);
