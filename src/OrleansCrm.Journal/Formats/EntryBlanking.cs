using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Formats;

/// <summary>Replaces entries within a block.</summary>
internal static class EntryBlanking
{
    /// <summary>What stays of an entry of an erased customer: that there was one, and when it was recorded.</summary>
    public static Entry Blank(Entry entry) => entry with
    {
        Customer = "",
        MessageId = Guid.Empty,
        Type = EntryTypes.Erased,
        TimeMs = entry.RecordedMs,
        Payload = [],
        Trace = null,
    };

    /// <summary>Gives an entry the payload of the one that stands at its offset in <paramref name="entries"/>; a blank one stays blank.</summary>
    public static Func<Entry, Entry> Redact(Entry[] entries, long[] offsets) => entry => entry.Type == EntryTypes.Erased
        ? entry
        : entry with { Payload = entries[Array.BinarySearch(offsets, entry.Offset)].Payload };

    /// <summary>Blanks entries, and gives others type and payload of those that stand at their offsets in <paramref name="states"/>.</summary>
    /// <param name="offsets">All of them, rising.</param>
    public static Func<Entry, Entry> Archive(long[] blank, Entry[] states, out long[] offsets)
    {
        var byOffset = states.ToDictionary(entry => entry.Offset);
        offsets = [.. blank.Concat(byOffset.Keys).Order()];
        return entry => entry.Type == EntryTypes.Erased ? entry
            : byOffset.TryGetValue(entry.Offset, out var state) ? entry with { Type = state.Type, Payload = state.Payload, Trace = null }
            : Blank(entry);
    }

    /// <summary>Replaces those of the block's entries that are asked for.</summary>
    /// <param name="offsets">Rising.</param>
    /// <param name="at">Where in <paramref name="offsets"/> the block begins; afterwards where the next one does.</param>
    /// <returns>The block anew, null when it is as it should be.</returns>
    public static EncodedBlock? Replace(in StoredBlock block, long[] offsets, ref int at, Func<Entry, Entry> replace)
    {
        var entries = block.TakeAll();
        var isChanged = false;
        for (var i = 0; i < entries.Length && at < offsets.Length; i++)
        {
            if (entries[i].Offset != offsets[at])
                continue;
            at++;
            var next = replace(entries[i]);
            isChanged |= next != entries[i];
            entries[i] = next;
        }

        return isChanged ? BlockEncoder.EncodeWhole(entries) : null;
    }

    /// <summary>Whether an alert was raised by one of these entries.</summary>
    public static bool IsOf(string alertId, int partition, long[] offsets) =>
        AlertId.TryParse(alertId, out var id) && id.Partition == partition && Array.BinarySearch(offsets, id.Offset) >= 0;
}
