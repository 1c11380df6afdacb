using System.Text.Json;
using System.Text.Json.Nodes;
using Orleans;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Ingest;

/// <summary>
/// Journals in every partition that an import starts, still runs, or has ended. Throws what grain calls throw: a caller tries again, every
/// method may be repeated.
/// </summary>
internal sealed class ImportLedger(IGrainFactory grains, IJournal journal, TimeProvider time)
{
    /// <summary>The partition whose first word on an import decides for all: two first runs at once cannot decide two things.</summary>
    private const int Decider = 0;

    private readonly int _partitions = journal.Identity.Partitions;

    /// <param name="import">As <see cref="ImportName"/> puts it together, here and below.</param>
    /// <param name="decided">What is decided once for all its runs.</param>
    /// <returns>What the partition that decides knows: the payload is that of the first start ever.</returns>
    public async Task<ImportStatus> StartAsync(string import, JsonObject decided)
    {
        (decided["tenant"], decided["import"]) = ImportName.Split(import);
        var payload = JsonSerializer.SerializeToUtf8Bytes(decided);
        var known = await PartitionOf(Decider).ImportAsync(import);
        await AppendAsync(Decider, EntryTypes.ImportStarted, known is { IsKnown: true, Payload.Length: > 0 } ? known.Payload : payload);
        var first = await PartitionOf(Decider).ImportAsync(import);
        await Task.WhenAll(Others().Select(p => AppendAsync(p, EntryTypes.ImportStarted, first.Payload)));
        return first;
    }

    public Task RenewAsync(string import) => AppendToAllAsync(EntryTypes.ImportRenewed, import);

    public Task EndAsync(string import) => AppendToAllAsync(EntryTypes.ImportEnded, import);

    public Task<ImportStatus> StatusAsync(string import) => PartitionOf(Decider).ImportAsync(import);

    /// <summary>What is still to be done about instants that have passed, for the tenant's customers.</summary>
    public async Task<Unsettled> CountUnsettledAsync(string tenant)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, _partitions).Select(p => PartitionOf(p).BacklogAsync(tenant)));
        return new Unsettled(statuses.Sum(s => (long)s.OverdueWakes), statuses.Sum(s => (long)s.UndeliveredOutcomes), statuses.All(s => s.Ready));
    }

    private IPartitionGrain PartitionOf(int partition) => grains.GetGrain<IPartitionGrain>(partition);

    private IEnumerable<int> Others() => Enumerable.Range(0, _partitions).Where(p => p != Decider);

    private Task AppendToAllAsync(string type, string import)
    {
        var payload = ImportName.ToPayload(import);
        return Task.WhenAll(Enumerable.Range(0, _partitions).Select(p => AppendAsync(p, type, payload)));
    }

    private async Task AppendAsync(int partition, string type, byte[] payload)
    {
        var entry = new NewEntry("", Guid.NewGuid(), type, time.GetUtcNow().ToUnixTimeMilliseconds(), payload);
        var response = await PartitionOf(partition).AppendAsync(new AppendRequest([entry]));
        if (response.Status != AppendStatus.Done)
            throw new TimeoutException($"Partition {partition} did not take it: {response.Status}.");
    }
}

/// <param name="OverdueWakes">Wakes that are due and not journaled yet.</param>
/// <param name="UndeliveredOutcomes">Outcomes on their way to a desk.</param>
/// <param name="IsReady">Whether every partition's wakes run at all.</param>
internal sealed record Unsettled(long OverdueWakes, long UndeliveredOutcomes, bool IsReady)
{
    public long Total => OverdueWakes + UndeliveredOutcomes;
}
