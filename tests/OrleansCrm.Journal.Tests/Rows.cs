using System.Globalization;
using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Tests;

/// <summary>Rows to store whose every field says where it belongs.</summary>
internal static class Rows
{
    public const long StartMs = 1_700_000_000_000;

    public static Entry Entry(int partition, long offset, string? customer = null) => new(
        partition,
        offset,
        customer ?? $"acme/user:{partition}-{offset % 7}",
        new Guid(partition, 1, 2, BitConverter.GetBytes(offset)),
        offset % 3 == 0 ? EntryTypes.Identify : EntryTypes.Track,
        StartMs + offset * 10 - (offset % 5) * 1000,
        StartMs + offset * 10,
        Encoding.UTF8.GetBytes($"{{\"n\":\"{partition}-{offset} é\"}}"));

    public static Entry[] Entries(int partition, long head, int count)
    {
        var entries = new Entry[count];
        for (var i = 0; i < count; i++)
            entries[i] = Entry(partition, head + i);
        return entries;
    }

    public static SnapshotRow Snapshot(string customer, long covered, long nextWakeMs = 0, string import = "", params MetricSum[] sums) => new(
        customer,
        covered,
        Encoding.UTF8.GetBytes($"{{\"customer\":\"{customer}\",\"at\":{covered}}}"),
        nextWakeMs,
        import,
        new SearchColumns("purchase", "gold", 123_456, 3, 99_000_000, StartMs + covered),
        sums);

    public static StrandRow Strand(string customer, params long[] offsets) => new(
        0, customer, offsets, Array.ConvertAll(offsets, offset => new Guid((int)offset, 7, 7, new byte[8])), StrandOutcomes.Encode([["first", "ü"], .. offsets.Skip(1).Select(_ => (string[]?)null)]));

    public static Outgoing Outgoing(long offset, int index, string alertId, bool finished = false, long rank = 0) => new(
        offset, index, "acme/retention", alertId, finished, rank, Encoding.UTF8.GetBytes($"{alertId} at {offset}-{index}"));

    public static Outgoing ToCustomer(long offset, int index, string customer) => Contracts.Customers.Outgoing.ToCustomer(
        offset, index, new OutgoingEntry(customer, EntryTypes.IdentityClaim, StartMs + offset, Encoding.UTF8.GetBytes($"{offset}-{index}")));

    public static FlushRequest Flush(
        int partition,
        long epoch,
        long checkpoint,
        SnapshotRow[]? snapshots = null,
        StrandRow[]? strands = null,
        Outgoing[]? outbox = null,
        long deliveredOffset = -1,
        int deliveredIndex = -1) =>
        new(partition, epoch, checkpoint, snapshots ?? [], strands ?? [], outbox ?? [], deliveredOffset, deliveredIndex);

    /// <summary>All fields in one text: records compare arrays by reference, texts compare by what they say.</summary>
    public static string Describe(Entry? entry) => entry is null
        ? "none"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.PublicId} {entry.Customer} {entry.MessageId} {entry.Type} {entry.TimeMs} {entry.RecordedMs} {Convert.ToHexString(entry.Payload)}");

    public static string[] Describe(IEnumerable<Entry?> entries) => entries.Select(Describe).ToArray();

    public static string Describe(SnapshotRow? row) => row is null
        ? "none"
        : $"{row.Customer} {row.CoveredOffset} {row.NextWakeMs} {row.Import} {row.Search} {Encoding.UTF8.GetString(row.State)} {string.Join(',', row.Sums.AsEnumerable())}";

    public static string Describe(StrandRow row) => $"{row.Customer} {string.Join(',', row.Offsets)} {string.Join(',', row.MessageIds)} {Convert.ToHexString(row.Outcomes)}";

    public static string Describe(Outgoing row) =>
        $"{row.Offset}-{row.Index} {row.Desk} {row.AlertId} {row.IsFinished} {row.Rank} {Encoding.UTF8.GetString(row.Alert)}"
        + (row.Entry is { } entry ? $" for {entry.Customer} {entry.Type} {entry.TimeMs} {Encoding.UTF8.GetString(entry.Payload)}" : "");

    /// <summary>Reads a partition from an offset to its end.</summary>
    public static async Task<List<Entry>> ReadAllAsync(IJournal journal, int partition, long fromOffset = 0, int page = 100)
    {
        var all = new List<Entry>();
        while (true)
        {
            var entries = await journal.ReadAsync(partition, fromOffset, page, CancellationToken.None);
            if (entries.Length == 0)
                return all;
            all.AddRange(entries);
            fromOffset = entries[^1].Offset + 1;
        }
    }
}
