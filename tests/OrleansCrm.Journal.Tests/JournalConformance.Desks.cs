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

    private Task WriteDeskAsync(long first, SenderPosition sender, params Outgoing[] changes) =>
        Journal.WriteDeskAsync(new DeskWrite(Desk, first, changes, sender), None);
}
