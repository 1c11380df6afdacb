using System.Globalization;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Server.Customers;

/// <summary>
/// The entries of a customer and of every id that was linked to him, newest first by when they were recorded. They stand in as many
/// partitions as there are ids, so the place of a page is one offset for each.
/// </summary>
/// <param name="keys">The customer's own key first, then the others in the order in which they were linked.</param>
internal sealed class PersonTimeline(IGrainFactory grains, int partitions, string[] keys)
{
    /// <summary>Entries that are asked for of one id at once, at least: most ids of a person have few, and all of them share one page.</summary>
    private const int ShareMin = 20;

    private const char Separator = '.';

    /// <returns>The places that a cursor names; null when it was never given out.</returns>
    public static long[]? ReadCursor(string cursor)
    {
        if (EntryId.TryParse(cursor, out var entry))
            return [entry.Offset];
        var parts = cursor.Split(Separator);
        var places = new long[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out places[i]))
                return null;
        }

        return parts.Length > 1 ? places : null;
    }

    /// <param name="cursor">One place for each key; an id that was linked after the cursor was given out begins with its newest.</param>
    public async Task<(LookupStatus Status, TimelineItem[] Items, string? Next, long ReachesBackToMs)> ReadAsync(long[] cursor, int limit)
    {
        var before = new long[keys.Length];
        for (var i = 0; i < keys.Length; i++)
            before[i] = i < cursor.Length ? cursor[i] : long.MaxValue;
        var share = Math.Min(limit, Math.Max(ShareMin, (limit / keys.Length) + 1));
        var pages = await Task.WhenAll(keys.Select((key, i) => AskAsync(key, before[i], keys.Length == 1 ? limit : share)));
        if (pages[0].Status != LookupStatus.Found || Array.Exists(pages, p => p.Status == LookupStatus.Unavailable))
            return (pages[0].Status == LookupStatus.NotFound ? LookupStatus.NotFound : LookupStatus.Unavailable, [], null, 0);
        if (keys.Length == 1)
            return (LookupStatus.Found, TimelineItem.Of(pages[0]), HasMore(pages[0]) ? pages[0].Entries[^1].PublicId : null, pages[0].ReachesBackToMs);

        var strands = Array.ConvertAll(pages, page => new Strand(page));
        var joined = new List<TimelineItem>(limit);
        while (joined.Count < limit)
        {
            for (var i = 0; i < strands.Length; i++)
            {
                if (strands[i].IsSpent && HasMore(strands[i].Page))
                    strands[i] = new Strand(await AskAsync(keys[i], before[i], share));
                if (strands[i].Page.Status == LookupStatus.Unavailable)
                    return (LookupStatus.Unavailable, [], null, 0);
            }

            var from = Newest(strands);
            if (from < 0)
                break;
            var item = strands[from].Take();
            before[from] = item.Entry.Offset;

            // It stands under the id that it came for as well, as it came; but what it brought about, it brought about here.
            if (item.Entry.Type != EntryTypes.IdentityForwarded || item.Outcomes.Length > 0)
                joined.Add(item);
        }

        var isThrough = Array.TrueForAll(strands, strand => strand.IsSpent && !HasMore(strand.Page));
        var next = isThrough ? null : string.Join(Separator, before.Select(b => b.ToString(CultureInfo.InvariantCulture)));
        return (LookupStatus.Found, [.. joined], next, strands.Where(s => s.IsSpent).Max(s => (long?)s.Page.ReachesBackToMs) ?? 0);
    }

    private static bool HasMore(TimelineResponse page) => page is { HasMore: true, Entries.Length: > 0 };

    private Task<TimelineResponse> AskAsync(string key, long before, int limit) => grains
        .GetGrain<IPartitionGrain>(CustomerKey.Parse(key).PartitionOf(partitions))
        .TimelineAsync(new TimelineRequest(key, before, limit));

    /// <returns>Whose turn it is; -1 at the end.</returns>
    private static int Newest(Strand[] strands)
    {
        var newest = -1;
        for (var i = 0; i < strands.Length; i++)
        {
            if (!strands[i].IsSpent && (newest < 0 || strands[i].Next.RecordedMs > strands[newest].Next.RecordedMs))
                newest = i;
        }

        return newest;
    }

    /// <summary>One id's page, and how much of it is taken.</summary>
    private sealed class Strand(TimelineResponse page)
    {
        private readonly TimelineItem[] _items = TimelineItem.Of(page);
        private int _taken;

        public TimelineResponse Page => page;

        public bool IsSpent => _taken == _items.Length;

        public Entry Next => _items[_taken].Entry;

        public TimelineItem Take() => _items[_taken++];
    }
}

/// <summary>An entry and what it brought about.</summary>
internal readonly record struct TimelineItem(Entry Entry, string[] Outcomes)
{
    public static TimelineItem[] Of(TimelineResponse page)
    {
        var notes = page.Notes.ToLookup(n => n.Offset, n => n.Text);
        return Array.ConvertAll(page.Entries, e => new TimelineItem(e, [.. notes[e.Offset]]));
    }
}
