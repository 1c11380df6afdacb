using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task Flush_stores_snapshots_strands_outbox_sums_and_checkpoint_together()
    {
        var epoch = await OwnAsync(0);
        await Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 6), None);
        var flush = Rows.Flush(
            0,
            epoch,
            checkpoint: 5,
            [Rows.Snapshot("acme/user:a", 4, 77, "import-1", new("customers", 1), new("revenue", -5)), Rows.Snapshot("acme/user:é", 5)],
            [Rows.Strand("acme/user:a", 0, 1, 4), Rows.Strand("acme/user:é", 5)],
            [Rows.Outgoing(4, 1, "0-4-1"), Rows.Outgoing(4, 0, "0-4-0")]);
        await Journal.FlushAsync(flush, None);
        await _test.CrashAndReopenAsync();

        var snapshots = await Journal.ReadSnapshotsAsync(0, ["acme/user:é", "acme/user:none", "acme/user:a"], None);
        Assert.Equal(
            [Rows.Describe(flush.Snapshots[1]), "none", Rows.Describe(flush.Snapshots[0])],
            snapshots.Select(Rows.Describe));
        Assert.Equal(flush.Strands.Select(Rows.Describe), (await Journal.ReadStrandsAfterAsync(0, 0, 10, None)).Select(Rows.Describe));
        var outbox = (await Journal.ReadOutboxAsync(0, None)).Select(row => Rows.Describe(row.Outgoing));
        Assert.Equal([Rows.Describe(flush.Outbox[1]), Rows.Describe(flush.Outbox[0])], outbox);
        Assert.Equal([new("customers", 1), new("revenue", -5)], await Journal.ReadSumsAsync("acme", None));
        Assert.Equal(5, (await Journal.TakeOverAsync(0, None)).Checkpoint);
    }

    [ConformanceFact]
    public async Task Delivered_outcomes_leave_the_outbox_and_a_repeated_one_stands_there_once()
    {
        var epoch = await OwnAsync(0);
        Outgoing[] outbox =
            [Rows.Outgoing(4, 0, "a"), Rows.ToCustomer(4, 1, "t/user:b"), Rows.ToCustomer(5, 0, "t/user:c"), Rows.Outgoing(11, 0, "d")];
        await Journal.FlushAsync(Rows.Flush(0, epoch, 1, outbox: outbox), None);
        await Journal.FlushAsync(Rows.Flush(0, epoch, 2, outbox: [outbox[3]], deliveredOffset: 4, deliveredIndex: 1), None);
        var left = await Journal.ReadOutboxAsync(0, None);
        Assert.Equal([Rows.Describe(outbox[2]), Rows.Describe(outbox[3])], left.Select(row => Rows.Describe(row.Outgoing)));
    }

    [ConformanceFact]
    public async Task Snapshots_of_a_partition_are_paged_in_byte_order_of_the_customer()
    {
        var epoch = await OwnAsync(2);
        await Journal.FlushAsync(Rows.Flush(await OwnAsync(1) > 0 ? 1 : 0, 1, 0, [Rows.Snapshot("acme/user:elsewhere", 0)]), None);
        string[] sorted = ["acme/anonymous:1", "acme/user:A", "acme/user:a", "acme/user:a\uE000", "acme/user:a𝄞", "acme/user:z"];
        await Journal.FlushAsync(Rows.Flush(2, epoch, 0, sorted.Reverse().Select(customer => Rows.Snapshot(customer, 0)).ToArray()), None);

        var all = new List<string>();
        while (await Journal.ReadSnapshotsAfterAsync(2, all.LastOrDefault(""), 2, None) is { Length: > 0 } page)
            all.AddRange(page.Select(row => row.Customer));
        Assert.Equal(sorted, all);
    }

    [ConformanceFact]
    public async Task Due_wakes_come_earliest_first_and_leave_out_running_imports()
    {
        var epoch = await OwnAsync(0);
        SnapshotRow[] rows =
        [
            Rows.Snapshot("acme/user:late", 1, 3_000),
            Rows.Snapshot("acme/user:soon", 2, 1_000, "import-1"),
            Rows.Snapshot("acme/user:never", 3),
            Rows.Snapshot("acme/user:mid", 4, 2_000, "import-2"),
            Rows.Snapshot("acme/user:moved", 5, 500),
        ];
        await Journal.FlushAsync(Rows.Flush(0, epoch, 0, rows), None);
        await Journal.FlushAsync(Rows.Flush(0, epoch, 0, [Rows.Snapshot("acme/user:moved", 6, 9_000)]), None);

        DueWake[] due = [new("acme/user:soon", 1_000, "import-1", 2), new("acme/user:mid", 2_000, "import-2", 4), new("acme/user:late", 3_000, "", 1)];
        Assert.Equal(due, await Journal.ReadDueWakesAsync(0, 3_000, 10, [], None));
        Assert.Equal(due[..2], await Journal.ReadDueWakesAsync(0, 2_999, 10, [], None));
        Assert.Equal(due[..1], await Journal.ReadDueWakesAsync(0, 3_000, 1, [], None));
        Assert.Equal(due[1..], await Journal.ReadDueWakesAsync(0, 3_000, 10, ["import-1"], None));
        Assert.Equal(due[2..], await Journal.ReadDueWakesAsync(0, 3_000, 1, ["import-2", "import-1"], None));
        Assert.Empty(await Journal.ReadDueWakesAsync(1, long.MaxValue, 10, [], None));
    }

    [ConformanceFact]
    public async Task Strands_of_a_customer_come_newest_first_and_all_strands_in_the_order_written()
    {
        var epoch = await OwnAsync(0);
        await Journal.FlushAsync(Rows.Flush(0, epoch, 0, strands: [Rows.Strand("acme/user:a", 0, 2), Rows.Strand("acme/user:b", 1)]), None);
        await Journal.FlushAsync(Rows.Flush(0, epoch, 0, strands: [Rows.Strand("acme/user:a", 5, 300, 70_000)]), None);
        await Journal.FlushAsync(Rows.Flush(0, epoch, 0, strands: [Rows.Strand("acme/user:a", 5_000_000_000)]), None);
        await OwnAsync(1);
        await Journal.FlushAsync(Rows.Flush(1, 1, 0, strands: [Rows.Strand("acme/user:z", 9)]), None);

        var mine = await Journal.ReadStrandsAsync(0, "acme/user:a", long.MaxValue, 2, None);
        Assert.Equal([5_000_000_000, 70_000], mine.Select(strand => strand.Offsets[^1]));
        Assert.Equal(Rows.Describe(Rows.Strand("acme/user:a", 5, 300, 70_000)), Rows.Describe(mine[1]));
        Assert.Equal([2L], (await Journal.ReadStrandsAsync(0, "acme/user:a", 70_000, 9, None)).Select(strand => strand.Offsets[^1]));
        Assert.Equal([2L, 70_000], (await Journal.ReadStrandsFromAsync(0, "acme/user:a", 0, 2, None)).Select(strand => strand.Offsets[^1]));
        Assert.Equal([70_000, 5_000_000_000], (await Journal.ReadStrandsFromAsync(0, "acme/user:a", 70_000, 9, None)).Select(strand => strand.Offsets[^1]));
        Assert.Empty(await Journal.ReadStrandsFromAsync(0, "acme/user:a", 5_000_000_001, 9, None));

        var all = new List<StrandRow>();
        while (await Journal.ReadStrandsAfterAsync(0, all.Count == 0 ? 0 : all[^1].Row, 3, None) is { Length: > 0 } page)
            all.AddRange(page);
        Assert.Equal([2, 1, 70_000, 5_000_000_000], all.Select(strand => strand.Offsets[^1]));
        Assert.Equal(all.Select(strand => strand.Row).Order(), all.Select(strand => strand.Row));
    }

    [ConformanceFact]
    public async Task Sums_equal_the_snapshot_rows_whatever_is_written_and_how_often()
    {
        var random = new Random(20260);
        var epochs = new[] { await OwnAsync(0), await OwnAsync(1) };
        var model = new Dictionary<(string Customer, string Metric), long>();
        string[] metrics = ["customers", "orders", "revenue:EUR", "phase:loyalty", "active@9", "active@10", "bought@10"];
        for (var round = 0; round < 40; round++)
        {
            var partition = random.Next(2);
            var rows = new Dictionary<string, SnapshotRow>();
            for (var i = 0; i < 12; i++)
            {
                var customer = $"{(random.Next(3) == 0 ? "beta" : "acme")}/user:{partition}-{random.Next(15)}";
                var sums = metrics.Where(_ => random.Next(2) == 0).Order(StringComparer.Ordinal)
                    .Select(metric => new MetricSum(metric, metric.Contains('@') ? random.NextInt64() & random.NextInt64() & random.NextInt64() : random.Next(-3, 4))).ToArray();
                rows[customer] = Rows.Snapshot(customer, round, sums: sums);
            }

            foreach (var row in rows.Values)
            {
                foreach (var metric in metrics)
                    model.Remove((row.Customer, metric));
                foreach (var sum in row.Sums)
                    model[(row.Customer, sum.Metric)] = sum.Value;
            }

            var flush = Rows.Flush(partition, epochs[partition], 0, rows.Values.ToArray());
            await Journal.FlushAsync(flush, None);
            if (round % 5 == 0)
                await Journal.FlushAsync(flush, None);
            if (round == 20)
                await _test.CrashAndReopenAsync();
            foreach (var tenant in new[] { "acme", "beta" })
            {
                var expected = model.Where(pair => pair.Key.Customer.StartsWith(tenant + "/", StringComparison.Ordinal))
                    .GroupBy(pair => pair.Key.Customer, pair => new MetricSum(pair.Key.Metric, pair.Value))
                    .SelectMany(contribution => MonthMetrics.Expand([.. contribution]))
                    .GroupBy(sum => sum.Metric, sum => sum.Value)
                    .Select(group => KeyValuePair.Create(group.Key, group.Sum()))
                    .Where(sum => sum.Value != 0)
                    .OrderBy(sum => sum.Key, StringComparer.Ordinal);
                Assert.Equal(expected, await Journal.ReadSumsAsync(tenant, None));
            }
        }
    }

    [ConformanceFact]
    public async Task Flush_that_is_our_mistake_fails_alone_and_leaves_nothing()
    {
        var epochs = new[] { await OwnAsync(0), await OwnAsync(1) };
        await Journal.FlushAsync(Rows.Flush(0, epochs[0], 0, strands: [Rows.Strand("acme/user:a", 1)]), None);
        var before = Journal.AppendAsync(1, epochs[1], 0, Rows.Entries(1, 0, 2), None);
        var twice = Journal.FlushAsync(
            Rows.Flush(0, epochs[0], 9, [Rows.Snapshot("acme/user:a", 1, 0, "", new MetricSum("orders", 1))], [Rows.Strand("acme/user:a", 1)]), None);
        var after = Journal.AppendAsync(1, epochs[1], 2, Rows.Entries(1, 2, 2), None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => twice);
        await before;
        await after;
        Assert.Equal(4, (await Rows.ReadAllAsync(Journal, 1)).Count);
        Assert.Null((await Journal.ReadSnapshotsAsync(0, ["acme/user:a"], None))[0]);
        Assert.Empty(await Journal.ReadSumsAsync("acme", None));
        Assert.Equal(0, (await Journal.TakeOverAsync(0, None)).Checkpoint);
    }
}
