using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Formats;

/// <summary>What holds for entries that are appended together.</summary>
internal static class EntrySequence
{
    /// <returns>Offsets of the partition-wide entries among them.</returns>
    /// <exception cref="ArgumentException">The entries do not follow each other from the head on, or recorded time falls.</exception>
    public static long[] Check(int partition, long head, ReadOnlySpan<Entry> entries)
    {
        List<long>? wide = null;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            if (entry.Partition != partition || entry.Offset != head + i)
                throw new ArgumentException($"Entry {entry.PublicId} cannot stand at {partition}-{head + i}.");
            if (i > 0 && entry.RecordedMs < entries[i - 1].RecordedMs)
                throw new ArgumentException($"Recorded time falls at entry {entry.PublicId}.");
            if (entry.Customer.Length == 0)
                (wide ??= []).Add(entry.Offset);
        }

        return wide?.ToArray() ?? [];
    }
}
