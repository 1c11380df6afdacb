using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Desks;

namespace OrleansCrm.Journal;

/// <summary>
/// The durable record: one sequence of entries per partition, and what is projected from it. One conformance suite holds for every
/// database.
/// </summary>
/// <remarks>
/// <para>Whatever a method says is durable when its task completes is there after a power cut.</para>
/// <para>Writers name their epoch. A writer whose epoch is no longer the newest gets <see cref="FencedException"/> and has changed nothing.
/// <see cref="JournalUnavailableException"/> means outside trouble: the outcome of that call is unknown, and the caller reloads; but after
/// <see cref="JournalFullException"/> nothing was written, and the caller may try again.</para>
/// <para>Safe for concurrent use; calls of one partition are expected from one owner at a time.</para>
/// </remarks>
public interface IJournal : IAsyncDisposable
{
    /// <summary>What is fixed when the database is created.</summary>
    JournalIdentity Identity { get; }

    /// <summary>Takes the partition over: raises its epoch durably, so that whoever owned it before is fenced from then on.</summary>
    Task<PartitionTakeover> TakeOverAsync(int partition, CancellationToken cancellation);

    /// <summary>
    /// Appends entries at <paramref name="head"/>, all or none. Several partitions' appends share one transaction. Partition-wide entries
    /// (empty customer) are also listed for <see cref="ReadWideAsync"/>.
    /// </summary>
    /// <exception cref="FencedException">Another owner took over, or the head is not where the caller believes.</exception>
    Task AppendAsync(int partition, long epoch, long head, ReadOnlyMemory<Entry> entries, CancellationToken cancellation);

    /// <summary>
    /// Entries from <paramref name="fromOffset"/> on, in order, at most <paramref name="max"/>; empty at the end. Large payloads can make
    /// it fewer before the end: only an empty answer is the end.
    /// </summary>
    /// <exception cref="JournalCorruptException">What is stored is damaged or missing.</exception>
    Task<Entry[]> ReadAsync(int partition, long fromOffset, int max, CancellationToken cancellation);

    /// <summary>The entries at these offsets, in the order asked for; null where there is none.</summary>
    Task<Entry?[]> ReadAtAsync(int partition, long[] offsets, CancellationToken cancellation);

    /// <summary>All partition-wide entries of the partition, in order.</summary>
    Task<Entry[]> ReadWideAsync(int partition, CancellationToken cancellation);

    /// <summary>Stored snapshots of these customers, in the order asked for; null for a customer that has none.</summary>
    Task<SnapshotRow?[]> ReadSnapshotsAsync(int partition, string[] customers, CancellationToken cancellation);

    /// <summary>Every snapshot of the partition in order of the customer's UTF-8 bytes, after <paramref name="afterCustomer"/> ("" from the start).</summary>
    Task<SnapshotRow[]> ReadSnapshotsAfterAsync(int partition, string afterCustomer, int max, CancellationToken cancellation);

    /// <summary>The customers of the partition that a search finds, in its order, by the columns of their snapshots. Reads every row of the tenant.</summary>
    Task<FoundCustomer[]> SearchAsync(int partition, CustomerSearch search, CancellationToken cancellation);

    /// <summary>
    /// Sleepers that want to be woken at or before <paramref name="untilMs"/>, earliest first, without those whose newest entry belongs to
    /// one of <paramref name="exceptImports"/>.
    /// </summary>
    Task<DueWake[]> ReadDueWakesAsync(int partition, long untilMs, int max, string[] exceptImports, CancellationToken cancellation);

    /// <summary>The customer's strands, newest first, at most <paramref name="max"/>, those that end before <paramref name="beforeLastOffset"/>.</summary>
    Task<StrandRow[]> ReadStrandsAsync(int partition, string customer, long beforeLastOffset, int max, CancellationToken cancellation);

    /// <summary>The customer's strands, oldest first, at most <paramref name="max"/>, those that end at or behind <paramref name="fromOffset"/>.</summary>
    Task<StrandRow[]> ReadStrandsFromAsync(int partition, string customer, long fromOffset, int max, CancellationToken cancellation);

    /// <summary>All strands of the partition in the order written, after row <paramref name="afterRow"/> (0 from the start).</summary>
    Task<StrandRow[]> ReadStrandsAfterAsync(int partition, long afterRow, int max, CancellationToken cancellation);

    /// <summary>
    /// One transaction: snapshots, strands, outcomes still to be delivered, the change of the sums, and the checkpoint.
    /// </summary>
    /// <exception cref="FencedException">Another owner took over.</exception>
    Task FlushAsync(FlushRequest flush, CancellationToken cancellation);

    /// <summary>Outcomes that wait in the outbox of the partition, in (offset, index) order.</summary>
    Task<OutboxRow[]> ReadOutboxAsync(int partition, CancellationToken cancellation);

    /// <summary>Notes that an entry cannot be folded, before its sender is answered; it is skipped on every replay.</summary>
    Task RecordFaultAsync(FaultRow fault, long epoch, CancellationToken cancellation);

    Task<FaultRow[]> ReadFaultsAsync(int partition, CancellationToken cancellation);

    /// <summary>Notes that a customer is to be erased. One that is noted already stays as it is.</summary>
    /// <exception cref="FencedException">Another owner took over.</exception>
    Task BeginErasureAsync(ErasureRow erasure, long epoch, CancellationToken cancellation);

    /// <summary>All erasures of the partition, done or not, sorted by hash.</summary>
    Task<ErasureRow[]> ReadErasuresAsync(int partition, CancellationToken cancellation);

    /// <summary>
    /// Takes customer, message id, type, own time and payload out of these entries, in one transaction; each keeps its place and its recorded
    /// time. Entries that are blank stay so. None may be needed for a replay any more.
    /// </summary>
    /// <exception cref="FencedException">Another owner took over.</exception>
    Task BlankAsync(int partition, long epoch, long[] offsets, CancellationToken cancellation);

    /// <summary>
    /// Puts these payloads in the place of those that stand there, in one transaction, and takes the entries' outcomes out of the outbox;
    /// they must have been delivered. Entries that are blank stay so. None may be needed for a replay any more.
    /// </summary>
    /// <param name="entries">Rising in offset. Nothing but the payload is taken from them.</param>
    /// <exception cref="FencedException">Another owner took over.</exception>
    Task RedactAsync(int partition, long epoch, Entry[] entries, CancellationToken cancellation);

    /// <summary>
    /// One transaction: blanks entries as <see cref="BlankAsync"/> does and gives others type and payload of those that stand at their offsets
    /// in <paramref name="states"/>; customer, message id and times stay. What is blank stays so. None may be needed for a replay any more.
    /// </summary>
    /// <param name="blank">Rising, and none of them in <paramref name="states"/>.</param>
    /// <param name="states">Rising in offset.</param>
    /// <exception cref="FencedException">Another owner took over.</exception>
    Task ArchiveAsync(int partition, long epoch, long[] blank, Entry[] states, CancellationToken cancellation);

    /// <summary>
    /// One transaction: the tombstone takes the place of the request, of the snapshot and of the strands; faults, outcomes, and what the
    /// desks keep of the customer's alerts go; the erasure names nobody from then on.
    /// </summary>
    /// <exception cref="FencedException">Another owner took over.</exception>
    Task EraseAsync(ErasureWrite write, CancellationToken cancellation);

    /// <summary>Notes that the erasure is done.</summary>
    /// <exception cref="FencedException">Another owner took over.</exception>
    Task EndErasureAsync(int partition, long epoch, string hash, long doneMs, CancellationToken cancellation);

    /// <summary>
    /// Sees to it that nothing of what was changed or removed before this call can be read from the database's files, as far as it is in the
    /// database's hands.
    /// </summary>
    /// <returns>False when readers or another process stood in the way: to be tried again.</returns>
    Task<bool> ScrubAsync(CancellationToken cancellation);

    /// <summary>
    /// Sums over all customers of the tenant, partitions added up, sorted by metric; always equal to the snapshot rows. A metric whose sum
    /// is zero is left out.
    /// </summary>
    Task<KeyValuePair<string, long>[]> ReadSumsAsync(string tenant, CancellationToken cancellation);

    /// <summary>What the desk stands at; a desk never written stands at sequence 0.</summary>
    Task<DeskPosition> ReadDeskAsync(string desk, CancellationToken cancellation);

    /// <summary>
    /// One transaction: numbers the changes from <see cref="DeskWrite.FirstSequence"/>, updates the list of unfinished alerts, and moves
    /// the sender's position.
    /// </summary>
    /// <exception cref="FencedException">The numbers are taken: another activation of the desk wrote.</exception>
    Task WriteDeskAsync(DeskWrite write, CancellationToken cancellation);

    /// <summary>Changes of the desk after <paramref name="afterSequence"/>, in order.</summary>
    Task<NumberedAlert[]> ReadDeskChangesAsync(string desk, long afterSequence, int max, CancellationToken cancellation);

    /// <summary>Unfinished alerts, highest rank first.</summary>
    Task<DeskAlerts> ReadDeskAlertsAsync(string desk, int max, CancellationToken cancellation);

    /// <summary>Unfinished alerts behind this place of the list, whether or not there is one at it; from the start with the greatest rank.</summary>
    Task<OpenAlert[]> ReadOpenAlertsAsync(string desk, long afterRank, string afterAlert, int max, CancellationToken cancellation);

    /// <summary>Alerts of the tenant that were over from <paramref name="fromMs"/> on and before <paramref name="untilMs"/>, in order of that, at most <paramref name="max"/>.</summary>
    /// <param name="desk">Only of the desk of this name; empty for all.</param>
    Task<FinishedAlert[]> ReadFinishedAlertsAsync(string tenant, string desk, long fromMs, long untilMs, int max, CancellationToken cancellation);

    /// <summary>Forgets the changes before <paramref name="beforeSequence"/>.</summary>
    Task TrimDeskChangesAsync(string desk, long beforeSequence, CancellationToken cancellation);
}
