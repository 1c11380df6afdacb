using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    private const string Gone = "acme/user:gone";
    private const string TombstoneKey = "acme/erased:0-00112233445566778899aabbccddeeff";
    private const string GoneHash = "00112233445566778899aabbccddeeff";

    [ConformanceFact]
    public async Task Blanked_entries_keep_their_place_and_say_nothing()
    {
        var epoch = await OwnAsync(0);
        var entries = Rows.Entries(0, 0, 400);
        await Journal.AppendAsync(0, epoch, 0, entries.AsMemory(0, 150), None);
        await Journal.AppendAsync(0, epoch, 150, entries.AsMemory(150), None);
        long[] offsets = [0, 1, 149, 150, 399];
        await Journal.BlankAsync(0, epoch, offsets, None);
        await Journal.BlankAsync(0, epoch, [1, 2, 150], None);
        await _test.CrashAndReopenAsync();

        var read = await Rows.ReadAllAsync(Journal, 0);
        Assert.Equal(entries.Select(e => (e.Offset, e.RecordedMs)), read.Select(e => (e.Offset, e.RecordedMs)));
        foreach (var entry in read)
        {
            if (entry.Offset is 0 or 1 or 2 or 149 or 150 or 399)
                Assert.Equal(("", Guid.Empty, EntryTypes.Erased, entry.RecordedMs, 0), (entry.Customer, entry.MessageId, entry.Type, entry.TimeMs, entry.Payload.Length));
            else
                Assert.Equal(Rows.Describe(entries[entry.Offset]), Rows.Describe(entry));
        }

        Assert.Equal(Rows.Describe([read[149], read[200]]), Rows.Describe(await Journal.ReadAtAsync(0, [149, 200], None)));
        Assert.Empty(await Journal.ReadWideAsync(0, None));
    }

    [ConformanceFact]
    public async Task Redacted_entry_says_something_else_and_has_nothing_left_to_deliver()
    {
        var epoch = await OwnAsync(0);
        var entries = Rows.Entries(0, 0, 400);
        await Journal.AppendAsync(0, epoch, 0, entries, None);
        await Journal.FlushAsync(Rows.Flush(0, epoch, 400, [], [], [Rows.Outgoing(7, 0, "0-7-0"), Rows.Outgoing(8, 0, "0-8-0"), Rows.Outgoing(399, 1, "0-9-0")]), None);
        Entry[] redacted = [entries[7] with { Payload = Encoding.UTF8.GetBytes($"\"{new string('x', 3_000)}\""), Customer = "acme/user:other" }, entries[399] with { Payload = "{}"u8.ToArray() }];
        await Journal.BlankAsync(0, epoch, [12], None);
        await Journal.RedactAsync(0, epoch, [redacted[0], entries[12], redacted[1]], None);
        await _test.CrashAndReopenAsync();

        entries[12] = entries[12] with { Customer = "", MessageId = Guid.Empty, Type = EntryTypes.Erased, TimeMs = entries[12].RecordedMs, Payload = [] };
        (entries[7], entries[399]) = (entries[7] with { Payload = redacted[0].Payload }, redacted[1]);
        Assert.Equal(Rows.Describe(entries), Rows.Describe(await Rows.ReadAllAsync(Journal, 0)));
        Assert.Equal(["0-8-0"], (await Journal.ReadOutboxAsync(0, None)).Select(r => r.Outgoing.AlertId));
    }

    [ConformanceFact]
    public async Task Archived_entries_leave_their_places_and_a_state()
    {
        var epoch = await OwnAsync(0);
        var entries = Rows.Entries(0, 0, 400);
        await Journal.AppendAsync(0, epoch, 0, entries.AsMemory(0, 150), None);
        await Journal.AppendAsync(0, epoch, 150, entries.AsMemory(150), None);
        await Journal.BlankAsync(0, epoch, [9, 12], None);
        var payload = Encoding.UTF8.GetBytes($"\"{new string('x', 300_000)}\"");
        Entry[] states = [entries[9], entries[151] with { Type = EntryTypes.HistoryArchived, Payload = payload, Customer = "acme/user:other" }];
        await Journal.ArchiveAsync(0, epoch, [2, 12, 399], states, None);
        await Assert.ThrowsAsync<FencedException>(() => Journal.ArchiveAsync(0, epoch - 1, [3], [], None));
        await _test.CrashAndReopenAsync();

        foreach (var offset in (int[])[2, 9, 12, 399])
            entries[offset] = entries[offset] with { Customer = "", MessageId = Guid.Empty, Type = EntryTypes.Erased, TimeMs = entries[offset].RecordedMs, Payload = [] };
        entries[151] = entries[151] with { Type = EntryTypes.HistoryArchived, Payload = payload, Trace = null };
        Assert.Equal(Rows.Describe(entries), Rows.Describe(await Rows.ReadAllAsync(Journal, 0)));
    }

    [ConformanceFact]
    public async Task Tombstone_takes_the_customers_place_in_every_table()
    {
        var epoch = await OwnAsync(0);
        Entry[] entries = [Rows.Entry(0, 0, Gone), Rows.Entry(0, 1, "acme/user:stays"), Rows.Entry(0, 2, Gone), Rows.Entry(0, 3, Gone)];
        await Journal.AppendAsync(0, epoch, 0, entries, None);
        Outgoing[] alerts = [Rows.Outgoing(2, 0, "0-2-0"), Rows.Outgoing(4, 1, "0-1-0"), Rows.Outgoing(4, 2, "1-2-0")];
        await Journal.FlushAsync(
            Rows.Flush(
                0,
                epoch,
                4,
                [Rows.Snapshot(Gone, 3, 77, "import", new("customers.erased", 1), new("orders", 2)), Rows.Snapshot("acme/user:stays", 1, 0, "", new MetricSum("orders", 5))],
                [Rows.Strand(Gone, 0, 2), Rows.Strand(Gone, 3), Rows.Strand("acme/user:stays", 1)],
                alerts),
            None);
        await Journal.RecordFaultAsync(new FaultRow(0, 2, Gone, "error", "build", 1), epoch, None);
        await WriteDeskAsync(1, new SenderPosition(0, 4, 2), alerts);
        await Journal.BeginErasureAsync(new ErasureRow(0, GoneHash, Gone, 5, 0, []), epoch, None);
        await Journal.BeginErasureAsync(new ErasureRow(0, GoneHash, Gone, 6, 0, []), epoch, None);
        Assert.Equal((GoneHash, Gone, 5, 0, 0), Describe(Assert.Single(await Journal.ReadErasuresAsync(0, None))));

        await Journal.BlankAsync(0, epoch, [0, 2], None);
        var tombstone = new Entry(0, 3, TombstoneKey, new Guid(1, 2, 3, new byte[8]), EntryTypes.ErasureRequested, entries[3].TimeMs, entries[3].RecordedMs, "{}"u8.ToArray());
        await Journal.EraseAsync(
            new ErasureWrite(0, epoch, GoneHash, Gone, tombstone, "{\"gone\":1}"u8.ToArray(), [0, 2, 3], _ => "erased"u8.ToArray()), None);
        await Journal.EndErasureAsync(0, epoch, GoneHash, 9, None);
        await _test.CrashAndReopenAsync();

        Assert.Equal(
            [Rows.Describe(tombstone), Rows.Describe(entries[1])],
            Rows.Describe(await Journal.ReadAtAsync(0, [3, 1], None)));
        var rows = await Journal.ReadSnapshotsAsync(0, [Gone, TombstoneKey, "acme/user:stays"], None);
        Assert.Null(rows[0]);
        Assert.Equal((3, 0, "", "{\"gone\":1}"), (rows[1]!.CoveredOffset, rows[1]!.NextWakeMs, rows[1]!.Import, Encoding.UTF8.GetString(rows[1]!.State)));
        Assert.Equal([new("customers.erased", 1), new("orders", 7)], await Journal.ReadSumsAsync("acme", None));
        Assert.Empty(await Journal.ReadStrandsAsync(0, Gone, long.MaxValue, 10, None));
        Assert.Equal(
            ["acme/user:stays", TombstoneKey],
            (await Journal.ReadStrandsAfterAsync(0, 0, 10, None)).Select(s => s.Customer));
        Assert.Empty(await Journal.ReadFaultsAsync(0, None));
        Assert.Equal(["0-1-0", "1-2-0"], (await Journal.ReadOutboxAsync(0, None)).Select(r => r.Outgoing.AlertId));
        Assert.Equal(
            ["erased", "0-1-0 at 4-1", "1-2-0 at 4-2"],
            (await Journal.ReadDeskChangesAsync(Desk, 0, 10, None)).Select(c => Encoding.UTF8.GetString(c.Alert)));
        Assert.Equal(2, (await Journal.ReadDeskAlertsAsync(Desk, 10, None)).Total);
        var erasure = Assert.Single(await Journal.ReadErasuresAsync(0, None));
        Assert.Equal((GoneHash, TombstoneKey, 5, 9, 8), Describe(erasure));
        Assert.Equal(
            "entries 3, strands 2, snapshots 1, faults 1, outbox 1, alertChanges 1, openAlerts 1, quarantine 0",
            string.Join(", ", erasure.Stores.Select(s => $"{s.Store} {s.Count}")));
        Assert.True(await Journal.ScrubAsync(None));
    }

    [ConformanceFact]
    public async Task Erasing_is_for_the_owner()
    {
        var epoch = await OwnAsync(0);
        await Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None);
        await OwnAsync(0);
        var write = new ErasureWrite(0, epoch, GoneHash, Gone, Rows.Entry(0, 1), [], [1], alert => alert);
        await Assert.ThrowsAsync<FencedException>(() => Journal.BeginErasureAsync(new ErasureRow(0, GoneHash, Gone, 5, 0, []), epoch, None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.BlankAsync(0, epoch, [1], None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.RedactAsync(0, epoch, [Rows.Entry(0, 1)], None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.EraseAsync(write, None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.EndErasureAsync(0, epoch, GoneHash, 9, None));
        Assert.Empty(await Journal.ReadErasuresAsync(0, None));
        Assert.Equal(Rows.Describe(Rows.Entries(0, 0, 3)), Rows.Describe(await Rows.ReadAllAsync(Journal, 0)));
        Assert.Equal(64, Journal.Identity.HashKey.Length);
    }

    private static (string, string, long, long, int) Describe(ErasureRow row) =>
        (row.Hash, row.Customer, row.RequestedMs, row.DoneMs, row.Stores.Length);
}
