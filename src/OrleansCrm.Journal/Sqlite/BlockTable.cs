using System.Buffers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>The journal proper: blocks of entries, and a list of which entries are partition-wide.</summary>
internal static class BlockTable
{
    private const string Columns = "SELECT position, count, checksum, data FROM block";

    public static void Insert(SqliteSession session, int partition, in EncodedBlock block) => session
        .Prepare("INSERT INTO block(position, count, checksum, data) VALUES(?, ?, ?, ?)")
        .Bind(Position.Of(partition, block.FirstOffset)).Bind(block.Count).Bind(block.Checksum).Bind(block.Data).Run();

    public static void InsertWide(SqliteSession session, int partition, long offset) => session
        .Prepare("INSERT INTO wide(position) VALUES(?)").Bind(Position.Of(partition, offset)).Run();

    /// <summary>Entries from an offset on, until there are enough in number or in bytes, or none are left.</summary>
    public static Entry[] Read(SqliteSession session, int partition, long fromOffset, int max, int bytesMax)
    {
        var entries = new List<Entry>(Math.Min(max, 1024));
        var next = Math.Max(fromOffset, 0);
        var head = Head(session, partition);
        if (next >= head)
            return [];
        using var rows = session.Prepare(
            Columns + """
             WHERE position >= (SELECT max(position) FROM block WHERE position BETWEEN ? AND ?) AND position <= ?
            ORDER BY position
            """).Bind(Position.FirstOf(partition)).Bind(Position.Of(partition, next)).Bind(Position.LastOf(partition));
        while (entries.Count < max && bytesMax > 0 && next < head)
        {
            if (!rows.Step())
                throw StoredBlock.Missing(partition, next);
            ToBlock(rows, partition).TakeFrom(next, entries, max, ref bytesMax);
            next = entries.Count > 0 ? entries[^1].Offset + 1 : next;
        }

        return entries.ToArray();
    }

    /// <summary>The entries at these offsets, in the order asked for. Each block is read once.</summary>
    public static Entry?[] ReadAt(SqliteSession session, int partition, long[] offsets)
    {
        var found = new Entry?[offsets.Length];
        var order = OffsetOrder.Of(offsets, Head(session, partition));
        for (var at = 0; at < order.Length;)
            at = ReadAtBlock(session, partition, offsets, order, at, found);
        return found;
    }

    /// <summary>Replaces entries where they stand; a block that they leave as it is is not written.</summary>
    /// <param name="offsets">Rising.</param>
    public static void Replace(SqliteSession session, int partition, long[] offsets, Func<Entry, Entry> replace)
    {
        for (var at = 0; at < offsets.Length;)
        {
            var wanted = offsets[at];
            long position;
            EncodedBlock? block;
            using (var row = session.Prepare(Columns + " WHERE position BETWEEN ? AND ? ORDER BY position DESC LIMIT 1")
                .Bind(Position.FirstOf(partition)).Bind(Position.Of(partition, wanted)))
            {
                if (!row.Step())
                    throw StoredBlock.Missing(partition, wanted);
                position = row.Int64(0);
                var before = at;
                block = EntryBlanking.Replace(ToBlock(row, partition), offsets, ref at, replace);
                if (at == before)
                    throw StoredBlock.Missing(partition, wanted);
            }

            if (block is { } changed)
            {
                session.Prepare("UPDATE block SET checksum = ?, data = ? WHERE position = ?").Bind(changed.Checksum).Bind(changed.Data).Bind(position).Run();
                ArrayPool<byte>.Shared.Return(changed.Buffer, clearArray: true);
            }
        }
    }

    public static Entry[] ReadWide(SqliteSession session, int partition)
    {
        var offsets = new List<long>();
        using (var rows = session.Prepare("SELECT position FROM wide WHERE position BETWEEN ? AND ? ORDER BY position")
            .Bind(Position.FirstOf(partition)).Bind(Position.LastOf(partition)))
        {
            while (rows.Step())
                offsets.Add(Position.Offset(rows.Int64(0)));
        }

        var entries = ReadAt(session, partition, offsets.ToArray());
        return Array.ConvertAll(entries, entry => entry!);
    }

    private static long Head(SqliteSession session, int partition)
    {
        using var row = session.Prepare("SELECT head FROM partition WHERE id = ?").Bind(partition);
        return row.Step()
            ? row.Int64(0)
            : throw new ArgumentOutOfRangeException(nameof(partition), partition, "The journal has no such partition.");
    }

    private static int ReadAtBlock(SqliteSession session, int partition, long[] offsets, int[] order, int at, Entry?[] found)
    {
        var wanted = offsets[order[at]];
        using var row = session.Prepare(Columns + " WHERE position BETWEEN ? AND ? ORDER BY position DESC LIMIT 1")
            .Bind(Position.FirstOf(partition)).Bind(Position.Of(partition, wanted));
        if (!row.Step())
            throw StoredBlock.Missing(partition, wanted);
        return ToBlock(row, partition).TakeAt(offsets, order, at, found);
    }

    private static StoredBlock ToBlock(SqliteStatement row, int partition) =>
        new(partition, Position.Offset(row.Int64(0)), row.Int64(1), row.Int64(2), row.Blob(3));
}
