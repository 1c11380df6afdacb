using System.Text.Json;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Server.Archives;

/// <summary>What the journal says of entries that were moved to an archive: the payload of <see cref="EntryTypes.HistoryCompacted"/>.</summary>
/// <param name="File">Name of the archive file, without its directory.</param>
/// <param name="Sha256">Of the whole file; lower-case hex.</param>
/// <param name="BeforeMs">Entries that were recorded before it were moved, Unix milliseconds.</param>
internal sealed record CompactionNote(string File, string Sha256, long Entries, long Customers, long BeforeMs)
{
    public static CompactionNote[] Of(IEnumerable<Entry> wide) =>
        [.. wide.Where(e => e.Type == EntryTypes.HistoryCompacted).Select(e => JsonSerializer.Deserialize<CompactionNote>(e.Payload, JsonSerializerOptions.Web)!)];

    /// <summary>The earliest instant from which on a partition has everything; null when it has all.</summary>
    public static long? ReachesBackTo(IEnumerable<Entry> wide) => Of(wide).Max(note => (long?)note.BeforeMs);

    public byte[] ToPayload() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);
}
