using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal;

namespace OrleansCrm.Simulation.Tests.Store;

/// <summary>When a transaction happens and what its caller hears of it.</summary>
internal interface IJournalPace
{
    /// <param name="what">For the trace.</param>
    /// <param name="transact">The transaction; may throw.</param>
    Task<T> RunAsync<T>(string what, bool isWrite, Func<T> transact);
}

/// <summary>At once, one after the other.</summary>
internal sealed class PromptPace : IJournalPace
{
    private readonly Lock _lock = new();

    public Task<T> RunAsync<T>(string what, bool isWrite, Func<T> transact)
    {
        lock (_lock)
        {
            try
            {
                return Task.FromResult(transact());
            }
            catch (Exception exception)
            {
                return Task.FromException<T>(exception);
            }
        }
    }
}

/// <summary>One process's connection to the store.</summary>
internal sealed class SimulatedJournal(JournalStore store, IJournalPace pace) : IJournal
{
    public JournalIdentity Identity => store.Identity;

    public Task<PartitionTakeover> TakeOverAsync(int partition, CancellationToken cancellation) =>
        pace.RunAsync($"take over {partition}", true, () => store.TakeOver(partition));

    public Task AppendAsync(int partition, long epoch, long head, ReadOnlyMemory<Entry> entries, CancellationToken cancellation)
    {
        var batch = entries.ToArray();
        return WriteAsync($"append {partition}-{head}+{batch.Length} epoch {epoch}", () => store.Append(partition, epoch, head, batch));
    }

    public Task<Entry[]> ReadAsync(int partition, long fromOffset, int max, CancellationToken cancellation) =>
        ReadAsync($"read {partition}-{fromOffset}", () => store.Read(partition, fromOffset, max));

    public Task<Entry?[]> ReadAtAsync(int partition, long[] offsets, CancellationToken cancellation) =>
        ReadAsync($"read {partition} at {string.Join(',', offsets)}", () => store.ReadAt(partition, offsets));

    public Task<Entry[]> ReadWideAsync(int partition, CancellationToken cancellation) =>
        ReadAsync($"read wide {partition}", () => store.ReadWide(partition));

    public Task<SnapshotRow?[]> ReadSnapshotsAsync(int partition, string[] customers, CancellationToken cancellation) =>
        ReadAsync($"read snapshots {partition} {string.Join(',', customers)}", () => store.ReadSnapshots(partition, customers));

    public Task<SnapshotRow[]> ReadSnapshotsAfterAsync(int partition, string afterCustomer, int max, CancellationToken cancellation) =>
        ReadAsync($"read snapshots {partition} after {afterCustomer}", () => store.ReadSnapshotsAfter(partition, afterCustomer, max));

    public Task<FoundCustomer[]> SearchAsync(int partition, CustomerSearch search, CancellationToken cancellation) =>
        ReadAsync($"search {partition}", () => store.Search(partition, search));

    public Task<DueWake[]> ReadDueWakesAsync(int partition, long untilMs, int max, string[] exceptImports, CancellationToken cancellation) =>
        ReadAsync($"read wakes {partition}", () => store.ReadDueWakes(partition, untilMs, max, exceptImports));

    public Task<StrandRow[]> ReadStrandsAsync(int partition, string customer, long beforeLastOffset, int max, CancellationToken cancellation) =>
        ReadAsync($"read strands {partition} {customer}", () => store.ReadStrands(partition, customer, beforeLastOffset, max));

    public Task<StrandRow[]> ReadStrandsFromAsync(int partition, string customer, long fromOffset, int max, CancellationToken cancellation) =>
        ReadAsync($"read strands {partition} {customer} from {fromOffset}", () => store.ReadStrandsFrom(partition, customer, fromOffset, max));

    public Task<StrandRow[]> ReadStrandsAfterAsync(int partition, long afterRow, int max, CancellationToken cancellation) =>
        ReadAsync($"read strands {partition} after {afterRow}", () => store.ReadStrandsAfter(partition, afterRow, max));

    public Task FlushAsync(FlushRequest flush, CancellationToken cancellation) =>
        WriteAsync(
            $"flush {flush.Partition} epoch {flush.Epoch} checkpoint {flush.Checkpoint} outbox {flush.Outbox.Length} delivered {flush.DeliveredOffset}"
            + $" snapshots {string.Join(',', flush.Snapshots.Select(s => $"{s.Customer}@{s.CoveredOffset}"))}",
            () => store.Flush(flush));

    public Task<OutboxRow[]> ReadOutboxAsync(int partition, CancellationToken cancellation) =>
        ReadAsync($"read outbox {partition}", () => store.ReadOutbox(partition));

    public Task RecordFaultAsync(FaultRow fault, long epoch, CancellationToken cancellation) =>
        WriteAsync($"fault {fault.Partition}-{fault.Offset} {fault.Customer} {fault.Error}", () => store.RecordFault(fault, epoch));

    public Task<FaultRow[]> ReadFaultsAsync(int partition, CancellationToken cancellation) =>
        ReadAsync($"read faults {partition}", () => store.ReadFaults(partition));

    public Task BeginErasureAsync(ErasureRow erasure, long epoch, CancellationToken cancellation) =>
        WriteAsync($"begin erasure {erasure.Partition} {erasure.Hash}", () => store.BeginErasure(erasure, epoch));

    public Task<ErasureRow[]> ReadErasuresAsync(int partition, CancellationToken cancellation) =>
        ReadAsync($"read erasures {partition}", () => store.ReadErasures(partition));

    public Task BlankAsync(int partition, long epoch, long[] offsets, CancellationToken cancellation) =>
        WriteAsync($"blank {partition} {string.Join(',', offsets)}", () => store.Blank(partition, epoch, offsets));

    public Task RedactAsync(int partition, long epoch, Entry[] entries, CancellationToken cancellation) =>
        WriteAsync($"redact {partition} {string.Join(',', entries.Select(e => e.Offset))}", () => store.Redact(partition, epoch, entries));

    public Task ArchiveAsync(int partition, long epoch, long[] blank, Entry[] states, CancellationToken cancellation) =>
        WriteAsync($"archive {partition} {string.Join(',', blank)} to {string.Join(',', states.Select(e => e.Offset))}", () => store.Archive(partition, epoch, blank, states));

    public Task EraseAsync(ErasureWrite write, CancellationToken cancellation) =>
        WriteAsync($"erase {write.Partition} {write.Hash}", () => store.Erase(write));

    public Task EndErasureAsync(int partition, long epoch, string hash, long doneMs, CancellationToken cancellation) =>
        WriteAsync($"end erasure {partition} {hash}", () => store.EndErasure(partition, epoch, hash, doneMs));

    public Task<bool> ScrubAsync(CancellationToken cancellation) => ReadAsync("scrub", () => true);

    public Task<KeyValuePair<string, long>[]> ReadSumsAsync(string tenant, CancellationToken cancellation) =>
        ReadAsync("read sums", () => store.ReadSums(tenant));

    public Task<DeskPosition> ReadDeskAsync(string desk, CancellationToken cancellation) =>
        ReadAsync($"read desk {desk}", () => store.Desks.Read(desk));

    public Task WriteDeskAsync(DeskWrite write, CancellationToken cancellation) =>
        WriteAsync(
            $"desk {write.Desk} {write.FirstSequence}+{write.Changes.Length} up to {write.Sender}",
            () => store.Desks.Write(write));

    public Task<NumberedAlert[]> ReadDeskChangesAsync(string desk, long afterSequence, int max, CancellationToken cancellation) =>
        ReadAsync($"read changes {desk}", () => store.Desks.ReadChanges(desk, afterSequence, max));

    public Task<DeskAlerts> ReadDeskAlertsAsync(string desk, int max, CancellationToken cancellation) =>
        ReadAsync($"read alerts {desk}", () => store.Desks.ReadAlerts(desk, max));

    public Task<OpenAlert[]> ReadOpenAlertsAsync(string desk, long afterRank, string afterAlert, int max, CancellationToken cancellation) =>
        ReadAsync($"read open alerts {desk}", () => store.Desks.ReadOpen(desk, afterRank, afterAlert, max));

    public Task<FinishedAlert[]> ReadFinishedAlertsAsync(
        string tenant, string desk, long fromMs, long untilMs, int max, CancellationToken cancellation) =>
        ReadAsync($"read finished alerts {tenant}", () => store.Desks.ReadFinished(tenant, desk, fromMs, untilMs, max));

    public Task TrimDeskChangesAsync(string desk, long beforeSequence, CancellationToken cancellation) =>
        WriteAsync($"trim {desk}", () => store.Desks.Trim(desk, beforeSequence));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<T> ReadAsync<T>(string what, Func<T> transact) => pace.RunAsync(what, false, transact);

    private Task WriteAsync(string what, Action transact) => pace.RunAsync(what, true, () =>
    {
        transact();
        return true;
    });
}
