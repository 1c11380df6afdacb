using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Alert changes by desk, numbered without gaps, and the alerts that are not finished.</summary>
internal static class DeskTables
{
    public static void Write(SqliteSession session, DeskWrite write)
    {
        Advance(session, write);
        var sequence = write.FirstSequence;
        foreach (var change in write.Changes)
        {
            session.Prepare("INSERT INTO alert_change(desk, sequence, alert_id, alert) VALUES(?, ?, ?, ?)")
                .Bind(write.Desk).Bind(sequence++).Bind(change.AlertId).Bind(change.Alert).Run();
            UpdateOpen(session, write.Desk, change);
        }

        FinishedAlertTable.Write(session, write);
        session.Prepare("INSERT OR REPLACE INTO desk_sender(desk, partition, entry_offset, idx) VALUES(?, ?, ?, ?)")
            .Bind(write.Desk).Bind(write.Sender.Partition).Bind(write.Sender.Offset).Bind(write.Sender.Index).Run();
    }

    public static DeskPosition ReadPosition(SqliteSession session, string desk)
    {
        var sequence = Sequence(session, desk);
        long oldest;
        using (var row = session.Prepare("SELECT ifnull(min(sequence), ?) FROM alert_change WHERE desk = ?")
            .Bind(sequence + 1).Bind(desk))
        {
            row.Step();
            oldest = row.Int64(0);
        }

        var senders = new List<SenderPosition>();
        using var rows = session.Prepare("SELECT partition, entry_offset, idx FROM desk_sender WHERE desk = ? ORDER BY partition")
            .Bind(desk);
        while (rows.Step())
            senders.Add(new SenderPosition(rows.Int32(0), rows.Int64(1), rows.Int32(2)));
        return new DeskPosition(sequence, oldest, senders.ToArray());
    }

    public static NumberedAlert[] ReadChanges(SqliteSession session, string desk, long afterSequence, int max)
    {
        var changes = new List<NumberedAlert>();
        using var rows = session.Prepare(
            "SELECT sequence, alert FROM alert_change WHERE desk = ? AND sequence > ? ORDER BY sequence LIMIT ?")
            .Bind(desk).Bind(afterSequence).Bind(max);
        while (rows.Step())
            changes.Add(new NumberedAlert(rows.Int64(0), rows.Blob(1).ToArray()));
        return changes.ToArray();
    }

    public static DeskAlerts ReadAlerts(SqliteSession session, string desk, int max)
    {
        int total;
        using (var row = session.Prepare("SELECT count(*) FROM alert_open WHERE desk = ?").Bind(desk))
        {
            row.Step();
            total = row.Int32(0);
        }

        var alerts = new List<byte[]>();
        using var rows = session.Prepare("SELECT alert FROM alert_open WHERE desk = ? ORDER BY rank DESC, alert_id LIMIT ?")
            .Bind(desk).Bind(max);
        while (rows.Step())
            alerts.Add(rows.Blob(0).ToArray());
        return new DeskAlerts(Sequence(session, desk), total, alerts.ToArray());
    }

    public static OpenAlert[] ReadOpen(SqliteSession session, string desk, long afterRank, string afterAlert, int max)
    {
        var alerts = new List<OpenAlert>();
        using var rows = session.Prepare(
            """
            SELECT rank, alert_id, alert FROM alert_open WHERE desk = ? AND rank <= ? AND (rank < ? OR alert_id > ?)
            ORDER BY rank DESC, alert_id LIMIT ?
            """).Bind(desk).Bind(afterRank).Bind(afterRank).Bind(afterAlert).Bind(max);
        while (rows.Step())
            alerts.Add(new OpenAlert(rows.Int64(0), rows.Text(1), rows.Blob(2).ToArray()));
        return alerts.ToArray();
    }

    public static void Trim(SqliteSession session, string desk, long beforeSequence) => session
        .Prepare("DELETE FROM alert_change WHERE desk = ? AND sequence < ?").Bind(desk).Bind(beforeSequence).Run();

    /// <summary>Leaves nothing about a customer in the alerts that these entries raised.</summary>
    /// <param name="tenant">The customer's: other tenants' desks have nothing of it.</param>
    /// <returns>Changes that were rewritten and unfinished alerts that were removed.</returns>
    public static (int Changes, int Open) Erase(SqliteSession session, string tenant, int partition, long[] offsets, Func<byte[], byte[]> erase)
    {
        // A desk is called tenant/name, and '0' follows upon '/'.
        var (first, end) = (tenant + "/", tenant + "0");
        var mine = new List<(string Desk, long Sequence, byte[] Alert)>();
        using (var rows = session.Prepare("SELECT desk, sequence, alert_id, alert FROM alert_change WHERE desk >= ? AND desk < ?").Bind(first).Bind(end))
        {
            while (rows.Step())
            {
                if (EntryBlanking.IsOf(rows.Text(2), partition, offsets))
                    mine.Add((rows.Text(0), rows.Int64(1), rows.Blob(3).ToArray()));
            }
        }

        foreach (var (desk, sequence, alert) in mine)
        {
            session.Prepare("UPDATE alert_change SET alert = ? WHERE desk = ? AND sequence = ?")
                .Bind(erase(alert)).Bind(desk).Bind(sequence).Run();
        }

        var open = new List<(string Desk, string AlertId)>();
        using (var rows = session.Prepare("SELECT desk, alert_id FROM alert_open WHERE desk >= ? AND desk < ?").Bind(first).Bind(end))
        {
            while (rows.Step())
            {
                if (EntryBlanking.IsOf(rows.Text(1), partition, offsets))
                    open.Add((rows.Text(0), rows.Text(1)));
            }
        }

        foreach (var (desk, alertId) in open)
            session.Prepare("DELETE FROM alert_open WHERE desk = ? AND alert_id = ?").Bind(desk).Bind(alertId).Run();
        return (mine.Count, open.Count);
    }

    private static void Advance(SqliteSession session, DeskWrite write)
    {
        var stands = write.FirstSequence - 1;
        if (Sequence(session, write.Desk) != stands)
        {
            throw new FencedException(
                $"Number {write.FirstSequence} of desk '{write.Desk}' is not the next: another activation wrote.");
        }

        session.Prepare("INSERT OR REPLACE INTO desk(desk, sequence) VALUES(?, ?)")
            .Bind(write.Desk).Bind(stands + write.Changes.Length).Run();
    }

    private static void UpdateOpen(SqliteSession session, string desk, Outgoing change)
    {
        if (change.IsFinished)
        {
            session.Prepare("DELETE FROM alert_open WHERE desk = ? AND alert_id = ?").Bind(desk).Bind(change.AlertId).Run();
            return;
        }

        session.Prepare("INSERT OR REPLACE INTO alert_open(desk, alert_id, rank, alert) VALUES(?, ?, ?, ?)")
            .Bind(desk).Bind(change.AlertId).Bind(change.Rank).Bind(change.Alert).Run();
    }

    private static long Sequence(SqliteSession session, string desk)
    {
        using var row = session.Prepare("SELECT sequence FROM desk WHERE desk = ?").Bind(desk);
        return row.Step() ? row.Int64(0) : 0;
    }
}
