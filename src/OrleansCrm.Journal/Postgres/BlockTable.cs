using System.Buffers;
using Npgsql;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>The journal proper: blocks of entries, and a list of which entries are partition-wide.</summary>
internal static class BlockTable
{
    private const string Head = "SELECT head FROM orleanscrm.partition WHERE id = $1";

    private const string Move =
        """
        WITH moved AS (
            UPDATE orleanscrm.partition SET head = head + $4, last_recorded = $6
            WHERE id = $1 AND epoch = $2 AND head = $3 AND last_recorded <= $5
            RETURNING 1)
        """;

    /// <summary>Appends of up to so many blocks have a statement of their own; an array of blocks costs both sides a copy of all bytes.</summary>
    private const int FewMax = 8;

    private static readonly string[] AppendFew = Enumerable.Range(1, FewMax).Select(AppendOf).ToArray();

    private const string AppendMany = Move +
        """
        , listed AS (
            INSERT INTO orleanscrm.wide(partition, entry_offset) SELECT $1, entry_offset FROM moved, unnest($11) entry_offset)
        INSERT INTO orleanscrm.block(partition, first_offset, count, checksum, data)
        SELECT $1, block.* FROM moved, unnest($7, $8, $9, $10) block
        """;

    /// <summary>
    /// Moves the head, if the caller is still the owner and the head is where he believes, and only then adds the blocks: all in one
    /// statement, so that what is refused changes nothing and needs no answer in between.
    /// </summary>
    public static NpgsqlBatchCommand Append(
        int partition, long epoch, long head, int count, long firstRecorded, long lastRecorded, EncodedBlock[] blocks, long[] wide)
    {
        if (blocks.Length <= FewMax && wide.Length == 0)
        {
            var statement = Statement(
                AppendFew[blocks.Length - 1],
                Value(partition), Value(epoch), Value(head), Value(count), Value(firstRecorded), Value(lastRecorded));
            foreach (var block in blocks)
            {
                statement.Parameters.Add(Value(block.FirstOffset));
                statement.Parameters.Add(Value(block.Count));
                statement.Parameters.Add(Value((long)block.Checksum));
                statement.Parameters.Add(Value<ReadOnlyMemory<byte>>(block.Buffer.AsMemory(0, block.Length)));
            }

            return statement;
        }

        return Statement(
            AppendMany, Value(partition), Value(epoch), Value(head), Value(count), Value(firstRecorded), Value(lastRecorded),
            Value(Array.ConvertAll(blocks, b => b.FirstOffset)),
            Value(Array.ConvertAll(blocks, b => b.Count)),
            Value(Array.ConvertAll(blocks, b => (long)b.Checksum)),
            Value(Array.ConvertAll(blocks, b => b.Data.ToArray())),
            Value(wide));
    }

    /// <summary>Entries from an offset on, until there are enough in number or in bytes, or none are left.</summary>
    public static async Task<Entry[]> ReadAsync(
        PostgresSession session, int partition, long fromOffset, int max, int bytesMax, CancellationToken cancellation)
    {
        var entries = new List<Entry>(Math.Min(max, 1024));
        var next = Math.Max(fromOffset, 0);
        long head = -1;
        await session.VisitAsync(
            row =>
            {
                if (head < 0)
                {
                    head = row.GetInt64(0);
                    return true;
                }

                if (entries.Count >= max || bytesMax <= 0 || next >= head)
                    return false;
                row.TakeBlock(partition, block => block.TakeFrom(next, entries, max, ref bytesMax));
                next = entries[^1].Offset + 1;
                return true;
            },
            cancellation,
            Statement(Head, Value(partition)),
            Statement(
                // A block has one entry at least, so those that begin after the last offset wanted are of no use. The sum takes sizes
                // from the rows alone; blocks beyond it are never fetched.
                """
                SELECT first_offset, count, checksum, data FROM (
                    SELECT *, sum(octet_length(data)) OVER (ORDER BY first_offset) - octet_length(data) AS bytes_before
                    FROM orleanscrm.block
                    WHERE partition = $1 AND first_offset < $3 AND first_offset >=
                        (SELECT max(first_offset) FROM orleanscrm.block WHERE partition = $1 AND first_offset <= $2)) block
                WHERE bytes_before < $4 ORDER BY first_offset
                """,
                Value(partition), Value(next), Value(next > long.MaxValue - max ? long.MaxValue : next + max), Value((long)bytesMax)))
            .ConfigureAwait(false);
        if (head < 0)
            throw PartitionTable.Unknown(partition);
        return next < head && entries.Count < max && bytesMax > 0 && entries.Count == 0
            ? throw StoredBlock.Missing(partition, next)
            : entries.ToArray();
    }

    /// <summary>The entries at these offsets, in the order asked for. Each block is read once.</summary>
    public static async Task<Entry?[]> ReadAtAsync(PostgresSession session, int partition, long[] offsets, CancellationToken cancellation)
    {
        var found = new Entry?[offsets.Length];
        int[]? order = null;
        var at = 0;
        await session.VisitAsync(
            row =>
            {
                if (order is null)
                    order = OffsetOrder.Of(offsets, row.GetInt64(0));
                else if (at < order.Length)
                    row.TakeBlock(partition, block => at = block.TakeAt(offsets, order, at, found));
                return true;
            },
            cancellation,
            Statement(Head, Value(partition)),
            Statement(
                """
                SELECT first_offset, count, checksum, data FROM orleanscrm.block WHERE partition = $1 AND first_offset IN (
                    SELECT (SELECT max(first_offset) FROM orleanscrm.block WHERE partition = $1 AND first_offset <= wanted)
                    FROM unnest($2) wanted)
                ORDER BY first_offset
                """,
                Value(partition), Value(offsets))).ConfigureAwait(false);
        if (order is null)
            throw PartitionTable.Unknown(partition);
        return at == order.Length ? found : throw StoredBlock.Missing(partition, offsets[order[at]]);
    }

    /// <summary>Replaces entries where they stand; a block that they leave as it is is not written.</summary>
    /// <param name="offsets">Rising.</param>
    public static async Task ReplaceAsync(PostgresSession session, int partition, long[] offsets, Func<Entry, Entry> replace)
    {
        for (var at = 0; at < offsets.Length;)
        {
            var (wanted, before) = (offsets[at], at);
            var blocks = await session.ReadAsync(
                row =>
                {
                    EncodedBlock? changed = null;
                    row.TakeBlock(partition, block => changed = EntryBlanking.Replace(block, offsets, ref at, replace));
                    return changed;
                },
                """
                SELECT first_offset, count, checksum, data FROM orleanscrm.block WHERE partition = $1 AND first_offset =
                    (SELECT max(first_offset) FROM orleanscrm.block WHERE partition = $1 AND first_offset <= $2)
                """,
                Value(partition), Value(wanted)).ConfigureAwait(false);
            if (at == before)
                throw StoredBlock.Missing(partition, wanted);
            if (blocks[0] is { } block)
            {
                await session.RunAsync(
                    "UPDATE orleanscrm.block SET checksum = $3, data = $4 WHERE partition = $1 AND first_offset = $2",
                    Value(partition), Value(block.FirstOffset), Value((long)block.Checksum),
                    Value<ReadOnlyMemory<byte>>(block.Buffer.AsMemory(0, block.Length))).ConfigureAwait(false);
                ArrayPool<byte>.Shared.Return(block.Buffer, clearArray: true);
            }
        }
    }

    public static async Task<Entry[]> ReadWideAsync(PostgresSession session, int partition, CancellationToken cancellation)
    {
        var offsets = await session.ReadAsync(
            row => row.GetInt64(0),
            cancellation,
            Statement("SELECT entry_offset FROM orleanscrm.wide WHERE partition = $1 ORDER BY entry_offset", Value(partition)))
            .ConfigureAwait(false);
        var entries = await ReadAtAsync(session, partition, offsets, cancellation).ConfigureAwait(false);
        return Array.ConvertAll(entries, entry => entry!);
    }

    private static string AppendOf(int blocks)
    {
        var rows = Enumerable.Range(0, blocks).Select(i => 7 + 4 * i).Select(p => FormattableString.Invariant($"(${p}, ${p + 1}, ${p + 2}, ${p + 3})"));
        return $"""
            {Move}
            INSERT INTO orleanscrm.block(partition, first_offset, count, checksum, data)
            SELECT $1, block.* FROM moved, (VALUES {string.Join(", ", rows)}) block
            """;
    }
}
