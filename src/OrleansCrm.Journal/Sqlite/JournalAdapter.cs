using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Says for each method of the journal which table does it, and whether it goes to the writer or to a reader.</summary>
internal sealed class JournalAdapter(SqliteDatabase database, JournalIdentity identity) : IJournal
{
    public JournalIdentity Identity => identity;

    public Task<PartitionTakeover> TakeOverAsync(int partition, CancellationToken cancellation) =>
        database.WriteAsync(session => PartitionTable.TakeOver(session, partition), cancellation);

    public Task AppendAsync(int partition, long epoch, long head, ReadOnlyMemory<Entry> entries, CancellationToken cancellation) =>
        entries.IsEmpty
            ? Task.CompletedTask
            : database.WriteAsync(AppendWrite.Of(partition, epoch, head, entries.Span), cancellation);

    public Task<Entry[]> ReadAsync(int partition, long fromOffset, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => BlockTable.Read(session, partition, fromOffset, max, database.ReadBytesMax), cancellation);

    public Task<Entry?[]> ReadAtAsync(int partition, long[] offsets, CancellationToken cancellation) =>
        database.ReadAsync(session => BlockTable.ReadAt(session, partition, offsets), cancellation);

    public Task<Entry[]> ReadWideAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => BlockTable.ReadWide(session, partition), cancellation);

    public Task<SnapshotRow?[]> ReadSnapshotsAsync(int partition, string[] customers, CancellationToken cancellation) =>
        database.ReadAsync(session => SnapshotTable.Read(session, partition, customers), cancellation);

    public Task<SnapshotRow[]> ReadSnapshotsAfterAsync(int partition, string afterCustomer, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => SnapshotTable.ReadAfter(session, partition, afterCustomer, max), cancellation);

    public Task<FoundCustomer[]> SearchAsync(int partition, CustomerSearch search, CancellationToken cancellation) =>
        database.ReadAsync(session => SearchQuery.Run(session, partition, search), cancellation);

    public Task<DueWake[]> ReadDueWakesAsync(
        int partition, long untilMs, int max, string[] exceptImports, CancellationToken cancellation) =>
        database.ReadAsync(session => SnapshotTable.ReadDue(session, partition, untilMs, max, exceptImports), cancellation);

    public Task<StrandRow[]> ReadStrandsAsync(
        int partition, string customer, long beforeLastOffset, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => StrandTable.Read(session, partition, customer, beforeLastOffset, max), cancellation);

    public Task<StrandRow[]> ReadStrandsFromAsync(
        int partition, string customer, long fromOffset, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => StrandTable.ReadFrom(session, partition, customer, fromOffset, max), cancellation);

    public Task<StrandRow[]> ReadStrandsAfterAsync(int partition, long afterRow, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => StrandTable.ReadAfter(session, partition, afterRow, max), cancellation);

    public Task FlushAsync(FlushRequest flush, CancellationToken cancellation) =>
        database.WriteAsync(FlushWrite.Of(flush), cancellation);

    public Task<OutboxRow[]> ReadOutboxAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => OutboxTable.Read(session, partition), cancellation);

    public Task RecordFaultAsync(FaultRow fault, long epoch, CancellationToken cancellation) =>
        database.WriteAsync(session => FaultTable.Insert(session, fault, epoch), cancellation);

    public Task<FaultRow[]> ReadFaultsAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => FaultTable.Read(session, partition), cancellation);

    public Task BeginErasureAsync(ErasureRow erasure, long epoch, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.Begin(session, erasure, epoch), cancellation);

    public Task<ErasureRow[]> ReadErasuresAsync(int partition, CancellationToken cancellation) =>
        database.ReadAsync(session => ErasureTable.Read(session, partition), cancellation);

    public Task BlankAsync(int partition, long epoch, long[] offsets, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.Blank(session, partition, epoch, offsets), cancellation);

    public Task RedactAsync(int partition, long epoch, Entry[] entries, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.Redact(session, partition, epoch, entries), cancellation);

    public Task ArchiveAsync(int partition, long epoch, long[] blank, Entry[] states, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.Archive(session, partition, epoch, blank, states), cancellation);

    public Task EraseAsync(ErasureWrite write, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.Erase(session, write), cancellation);

    public Task EndErasureAsync(int partition, long epoch, string hash, long doneMs, CancellationToken cancellation) =>
        database.WriteAsync(session => ErasureTable.End(session, partition, epoch, hash, doneMs), cancellation);

    public Task<bool> ScrubAsync(CancellationToken cancellation) => database.EmptyLogAsync(cancellation);

    public Task<KeyValuePair<string, long>[]> ReadSumsAsync(string tenant, CancellationToken cancellation) =>
        database.ReadAsync(session => SumTable.ReadAll(session, tenant), cancellation);

    public Task<DeskPosition> ReadDeskAsync(string desk, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadPosition(session, desk), cancellation);

    public Task WriteDeskAsync(DeskWrite write, CancellationToken cancellation) =>
        database.WriteAsync(session => DeskTables.Write(session, write), cancellation);

    public Task<NumberedAlert[]> ReadDeskChangesAsync(string desk, long afterSequence, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadChanges(session, desk, afterSequence, max), cancellation);

    public Task<DeskAlerts> ReadDeskAlertsAsync(string desk, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadAlerts(session, desk, max), cancellation);

    public Task<OpenAlert[]> ReadOpenAlertsAsync(string desk, long afterRank, string afterAlert, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => DeskTables.ReadOpen(session, desk, afterRank, afterAlert, max), cancellation);

    public Task<FinishedAlert[]> ReadFinishedAlertsAsync(
        string tenant, string desk, long fromMs, long untilMs, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => FinishedAlertTable.Read(session, tenant, desk, fromMs, untilMs, max), cancellation);

    public Task TrimDeskChangesAsync(string desk, long beforeSequence, CancellationToken cancellation) =>
        database.WriteAsync(session => DeskTables.Trim(session, desk, beforeSequence), cancellation);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
