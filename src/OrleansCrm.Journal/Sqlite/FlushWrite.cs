using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Snapshots, strands, outbox, sums and checkpoint in one transaction. What can be encoded before is.</summary>
internal static class FlushWrite
{
    /// <exception cref="ArgumentException">A strand has no entries, or not as many offsets as messages.</exception>
    public static Write<bool> Of(FlushRequest flush)
    {
        var strands = Array.ConvertAll(flush.Strands, EncodedStrand.Of);
        var sums = Array.ConvertAll(flush.Snapshots, snapshot => SumsFormat.Encode(snapshot.Sums));
        var bytes = 0;
        foreach (var snapshot in flush.Snapshots)
            bytes += snapshot.State.Length;
        foreach (var strand in strands)
            bytes += strand.Offsets.Length + strand.Messages.Length + strand.Outcomes.Length;
        return new Write<bool>(
            session =>
            {
                Apply(session, flush, strands, sums);
                return true;
            },
            bytes,
            givesWay: true);
    }

    private static void Apply(SqliteSession session, FlushRequest flush, EncodedStrand[] strands, byte[][] sums)
    {
        var row = PartitionTable.Flush(session, flush.Partition, flush.Epoch, flush.Checkpoint, strands.Length);
        var tally = new SumTally();
        for (var i = 0; i < flush.Snapshots.Length; i++)
            SnapshotTable.Upsert(session, flush.Partition, flush.Snapshots[i], sums[i], tally);
        SumTable.Apply(session, flush.Partition, tally);
        foreach (var strand in strands)
            StrandTable.Insert(session, flush.Partition, row++, strand);
        OutboxTable.Insert(session, flush.Partition, flush.Outbox);
        OutboxTable.DeleteDelivered(session, flush.Partition, flush.DeliveredOffset, flush.DeliveredIndex);
    }
}
