using System.Buffers;
using Npgsql;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>The journal proper: blocks of entries, and a list of which entries are partition-wide. <see cref="AppendStatement"/> adds to it.</summary>
internal static class BlockTable
{
    private const string Head = "SELECT head FROM orleanscrm.partition WHERE id = $1";

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
                SELECT found.* FROM (
                    SELECT DISTINCT (SELECT max(first_offset) FROM orleanscrm.block WHERE partition = $1 AND first_offset <= wanted) AS first
                    FROM unnest($2) wanted) place
                CROSS JOIN LATERAL (
                    SELECT first_offset, count, checksum, data FROM orleanscrm.block
                    WHERE partition = $1 AND first_offset = place.first LIMIT 1) found
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
}
