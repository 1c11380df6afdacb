using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Grains.Partitions;

/// <summary>The partition-wide entries that every customer folds, in order: a short list.</summary>
internal sealed class WideEntries
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, Entry> _latest = new(StringComparer.Ordinal);

    public void Add(Entry entry)
    {
        _latest[entry.Type] = entry;
        if (EntryTypes.IsFoldedByAll(entry.Type))
            _entries.Add(entry);
    }

    /// <summary>Offset of the newest, -1 when there is none.</summary>
    public long Newest => _entries.Count == 0 ? -1 : _entries[^1].Offset;

    /// <summary>A customer's entries with the partition-wide ones that it has not folded yet in between.</summary>
    /// <param name="own">In offset order.</param>
    /// <param name="until">Those up to here at least, also behind the last of its own.</param>
    public Entry[] Merge(long standsAt, List<Entry> own, long until)
    {
        var newest = own.Count == 0 ? Newest : Math.Max(own[^1].Offset, until);
        if (Newest <= standsAt)
            return [.. own];
        var merged = new List<Entry>(own.Count + 1);
        var next = 0;
        foreach (var wide in _entries)
        {
            if (wide.Offset <= standsAt || wide.Offset > newest)
                continue;
            while (next < own.Count && own[next].Offset < wide.Offset)
                merged.Add(own[next++]);
            merged.Add(wide);
        }

        while (next < own.Count)
            merged.Add(own[next++]);
        return [.. merged];
    }

    /// <summary>The newest entry of this type, or null.</summary>
    public Entry? Latest(string type) => _latest.GetValueOrDefault(type);
}
