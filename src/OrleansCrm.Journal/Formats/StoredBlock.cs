using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Formats;

/// <summary>A block as the database gives it back, not yet believed.</summary>
internal readonly ref struct StoredBlock(int partition, long firstOffset, long count, long checksum, ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Adds the entries from <paramref name="next"/> on, until there are enough in number or in bytes, or the block ends.</summary>
    /// <exception cref="JournalCorruptException">The block is damaged, or the next entry is not in it.</exception>
    public void TakeFrom(long next, List<Entry> entries, int max, ref int bytesLeft)
    {
        var reader = Open(next);
        var before = entries.Count;
        try
        {
            while (entries.Count < max && bytesLeft > 0 && reader.MoveNext())
            {
                if (reader.Offset < next)
                    continue;
                entries.Add(reader.ToEntry());
                bytesLeft -= reader.PayloadLength;
            }
        }
        catch (FormatException error)
        {
            throw Damaged(next, error);
        }

        if (entries.Count == before || entries[before].Offset != next)
            throw Missing(partition, next);
    }

    /// <summary>Puts the entries that are asked for and stand in this block into their places.</summary>
    /// <param name="order">Places in <paramref name="offsets"/>, by rising offset.</param>
    /// <param name="at">Where in <paramref name="order"/> to begin.</param>
    /// <returns>Where in <paramref name="order"/> the next block begins.</returns>
    /// <exception cref="JournalCorruptException">The block is damaged, or the first entry is not in it.</exception>
    public int TakeAt(long[] offsets, int[] order, int at, Entry?[] found)
    {
        var wanted = offsets[order[at]];
        var reader = Open(wanted);
        var before = at;
        try
        {
            while (at < order.Length && reader.MoveNext())
            {
                for (; at < order.Length && offsets[order[at]] == reader.Offset; at++)
                    found[order[at]] = reader.ToEntry();
            }
        }
        catch (FormatException error)
        {
            throw Damaged(wanted, error);
        }

        return at > before ? at : throw Missing(partition, wanted);
    }

    /// <summary>All entries of the block.</summary>
    /// <exception cref="JournalCorruptException">The block is damaged.</exception>
    public Entry[] TakeAll()
    {
        var entries = new List<Entry>();
        var reader = Open(firstOffset);
        try
        {
            while (reader.MoveNext())
                entries.Add(reader.ToEntry());
        }
        catch (FormatException error)
        {
            throw Damaged(firstOffset, error);
        }

        return entries.ToArray();
    }

    public static JournalCorruptException Missing(int partition, long offset) =>
        new($"Entry {partition}-{offset} is missing although later ones are there.", partition, offset);

    private BlockReader Open(long wanted)
    {
        if (Checksum.Of(partition, firstOffset, (int)count, _data) != checksum)
            throw Damaged(firstOffset, null);
        try
        {
            return new BlockReader(partition, firstOffset, _data);
        }
        catch (FormatException error)
        {
            throw Damaged(wanted, error);
        }
    }

    private JournalCorruptException Damaged(long offset, FormatException? error) =>
        new($"The block of entry {partition}-{offset} is damaged: {error?.Message ?? "wrong checksum"}", partition, offset, error);
}
