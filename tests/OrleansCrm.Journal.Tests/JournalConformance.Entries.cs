using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task New_partition_is_empty_and_each_takeover_raises_its_epoch()
    {
        Assert.Equal(Partitions, Journal.Identity.Partitions);
        Assert.NotEqual(Guid.Empty, Journal.Identity.DatabaseId);
        Assert.Equal(new PartitionTakeover(1, 0, 0, 0), await Journal.TakeOverAsync(3, None));
        Assert.Equal(new PartitionTakeover(2, 0, 0, 0), await Journal.TakeOverAsync(3, None));
        Assert.Empty(await Journal.ReadAsync(3, 0, 10, None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Journal.TakeOverAsync(Partitions, None));
    }

    [ConformanceFact]
    public async Task Appended_entries_come_back_gapless_and_whole_also_after_a_crash()
    {
        var epoch = await OwnAsync(1);
        long head = 0;
        foreach (var count in new[] { 1, 5, 300, 1, 2 })
        {
            await Journal.AppendAsync(1, epoch, head, Rows.Entries(1, head, count), None);
            head += count;
        }

        var expected = Rows.Describe(Rows.Entries(1, 0, (int)head));
        Assert.Equal(expected, Rows.Describe(await Rows.ReadAllAsync(Journal, 1, page: 7)));
        Assert.Equal(expected[3..], Rows.Describe(await Rows.ReadAllAsync(Journal, 1, fromOffset: 3, page: 1000)));

        await _test.CrashAndReopenAsync();
        Assert.Equal(expected, Rows.Describe(await Rows.ReadAllAsync(Journal, 1)));
        var takeover = await Journal.TakeOverAsync(1, None);
        Assert.Equal(new PartitionTakeover(epoch + 1, head, 0, Rows.StartMs + (head - 1) * 10), takeover);
    }

    [ConformanceFact]
    public async Task Entry_of_any_shape_comes_back_as_it_was()
    {
        var epoch = await OwnAsync(0);
        var longName = new string('ß', 127);
        Entry[] entries =
        [
            new(0, 0, "", Guid.Empty, EntryTypes.ProgramPublished, 5, 5, []),
            new(0, 1, $"acme/user:{longName}", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), "x", -62_135_596_800_000, 5, [0, 255]),
            new(0, 2, "acme/user:𝄞", Guid.AllBitsSet, "track", 6, 253_402_300_799_999, new byte[700_000]),
            new(0, 3, "acme/user:𝄞", Guid.Empty, "track", 253_402_300_799_999, 253_402_300_799_999, [1]),
        ];
        await Journal.AppendAsync(0, epoch, 0, entries, None);
        Assert.Equal(Rows.Describe(entries), Rows.Describe(await Rows.ReadAllAsync(Journal, 0)));
    }

    [ConformanceFact]
    public async Task Batch_that_fills_many_blocks_is_read_across_them()
    {
        var epoch = await OwnAsync(0);
        var entries = Rows.Entries(0, 0, 2_000);
        for (var i = 0; i < entries.Length; i++)
            entries[i] = entries[i] with { Payload = new byte[300 + i % 50] };
        await Journal.AppendAsync(0, epoch, 0, entries, None);
        Assert.Equal(Rows.Describe(entries), Rows.Describe(await Rows.ReadAllAsync(Journal, 0, page: 333)));
        var at = await Journal.ReadAtAsync(0, [1_999, 0, 777], None);
        Assert.Equal(Rows.Describe([entries[1_999], entries[0], entries[777]]), Rows.Describe(at));
    }

    [ConformanceFact]
    public async Task Reading_at_offsets_keeps_the_order_asked_for_and_knows_what_is_not_there()
    {
        var epoch = await OwnAsync(2);
        await Journal.AppendAsync(2, epoch, 0, Rows.Entries(2, 0, 10), None);
        await Journal.AppendAsync(2, epoch, 10, Rows.Entries(2, 10, 10), None);
        var found = await Journal.ReadAtAsync(2, [15, 3, 3, 20, -1, 9, 10, long.MaxValue], None);
        Entry?[] expected =
            [Rows.Entry(2, 15), Rows.Entry(2, 3), Rows.Entry(2, 3), null, null, Rows.Entry(2, 9), Rows.Entry(2, 10), null];
        Assert.Equal(Rows.Describe(expected), Rows.Describe(found));
        Assert.Empty(await Journal.ReadAtAsync(2, [], None));
    }

    [ConformanceFact]
    public async Task Old_owner_that_wakes_up_cannot_write()
    {
        var old = await OwnAsync(0);
        await Journal.AppendAsync(0, old, 0, Rows.Entries(0, 0, 3), None);
        var young = await OwnAsync(0);

        await Assert.ThrowsAsync<FencedException>(() => Journal.AppendAsync(0, old, 3, Rows.Entries(0, 3, 1), None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.FlushAsync(Rows.Flush(0, old, 3, [Rows.Snapshot("acme/user:1", 1)]), None));
        await Assert.ThrowsAsync<FencedException>(
            () => Journal.RecordFaultAsync(new FaultRow(0, 1, "acme/user:1", "broken", "1.0", 1), old, None));

        Assert.Equal(3, (await Rows.ReadAllAsync(Journal, 0)).Count);
        Assert.Null((await Journal.ReadSnapshotsAsync(0, ["acme/user:1"], None))[0]);
        Assert.Empty(await Journal.ReadFaultsAsync(0, None));
        await Journal.AppendAsync(0, young, 3, Rows.Entries(0, 3, 1), None);
        Assert.Equal(new PartitionTakeover(young + 1, 4, 0, Rows.StartMs + 30), await Journal.TakeOverAsync(0, None));
    }

    [ConformanceFact]
    public async Task Owner_with_a_wrong_head_cannot_write()
    {
        var epoch = await OwnAsync(0);
        await Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None);
        await Assert.ThrowsAsync<FencedException>(() => Journal.AppendAsync(0, epoch, 2, Rows.Entries(0, 2, 1), None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.AppendAsync(0, epoch, 4, Rows.Entries(0, 4, 1), None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None));
        Assert.Equal(Rows.Describe(Rows.Entries(0, 0, 3)), Rows.Describe(await Rows.ReadAllAsync(Journal, 0)));
    }

    [ConformanceFact]
    public async Task Entries_that_do_not_follow_the_head_or_fall_in_recorded_time_are_our_mistake()
    {
        var epoch = await OwnAsync(0);
        var falling = new[] { Rows.Entry(0, 0), Rows.Entry(0, 1) with { RecordedMs = Rows.StartMs - 1 } };
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 1, 1), None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.AppendAsync(0, epoch, 0, Rows.Entries(1, 0, 1), None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.AppendAsync(0, epoch, 0, falling, None));

        await Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 1), None);
        var earlier = new[] { Rows.Entry(0, 1) with { RecordedMs = Rows.StartMs - 1 } };
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.AppendAsync(0, epoch, 1, earlier, None));
        var same = new[] { Rows.Entry(0, 1) with { RecordedMs = Rows.StartMs } };
        await Journal.AppendAsync(0, epoch, 1, same, None);
        Assert.Equal(2, (await Rows.ReadAllAsync(Journal, 0)).Count);
    }

    [ConformanceFact]
    public async Task Partitions_append_at_the_same_time_and_a_fenced_one_stops_no_other()
    {
        var epochs = new long[Partitions];
        for (var partition = 0; partition < Partitions; partition++)
            epochs[partition] = await OwnAsync(partition);
        const int rounds = 50;
        await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => Task.Run(async () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                var good = Journal.AppendAsync(partition, epochs[partition], round * 3, Rows.Entries(partition, round * 3, 3), None);
                var fenced = Journal.AppendAsync(partition, epochs[partition] - 1, 0, Rows.Entries(partition, 0, 2), None);
                await Assert.ThrowsAsync<FencedException>(() => fenced);
                await good;
            }
        })));

        await _test.CrashAndReopenAsync();
        for (var partition = 0; partition < Partitions; partition++)
        {
            var expected = Rows.Describe(Rows.Entries(partition, 0, rounds * 3));
            Assert.Equal(expected, Rows.Describe(await Rows.ReadAllAsync(Journal, partition)));
        }
    }

    [ConformanceFact]
    public async Task Pipelined_appends_of_one_partition_keep_their_order()
    {
        var epoch = await OwnAsync(0);
        var appends = new List<Task>();
        for (var head = 0; head < 200; head += 2)
            appends.Add(Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 2), None));
        await Task.WhenAll(appends);
        Assert.Equal(Rows.Describe(Rows.Entries(0, 0, 200)), Rows.Describe(await Rows.ReadAllAsync(Journal, 0)));
    }

    [ConformanceFact]
    public async Task Append_is_visible_to_readers_when_it_returns()
    {
        var epoch = await OwnAsync(0);
        for (var head = 0; head < 50; head++)
        {
            await Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1), None);
            Assert.Equal(Rows.Describe(Rows.Entries(0, head, 1)), Rows.Describe(await Journal.ReadAsync(0, head, 10, None)));
        }
    }

    [ConformanceFact]
    public async Task Partition_wide_entries_are_listed_in_order()
    {
        var epoch = await OwnAsync(1);
        var entries = Rows.Entries(1, 0, 9);
        foreach (var wide in new[] { 2, 3, 8 })
            entries[wide] = Rows.Entry(1, wide, customer: "");
        await Journal.AppendAsync(1, epoch, 0, entries.AsMemory(0, 3), None);
        await Journal.AppendAsync(1, epoch, 3, entries.AsMemory(3), None);
        await _test.CrashAndReopenAsync();
        Assert.Equal(Rows.Describe([entries[2], entries[3], entries[8]]), Rows.Describe(await Journal.ReadWideAsync(1, None)));
        Assert.Empty(await Journal.ReadWideAsync(0, None));
    }

    [ConformanceFact]
    public async Task Recorded_faults_are_listed_and_a_second_try_replaces_the_first()
    {
        var epoch = await OwnAsync(1);
        await Journal.RecordFaultAsync(new FaultRow(1, 7, "acme/user:a", "first", "1.0", 10), epoch, None);
        await Journal.RecordFaultAsync(new FaultRow(1, 2, "acme/user:b", "other", "1.0", 11), epoch, None);
        await Journal.RecordFaultAsync(new FaultRow(1, 7, "acme/user:a", "second", "1.1", 12), epoch, None);
        await _test.CrashAndReopenAsync();
        await Journal.RecordFaultAsync(new FaultRow(1, 7, "acme/user:c", "a partition-wide entry", "1.1", 13), epoch, None);

        FaultRow[] expected =
        [
            new(1, 2, "acme/user:b", "other", "1.0", 11),
            new(1, 7, "acme/user:a", "second", "1.1", 12),
            new(1, 7, "acme/user:c", "a partition-wide entry", "1.1", 13),
        ];
        Assert.Equal(expected, await Journal.ReadFaultsAsync(1, None));
        Assert.Empty(await Journal.ReadFaultsAsync(0, None));
    }
}
