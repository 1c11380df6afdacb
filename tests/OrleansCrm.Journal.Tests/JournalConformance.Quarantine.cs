using System.Text;
using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    private static readonly QuarantineBounds Roomy = new(1_000, 1 << 20);

    private IQuarantineStore Quarantine => _test.Quarantine;

    [ConformanceFact]
    public async Task Refused_item_is_kept_as_it_came_and_found_by_tenant_and_code()
    {
        var bad = Refused("acme", "missing_user", "{\"a\":1}") with { MessageId = "m\01", Detail = "why ü", SentMs = 7, Length = 9 };
        await Quarantine.AddAsync([bad, Refused("acme", "too_large", "x"), Refused("beta", "missing_user", "y")], [], Roomy, None);
        await _test.CrashAndReopenAsync();

        var all = await ReadQuarantineAsync("acme");
        Assert.Equal(["too_large", "missing_user"], all.Select(row => row.Code));
        var kept = Assert.Single(await ReadQuarantineAsync("acme", "missing_user"));
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(kept.Raw));
        Assert.False(kept.IsWhole);
        Assert.Equal(bad with { Id = kept.Id, Raw = kept.Raw, MessageId = kept.MessageId }, kept);
        Assert.Equal(kept.Id, (await Quarantine.FindAsync("acme", kept.Id, None))!.Id);
        Assert.Null(await Quarantine.FindAsync("beta", kept.Id, None));
        Assert.Equal(2, (await Quarantine.ReadTallyAsync("acme", None)).Rows);
        Assert.Equal(new QuarantineTally(0, 0, 0), await Quarantine.ReadTallyAsync("gamma", None));
    }

    [ConformanceFact]
    public async Task Refused_item_that_comes_again_counts_once_more_in_its_row()
    {
        var item = Refused("acme", "missing_user", "x");
        await Quarantine.AddAsync([item, item], [], Roomy, None);
        await Quarantine.AddAsync([item with { ReceivedMs = 99 }, item with { Tenant = "beta" }], [], Roomy, None);

        var kept = Assert.Single(await ReadQuarantineAsync("acme"));
        Assert.Equal((3, item.ReceivedMs), (kept.Times, kept.ReceivedMs));
        Assert.Equal(1, (await Quarantine.ReadTallyAsync("acme", None)).Rows);
        Assert.Equal(1, Assert.Single(await ReadQuarantineAsync("beta")).Times);
    }

    [ConformanceFact]
    public async Task Oldest_refused_items_make_room_and_are_counted()
    {
        var five = new QuarantineBounds(5, 1 << 20);
        await Quarantine.AddAsync([.. Numbered("acme", 5)], [], five, None);
        await Quarantine.AddAsync([Refused("beta", "other", "b")], [], five, None);
        var oldest = (await ReadQuarantineAsync("acme"))[^1];
        await Quarantine.RecordReplaysAsync("acme", [new QuarantineReplay(oldest.Id, QuarantineStatus.Replayed, "accepted", "", 5)], None);

        await Quarantine.AddAsync([.. Numbered("acme", 3, from: 5)], [new QuarantineDrop("acme", 10)], five, None);

        Assert.Equal(["7", "6", "5", "4", "3"], (await ReadQuarantineAsync("acme")).Select(row => Encoding.UTF8.GetString(row.Raw)));
        var tally = await Quarantine.ReadTallyAsync("acme", None);
        Assert.Equal((5, 12L), (tally.Rows, tally.Dropped)); // the replayed one had been dealt with
        Assert.Single(await ReadQuarantineAsync("beta"));
    }

    [ConformanceFact]
    public async Task Bytes_of_refused_items_are_bounded_too()
    {
        var text = new string('x', 1_000);
        var rows = Enumerable.Range(0, 300).Select(i => Refused("acme", "code", text + i)).ToArray();

        await Quarantine.AddAsync(rows, [], new QuarantineBounds(1_000, 20_000), None);

        var tally = await Quarantine.ReadTallyAsync("acme", None);
        Assert.InRange(tally.Bytes, 1, 20_000);
        Assert.Equal((300, tally.Rows), ((int)tally.Dropped + tally.Rows, (await ReadQuarantineAsync("acme")).Length));
    }

    [ConformanceFact]
    public async Task Page_of_refused_items_ends_with_its_rows_or_its_bytes()
    {
        await Quarantine.AddAsync([.. Numbered("acme", 20)], [], Roomy, None);

        var first = await Quarantine.ReadAsync(new QuarantineQuery("acme", "", long.MaxValue, 7, 1 << 20), None);
        var second = await Quarantine.ReadAsync(new QuarantineQuery("acme", "code", first[^1].Id, 100, 3), None);

        Assert.Equal(["19", "18", "17", "16", "15", "14", "13"], first.Select(row => Encoding.UTF8.GetString(row.Raw)));
        Assert.Equal(["12", "11"], second.Select(row => Encoding.UTF8.GetString(row.Raw)));
        Assert.Single(await Quarantine.ReadAsync(new QuarantineQuery("acme", "", long.MaxValue, 7, 1), None));
    }

    [ConformanceFact]
    public async Task Refused_items_of_one_customer_are_read_alone()
    {
        QuarantineRow Of(string customer, string code) => Refused("acme", code, code) with { Customer = customer };
        await Quarantine.AddAsync(
            [Of("acme/user:ada", "a"), Of("acme/user:bob", "b"), Of("", "c"), Of("acme/user:ada", "d"), Of("acme/user:ada", "e")], [], Roomy, None);

        var first = await Quarantine.ReadAsync(new QuarantineQuery("acme", "", long.MaxValue, 2, 1 << 20, "acme/user:ada"), None);
        var second = await Quarantine.ReadAsync(new QuarantineQuery("acme", "", first[^1].Id, 2, 1 << 20, "acme/user:ada"), None);

        Assert.Equal(["e", "d", "a"], first.Concat(second).Select(row => row.Code));
    }

    [ConformanceFact]
    public async Task Replayed_items_wait_no_more_and_tell_what_became_of_them()
    {
        await Quarantine.AddAsync([.. Numbered("acme", 4)], [], Roomy, None);
        var ids = (await ReadQuarantineAsync("acme")).Select(row => row.Id).Order().ToArray();

        await Quarantine.RecordReplaysAsync(
            "acme",
            [new(ids[0], QuarantineStatus.Replayed, "accepted", "", 5), new(ids[2], QuarantineStatus.Failed, "missing_user", "still", 6), new(-1, QuarantineStatus.Failed, "", "", 7)],
            None);
        await Quarantine.RecordReplaysAsync("acme", [new(ids[0], QuarantineStatus.Failed, "late", "", 8)], None);
        await Quarantine.RecordReplaysAsync("beta", [new(ids[1], QuarantineStatus.Replayed, "accepted", "", 5)], None);

        Assert.Equal(ids[1..], (await Quarantine.ReadWaitingAsync("acme", "code", 0, 100, None)).Select(row => row.Id));
        Assert.Equal([ids[2]], (await Quarantine.ReadWaitingAsync("acme", "code", ids[1], 1, None)).Select(row => row.Id));
        var failed = await Quarantine.FindAsync("acme", ids[2], None);
        Assert.Equal(
            (QuarantineStatus.Failed, 1, 6L, "missing_user", "still"),
            (failed!.Status, failed.Replays, failed.ReplayedMs, failed.OutcomeCode, failed.OutcomeDetail));
    }

    [ConformanceFact]
    public async Task Refused_items_of_an_erased_customer_are_gone()
    {
        await Quarantine.AddAsync(
            [Refused("acme", "a", "1") with { Customer = "acme/user/ada" }, Refused("acme", "b", "2") with { Customer = "acme/anonymous/x" }, Refused("acme", "c", "3")],
            [],
            Roomy,
            None);

        Assert.Equal(0, await Quarantine.EraseAsync("beta", ["acme/user/ada"], None));
        Assert.Equal(2, await Quarantine.EraseAsync("acme", ["acme/user/ada", "acme/anonymous/x", "acme/user/nobody"], None));

        Assert.Equal(["c"], (await ReadQuarantineAsync("acme")).Select(row => row.Code));
        Assert.Equal(new QuarantineTally(1, 257, 0), await Quarantine.ReadTallyAsync("acme", None));
    }

    private static IEnumerable<QuarantineRow> Numbered(string tenant, int count, int from = 0) =>
        Enumerable.Range(from, count).Select(i => Refused(tenant, "code", i.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    [ConformanceFact]
    public async Task Refused_items_of_an_erased_customer_go_and_none_is_kept_any_more()
    {
        var epoch = await OwnAsync(0);
        var item = Refused("acme", "too_large", "x") with { Customer = Gone };
        await Quarantine.AddAsync([item, Refused("acme", "too_large", "y") with { Customer = "acme/user:stays" }], [], Roomy, None);
        await Journal.AppendAsync(0, epoch, 0, new[] { Rows.Entry(0, 0, Gone) }, None);
        await Journal.FlushAsync(Rows.Flush(0, epoch, 1, [Rows.Snapshot(Gone, 0)], [Rows.Strand(Gone, 0)]), None);
        var hash = CustomerHash.Of(Journal.Identity.HashKey, Gone).ToString("N");
        await Journal.BeginErasureAsync(new ErasureRow(0, hash, Gone, 5, 0, []), epoch, None);
        await Quarantine.AddAsync([Refused("acme", "too_large", "z") with { Customer = Gone }], [], Roomy, None);
        Assert.Equal(2, (await ReadQuarantineAsync("acme")).Length);
        await Journal.EraseAsync(new ErasureWrite(0, epoch, hash, Gone, Rows.Entry(0, 0, TombstoneKey), [], [0], alert => alert), None);
        await Quarantine.AddAsync([item], [], Roomy, None);
        Assert.Equal("acme/user:stays", Assert.Single(await ReadQuarantineAsync("acme")).Customer);
        Assert.Equal(1, (await Quarantine.ReadTallyAsync("acme", None)).Rows);
        Assert.Equal(1, Assert.Single(await Journal.ReadErasuresAsync(0, None)).Stores.Single(s => s.Store == "quarantine").Count);
    }

    private static QuarantineRow Refused(string tenant, string code, string raw) => new(
        0, tenant, Guid.NewGuid(), "", "server", "", "", "", code, "detail", 1_000, 0, raw.Length, Encoding.UTF8.GetBytes(raw));

    private Task<QuarantineRow[]> ReadQuarantineAsync(string tenant, string code = "") =>
        Quarantine.ReadAsync(new QuarantineQuery(tenant, code, long.MaxValue, 1_000, 1 << 20), None);
}
