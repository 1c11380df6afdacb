using Npgsql;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>
/// Moves the heads of partitions, where the caller is still the owner and the head is where he believes, and only there adds the blocks: all
/// in one statement, so that what is refused changes nothing and needs no answer in between. It returns the partitions whose heads it has moved.
/// </summary>
/// <remarks>
/// Under load every partition has a few entries to append in every transaction: a statement each costs the server five times what a row of
/// arrays each does.
/// </remarks>
internal static class AppendStatement
{
    private const string Many =
        """
        WITH moved AS (
            UPDATE orleanscrm.partition SET head = head + new.count, last_recorded = new.last
            FROM unnest($1, $2, $3, $4, $5, $6) AS new(partition, epoch, expected, count, first, last)
            WHERE id = new.partition AND partition.epoch = new.epoch AND head = expected AND last_recorded <= new.first
            RETURNING id)
        , listed AS (
            INSERT INTO orleanscrm.wide(partition, entry_offset)
            SELECT new.* FROM unnest($12, $13) AS new(partition, entry_offset) JOIN moved ON id = new.partition)
        INSERT INTO orleanscrm.block(partition, first_offset, count, checksum, data)
        SELECT new.* FROM unnest($7, $8, $9, $10, $11) AS new(partition, first_offset, count, checksum, data) JOIN moved ON id = new.partition
        RETURNING partition
        """;

    /// <summary>What a sender that is alone waits for: the same with half the work of the server.</summary>
    private const string Single =
        """
        WITH moved AS (
            UPDATE orleanscrm.partition SET head = head + $4, last_recorded = $6
            WHERE id = $1 AND epoch = $2 AND head = $3 AND last_recorded <= $5
            RETURNING 1)
        INSERT INTO orleanscrm.block(partition, first_offset, count, checksum, data)
        SELECT $1, $3, $4, $7, $8 FROM moved
        RETURNING partition
        """;

    /// <param name="appends">Of different partitions.</param>
    public static NpgsqlBatchCommand Of(List<PendingAppend> appends) =>
        appends is [{ Blocks: [_], Wide: [] } single] ? OfSingle(single) : OfMany(appends);

    private static NpgsqlBatchCommand OfSingle(PendingAppend append) => Statement(
        Single,
        Value(append.Partition),
        Value(append.Epoch),
        Value(append.Head),
        Value(append.Count),
        Value(append.FirstRecordedMs),
        Value(append.LastRecordedMs),
        Value((long)append.Blocks[0].Checksum),
        Value(Memory(append.Blocks[0])));

    private static NpgsqlBatchCommand OfMany(List<PendingAppend> appends)
    {
        var blocks = appends.SelectMany(append => append.Blocks, (append, block) => (append.Partition, Block: block)).ToArray();
        var wide = appends.SelectMany(append => append.Wide, (append, offset) => (append.Partition, Offset: offset)).ToArray();
        return Statement(
            Many,
            Value(appends.ConvertAll(append => append.Partition)),
            Value(appends.ConvertAll(append => append.Epoch)),
            Value(appends.ConvertAll(append => append.Head)),
            Value(appends.ConvertAll(append => append.Count)),
            Value(appends.ConvertAll(append => append.FirstRecordedMs)),
            Value(appends.ConvertAll(append => append.LastRecordedMs)),
            Value(Array.ConvertAll(blocks, of => of.Partition)),
            Value(Array.ConvertAll(blocks, of => of.Block.FirstOffset)),
            Value(Array.ConvertAll(blocks, of => of.Block.Count)),
            Value(Array.ConvertAll(blocks, of => (long)of.Block.Checksum)),
            Value(Array.ConvertAll(blocks, of => Memory(of.Block))),
            Value(Array.ConvertAll(wide, of => of.Partition)),
            Value(Array.ConvertAll(wide, of => of.Offset)));
    }

    private static ReadOnlyMemory<byte> Memory(EncodedBlock block) => block.Buffer.AsMemory(0, block.Length);
}
