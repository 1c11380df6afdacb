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
    public async Task<(LookupStatus Status, TimelineItem[] Items, string? Next)> ReadAsync(long[] cursor, int limit)
    {
        var before = new long[keys.Length];
        for (var i = 0; i < keys.Length; i++)
            before[i] = i < cursor.Length ? cursor[i] : long.MaxValue;
        var pages = await Task.WhenAll(keys.Select((key, i) => AskAsync(key, before[i], limit)));
        if (pages[0].Status != LookupStatus.Found || Array.Exists(pages, p => p.Status == LookupStatus.Unavailable))
            return (pages[0].Status == LookupStatus.NotFound ? LookupStatus.NotFound : LookupStatus.Unavailable, [], null);
        if (keys.Length == 1)
            return (LookupStatus.Found, TimelineItem.Of(pages[0]), pages[0].HasMore && pages[0].Entries.Length > 0 ? pages[0].Entries[^1].PublicId : null);

        var items = Join(pages, before, limit, out var hasMore);
        return (LookupStatus.Found, items, hasMore ? string.Join(Separator, before.Select(b => b.ToString(CultureInfo.InvariantCulture))) : null);
    }

    private Task<TimelineResponse> AskAsync(string key, long before, int limit) => grains
        .GetGrain<IPartitionGrain>(CustomerKey.Parse(key).PartitionOf(partitions))
        .TimelineAsync(new TimelineRequest(key, before, limit));

    private static TimelineItem[] Join(TimelineResponse[] pages, long[] before, int limit, out bool hasMore)
    {
        var items = Array.ConvertAll(pages, TimelineItem.Of);
        var joined = new List<TimelineItem>(limit);
        var taken = new int[pages.Length];
        while (joined.Count < limit && Newest(pages, taken) is >= 0 and var from)
        {
            var item = items[from][taken[from]++];
            before[from] = item.Entry.Offset;

            // It stands under the id that it came for as well, as it came; but what it brought about, it brought about here.
            if (item.Entry.Type != EntryTypes.IdentityForwarded || item.Outcomes.Length > 0)
                joined.Add(item);
        }

        hasMore = false;
        for (var i = 0; i < pages.Length; i++)
            hasMore |= taken[i] < pages[i].Entries.Length || pages[i].HasMore;
        return [.. joined];
    }

    /// <returns>Whose turn it is; -1 at the end, or where a page ends and more would have to be read to know.</returns>
    private static int Newest(TimelineResponse[] pages, int[] taken)
    {
        var newest = -1;
        for (var i = 0; i < pages.Length; i++)
        {
            if (taken[i] == pages[i].Entries.Length)
            {
                if (pages[i].HasMore)
                    return -1;
                continue;
            }

            if (newest < 0 || pages[i].Entries[taken[i]].RecordedMs > pages[newest].Entries[taken[newest]].RecordedMs)
                newest = i;
        }

        return newest;
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
