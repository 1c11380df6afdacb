using System.Text;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    private const string Desk = "acme/retention";

    [ConformanceFact]
    public async Task Desk_changes_are_numbered_without_gaps_and_survive_a_crash()
    {
        var empty = await Journal.ReadDeskAsync(Desk, None);
        Assert.Equal((0, 1, 0), (empty.Sequence, empty.OldestSequence, empty.Senders.Length));

        await WriteDeskAsync(1, new SenderPosition(0, 4, 1), Rows.Outgoing(4, 0, "a"), Rows.Outgoing(4, 1, "b"));
        await WriteDeskAsync(3, new SenderPosition(2, 9, 0), Rows.Outgoing(9, 0, "c"));
        await WriteDeskAsync(4, new SenderPosition(0, 5, 0), Rows.Outgoing(5, 0, "a"));
        await _test.CrashAndReopenAsync();

        var position = await Journal.ReadDeskAsync(Desk, None);
        Assert.Equal((4, 1), (position.Sequence, position.OldestSequence));
        Assert.Equal([new SenderPosition(0, 5, 0), new SenderPosition(2, 9, 0)], position.Senders);
        var changes = await Journal.ReadDeskChangesAsync(Desk, 1, 2, None);
        Assert.Equal(["2 b at 4-1", "3 c at 9-0"], changes.Select(change => $"{change.Sequence} {Encoding.UTF8.GetString(change.Alert)}"));
        Assert.Empty(await Journal.ReadDeskChangesAsync(Desk, 4, 10, None));
        Assert.Equal(0, (await Journal.ReadDeskAsync("acme/other", None)).Sequence);
    }

    [ConformanceFact]
    public async Task Second_activation_of_a_desk_is_fenced_and_changes_nothing()
    {
        await WriteDeskAsync(1, new SenderPosition(0, 4, 0), Rows.Outgoing(4, 0, "a"));
        var late = new DeskWrite(Desk, 1, [Rows.Outgoing(6, 0, "x")], new SenderPosition(1, 6, 0));
        await Assert.ThrowsAsync<FencedException>(() => Journal.WriteDeskAsync(late, None));
        await Assert.ThrowsAsync<FencedException>(() => Journal.WriteDeskAsync(late with { FirstSequence = 3 }, None));

        var position = await Journal.ReadDeskAsync(Desk, None);
        Assert.Equal([new SenderPosition(0, 4, 0)], position.Senders);
        Assert.Equal(1, (await Journal.ReadDeskAlertsAsync(Desk, 10, None)).Total);
    }

    [ConformanceFact]
    public async Task Unfinished_alerts_have_pages_that_need_no_alert_to_stay()
    {
        await WriteDeskAsync(
            1, new SenderPosition(0, 1, 5), Rows.Outgoing(1, 0, "d", rank: 7), Rows.Outgoing(1, 1, "a", rank: 7), Rows.Outgoing(1, 2, "c", rank: 7),
            Rows.Outgoing(1, 3, "b", rank: 9), Rows.Outgoing(1, 4, "e", rank: -3));
        var first = await Journal.ReadOpenAlertsAsync(Desk, long.MaxValue, "", 3, None);
        Assert.Equal(["9 b b at 1-3", "7 a a at 1-1", "7 c c at 1-2"], first.Select(a => $"{a.Rank} {a.AlertId} {Encoding.UTF8.GetString(a.Alert)}"));

        await WriteDeskAsync(6, new SenderPosition(0, 2, 0), Rows.Outgoing(2, 0, "c", finished: true));

        Assert.Equal(["d", "e"], (await Journal.ReadOpenAlertsAsync(Desk, first[^1].Rank, first[^1].AlertId, 10, None)).Select(a => a.AlertId));
        Assert.Empty(await Journal.ReadOpenAlertsAsync(Desk, -3, "e", 10, None));
        Assert.Empty(await Journal.ReadOpenAlertsAsync("acme/other", long.MaxValue, "", 10, None));
    }

    [ConformanceFact]
    public async Task Unfinished_alerts_are_listed_by_rank_and_leave_when_finished()
    {
        await WriteDeskAsync(
            1,
            new SenderPosition(0, 3, 0),
            Rows.Outgoing(1, 0, "low", rank: -5),
            Rows.Outgoing(2, 0, "high", rank: 10),
            Rows.Outgoing(3, 0, "mid", rank: 7));
        await WriteDeskAsync(4, new SenderPosition(0, 5, 0), Rows.Outgoing(4, 0, "high", finished: true), Rows.Outgoing(5, 0, "low", rank: 8));
        await _test.CrashAndReopenAsync();

        var alerts = await Journal.ReadDeskAlertsAsync(Desk, 10, None);
        Assert.Equal((5, 2), (alerts.Sequence, alerts.Total));
        Assert.Equal(["low at 5-0", "mid at 3-0"], alerts.Alerts.Select(Encoding.UTF8.GetString));
        var top = await Journal.ReadDeskAlertsAsync(Desk, 1, None);
        Assert.Equal((2, 1), (top.Total, top.Alerts.Length));
    }

    [ConformanceFact]
    public async Task Trimmed_changes_are_gone_and_numbers_go_on()
    {
        await WriteDeskAsync(1, new SenderPosition(0, 3, 0), Rows.Outgoing(1, 0, "a"), Rows.Outgoing(2, 0, "b"), Rows.Outgoing(3, 0, "c"));
        await Journal.TrimDeskChangesAsync(Desk, 3, None);
        Assert.Equal([3L], (await Journal.ReadDeskChangesAsync(Desk, 0, 10, None)).Select(change => change.Sequence));
        Assert.Equal(3, (await Journal.ReadDeskAsync(Desk, None)).OldestSequence);
        await Journal.TrimDeskChangesAsync(Desk, 100, None);
        var position = await Journal.ReadDeskAsync(Desk, None);
        Assert.Equal((3, 4), (position.Sequence, position.OldestSequence));
        await WriteDeskAsync(4, new SenderPosition(0, 4, 0), Rows.Outgoing(4, 0, "d"));
    }

    [ConformanceFact]
    public async Task Alerts_that_are_over_are_kept_by_tenant_and_instant_until_they_are_forgotten()
    {
        await WriteFinishedAsync(Desk, 1, 0, Over("a", 30), Over("b", 10));
        await WriteFinishedAsync("acme/other", 1, 0, Over("c", 20) with { Desk = "other", IsResolved = false, Outcome = "", Agent = "" });
        await WriteFinishedAsync("acmf/retention", 1, 0, Over("d", 20));
        await _test.CrashAndReopenAsync();

        Assert.Equal(["b", "c", "a"], (await ReadAsync("acme", "", 0, 100, 10)).Select(f => f.AlertId));
        Assert.Equal(["b", "a"], (await ReadAsync("acme", "retention", 0, 100, 10)).Select(f => f.AlertId));
        Assert.Equal(["c"], (await ReadAsync("acme", "", 11, 30, 10)).Select(f => f.AlertId));
        Assert.Equal(["b"], (await ReadAsync("acme", "", 0, 100, 1)).Select(f => f.AlertId));
        Assert.Equal(Over("a", 30), (await ReadAsync("acme", "retention", 30, 31, 10))[0]);

        await WriteFinishedAsync(Desk, 2, 20, Over("e", 40));
        Assert.Equal(["c", "a", "e"], (await ReadAsync("acme", "", 0, 100, 10)).Select(f => f.AlertId));
        Assert.Equal(["d"], (await ReadAsync("acmf", "", 0, 100, 10)).Select(f => f.AlertId));
    }

    private static FinishedAlert Over(string id, long finishedMs) =>
        new(id, "retention", "churn_risk", "high", true, "reached", "ada@x", 1, 2, 3, finishedMs);

    private Task<FinishedAlert[]> ReadAsync(string tenant, string desk, long fromMs, long untilMs, int max) =>
        Journal.ReadFinishedAlertsAsync(tenant, desk, fromMs, untilMs, max, None);

    private Task WriteFinishedAsync(string desk, long first, long forgetMs, params FinishedAlert[] finished) => Journal.WriteDeskAsync(
        new DeskWrite(desk, first, [Rows.Outgoing(first, 0, "x", finished: true)], new SenderPosition(0, first, 0)) { Finished = finished, ForgetFinishedBeforeMs = forgetMs },
        None);

    private Task WriteDeskAsync(long first, SenderPosition sender, params Outgoing[] changes) =>
        Journal.WriteDeskAsync(new DeskWrite(Desk, first, changes, sender), None);
}
