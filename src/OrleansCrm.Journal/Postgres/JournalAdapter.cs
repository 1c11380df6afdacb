using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Says for each method of the journal which table does it, and whether it goes to an appender, a writer or a reader.</summary>
internal sealed class JournalAdapter(PostgresDatabase database, JournalIdentity identity) : IJournal
{
    public JournalIdentity Identity => identity;

    public Task<PartitionTakeover> TakeOverAsync(int partition, CancellationToken cancellation) =>
        database.WriteAsOwnerAsync(session => PartitionTable.TakeOverAsync(session, partition), cancellation);

    public Task AppendAsync(int partition, long epoch, long head, ReadOnlyMemory<Entry> entries, CancellationToken cancellation) =>
        entries.IsEmpty
            ? Task.CompletedTask
            : database.AppendAsync(PendingAppend.Of(partition, epoch, head, entries.Span), cancellation);

    public Task<Entry[]> ReadAsync(int partition, long fromOffset, int max, CancellationToken cancellation) => database.ReadAsync(
        session => BlockTable.ReadAsync(session, partition, fromOffset, max, database.ReadBytesMax, cancellation), cancellation);

    public Task<Entry?[]> ReadAtAsync(int partition, long[] offsets, CancellationToken cancellation) =>
        database.ReadAsync(session => BlockTable.ReadAtAsync(session, partition, offsets, cancellation), cancellation);

    public Task<Entry[]> ReadWideAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => BlockTable.ReadWideAsync(session, partition, cancellation), cancellation);

    public Task<SnapshotRow?[]> ReadSnapshotsAsync(int partition, string[] customers, CancellationToken cancellation) =>
        database.ReadAsync(session => SnapshotTable.ReadAsync(session, partition, customers, cancellation), cancellation);

    public Task<SnapshotRow[]> ReadSnapshotsAfterAsync(int partition, string afterCustomer, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => SnapshotTable.ReadAfterAsync(session, partition, afterCustomer, max, cancellation), cancellation);

    public Task<FoundCustomer[]> SearchAsync(int partition, CustomerSearch search, CancellationToken cancellation) =>
        database.ReadAsync(session => SearchQuery.RunAsync(session, partition, search, cancellation), cancellation);

    public Task<DueWake[]> ReadDueWakesAsync(
        int partition, long untilMs, int max, string[] exceptImports, CancellationToken cancellation) => database.ReadAsync(
        session => SnapshotTable.ReadDueAsync(session, partition, untilMs, max, exceptImports, cancellation), cancellation);

    public Task<StrandRow[]> ReadStrandsAsync(
        int partition, string customer, long beforeLastOffset, int max, CancellationToken cancellation) => database.ReadAsync(
        session => StrandTable.ReadAsync(session, partition, customer, beforeLastOffset, max, cancellation), cancellation);

    public Task<StrandRow[]> ReadStrandsFromAsync(
        int partition, string customer, long fromOffset, int max, CancellationToken cancellation) => database.ReadAsync(
        session => StrandTable.ReadFromAsync(session, partition, customer, fromOffset, max, cancellation), cancellation);

    public Task<StrandRow[]> ReadStrandsAfterAsync(int partition, long afterRow, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => StrandTable.ReadAfterAsync(session, partition, afterRow, max, cancellation), cancellation);

    public Task FlushAsync(FlushRequest flush, CancellationToken cancellation) =>
        database.WriteAsync(new FlushTransaction(flush).RunAsync, cancellation);

    public Task<OutboxRow[]> ReadOutboxAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => OutboxTable.ReadAsync(session, partition, cancellation), cancellation);

    public Task RecordFaultAsync(FaultRow fault, long epoch, CancellationToken cancellation) =>
        database.WriteAsync(session => FaultTable.InsertAsync(session, fault, epoch), cancellation);

    public Task<FaultRow[]> ReadFaultsAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => FaultTable.ReadAsync(session, partition, cancellation), cancellation);

    public Task BeginErasureAsync(ErasureRow erasure, long epoch, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.BeginAsync(session, erasure, epoch), cancellation);

    public Task<ErasureRow[]> ReadErasuresAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => ErasureTable.ReadAsync(session, partition, cancellation), cancellation);

    public Task BlankAsync(int partition, long epoch, long[] offsets, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.BlankAsync(session, partition, epoch, offsets), cancellation);

    public Task RedactAsync(int partition, long epoch, Entry[] entries, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.RedactAsync(session, partition, epoch, entries), cancellation);

    public Task ArchiveAsync(int partition, long epoch, long[] blank, Entry[] states, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.ArchiveAsync(session, partition, epoch, blank, states), cancellation);

    public Task EraseAsync(ErasureWrite write, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.EraseAsync(session, write), cancellation);

    public Task EndErasureAsync(int partition, long epoch, string hash, long doneMs, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.EndAsync(session, partition, epoch, hash, doneMs), cancellation);

    public Task<bool> ScrubAsync(CancellationToken cancellation) => database.VacuumAsync(cancellation);

    public Task<KeyValuePair<string, long>[]> ReadSumsAsync(string tenant, CancellationToken cancellation) =>
        database.ReadAsync(session => SumTable.ReadAsync(session, tenant, cancellation), cancellation);

    public Task<DeskPosition> ReadDeskAsync(string desk, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadPositionAsync(session, desk, cancellation), cancellation);

    public Task WriteDeskAsync(DeskWrite write, CancellationToken cancellation) =>
        database.WriteAsync(session => DeskTables.WriteAsync(session, write), cancellation);

    public Task<NumberedAlert[]> ReadDeskChangesAsync(string desk, long afterSequence, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadChangesAsync(session, desk, afterSequence, max, cancellation), cancellation);

    public Task<DeskAlerts> ReadDeskAlertsAsync(string desk, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadAlertsAsync(session, desk, max, cancellation), cancellation);

    public Task<OpenAlert[]> ReadOpenAlertsAsync(string desk, long afterRank, string afterAlert, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadOpenAsync(session, desk, afterRank, afterAlert, max, cancellation), cancellation);

    public Task<FinishedAlert[]> ReadFinishedAlertsAsync(
        string tenant, string desk, long fromMs, long untilMs, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => FinishedAlertTable.ReadAsync(session, tenant, desk, fromMs, untilMs, max, cancellation), cancellation);

    public Task TrimDeskChangesAsync(string desk, long beforeSequence, CancellationToken cancellation) =>
        database.WriteAsync(session => DeskTables.TrimAsync(session, desk, beforeSequence), cancellation);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
