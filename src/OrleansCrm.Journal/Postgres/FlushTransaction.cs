using Npgsql;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Snapshots, strands, outbox, sums and checkpoint in one transaction of few round trips. What can be encoded before is.</summary>
internal sealed class FlushTransaction
{
    private readonly FlushRequest _flush;
    private readonly EncodedStrand[] _strands;
    private readonly byte[][] _sums;

    /// <exception cref="ArgumentException">A strand has no entries, or not as many offsets as messages.</exception>
    public FlushTransaction(FlushRequest flush)
    {
        _flush = flush;
        _strands = Array.ConvertAll(flush.Strands, EncodedStrand.Of);
        _sums = Array.ConvertAll(flush.Snapshots, snapshot => SumsFormat.Encode(snapshot.Sums));
    }

    public async Task RunAsync(PostgresSession session)
    {
        var firstRow = await PartitionTable.FlushAsync(session, _flush).ConfigureAwait(false);
        var statements = new List<NpgsqlBatchCommand>();
        if (_flush.Snapshots.Length > 0)
        {
            var stored = await SnapshotTable.ReadSumsAsync(session, _flush.Partition, _flush.Snapshots).ConfigureAwait(false);
            var old = stored.ToDictionary(StringComparer.Ordinal);
            var tally = new SumTally();
            for (var i = 0; i < _sums.Length; i++)
                tally.Replace(_flush.Snapshots[i].Customer, old.GetValueOrDefault(_flush.Snapshots[i].Customer) ?? [], _sums[i]);
            statements.Add(SnapshotTable.Upsert(_flush.Partition, _flush.Snapshots, _sums));
            statements.AddRange(SumTable.Apply(_flush.Partition, tally));
        }

        if (_strands.Length > 0)
            statements.Add(StrandTable.Insert(_flush.Partition, firstRow, _strands));
        if (_flush.Outbox.Length > 0)
            statements.Add(OutboxTable.Upsert(_flush.Partition, _flush.Outbox));
        statements.Add(OutboxTable.DeleteDelivered(_flush.Partition, _flush.DeliveredOffset, _flush.DeliveredIndex));
        await session.RunAsync(statements.ToArray()).ConfigureAwait(false);
    }
}
