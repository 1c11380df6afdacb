using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Alert changes by desk, numbered without gaps, and the alerts that are not finished.</summary>
internal static class DeskTables
{
    private const string Sequence = "SELECT coalesce((SELECT sequence FROM orleanscrm.desk WHERE desk = $1), 0)";

    public static async Task WriteAsync(PostgresSession session, DeskWrite write)
    {
        var moved = await session.RunAsync(
            """
            INSERT INTO orleanscrm.desk AS d (desk, sequence)
            SELECT $1, $2 + $3 WHERE $2 = 0 OR EXISTS(SELECT 1 FROM orleanscrm.desk WHERE desk = $1)
            ON CONFLICT (desk) DO UPDATE SET sequence = excluded.sequence WHERE d.sequence = $2
            """,
            Value(write.Desk), Value(write.FirstSequence - 1), Value(write.Changes.Length)).ConfigureAwait(false);
        if (moved == 0)
        {
            throw new FencedException(
                $"Number {write.FirstSequence} of desk '{write.Desk}' is not the next: another activation wrote.");
        }

        await FinishedAlertTable.WriteAsync(session, write).ConfigureAwait(false);

        // Of an alert that changes twice in one write only the last counts for the list.
        var last = write.Changes.GroupBy(change => change.AlertId, (_, changes) => changes.Last()).ToArray();
        var open = Array.FindAll(last, change => !change.IsFinished);
        var finished = Array.FindAll(last, change => change.IsFinished);
        await session.RunAsync(
            Statement(
                """
                INSERT INTO orleanscrm.alert_change(desk, sequence, alert_id, alert)
                SELECT $1, $2 + place - 1, alert_id, alert FROM unnest($3, $4) WITH ORDINALITY new(alert_id, alert, place)
                """,
                Value(write.Desk),
                Value(write.FirstSequence),
                Value(Array.ConvertAll(write.Changes, change => change.AlertId)),
                Value(Array.ConvertAll(write.Changes, change => change.Alert))),
            Statement(
                """
                INSERT INTO orleanscrm.alert_open(desk, alert_id, rank, alert) SELECT $1, new.* FROM unnest($2, $3, $4) new
                ON CONFLICT (desk, alert_id) DO UPDATE SET rank = excluded.rank, alert = excluded.alert
                """,
                Value(write.Desk),
                Value(Array.ConvertAll(open, change => change.AlertId)),
                Value(Array.ConvertAll(open, change => change.Rank)),
                Value(Array.ConvertAll(open, change => change.Alert))),
            Statement(
                "DELETE FROM orleanscrm.alert_open WHERE desk = $1 AND alert_id = ANY($2)",
                Value(write.Desk), Value(Array.ConvertAll(finished, change => change.AlertId))),
            Statement(
                """
                INSERT INTO orleanscrm.desk_sender(desk, partition, entry_offset, idx) VALUES($1, $2, $3, $4)
                ON CONFLICT (desk, partition) DO UPDATE SET entry_offset = excluded.entry_offset, idx = excluded.idx
                """,
                Value(write.Desk), Value(write.Sender.Partition), Value(write.Sender.Offset), Value(write.Sender.Index)))
            .ConfigureAwait(false);
    }

    /// <summary>Leaves nothing about a customer in the alerts that these entries raised.</summary>
    /// <param name="tenant">The customer's: other tenants' desks have nothing of it.</param>
    /// <returns>Changes that were rewritten and unfinished alerts that were removed.</returns>
    public static async Task<(int Changes, int Open)> EraseAsync(
        PostgresSession session, string tenant, int partition, long[] offsets, Func<byte[], byte[]> erase)
    {
        // A desk is called tenant/name, and '0' follows upon '/'.
        var (first, end) = (tenant + "/", tenant + "0");
        var changes = await session.ReadAsync(
            row => (Desk: row.GetString(0), Sequence: row.GetInt64(1), AlertId: row.GetString(2)),
            "SELECT desk, sequence, alert_id FROM orleanscrm.alert_change WHERE desk >= $1 AND desk < $2", Value(first), Value(end)).ConfigureAwait(false);
        var mine = Array.FindAll(changes, change => EntryBlanking.IsOf(change.AlertId, partition, offsets));
        foreach (var (desk, sequence, _) in mine)
        {
            var alerts = await session.ReadAsync(
                row => row.GetBlob(0),
                "SELECT alert FROM orleanscrm.alert_change WHERE desk = $1 AND sequence = $2",
                Value(desk), Value(sequence)).ConfigureAwait(false);
            await session.RunAsync(
                "UPDATE orleanscrm.alert_change SET alert = $3 WHERE desk = $1 AND sequence = $2",
                Value(desk), Value(sequence), Value(erase(alerts[0]))).ConfigureAwait(false);
        }

        var alertsOpen = await session.ReadAsync(
            row => (Desk: row.GetString(0), AlertId: row.GetString(1)),
            "SELECT desk, alert_id FROM orleanscrm.alert_open WHERE desk >= $1 AND desk < $2", Value(first), Value(end)).ConfigureAwait(false);
        var mineOpen = Array.FindAll(alertsOpen, alert => EntryBlanking.IsOf(alert.AlertId, partition, offsets));
        foreach (var (desk, alertId) in mineOpen)
        {
            await session.RunAsync(
                "DELETE FROM orleanscrm.alert_open WHERE desk = $1 AND alert_id = $2", Value(desk), Value(alertId)).ConfigureAwait(false);
        }

        return (mine.Length, mineOpen.Length);
    }

    public static async Task<DeskPosition> ReadPositionAsync(PostgresSession session, string desk, CancellationToken cancellation)
    {
        var numbers = new List<long>();
        var senders = new List<SenderPosition>();
        await session.VisitAsync(
            row =>
            {
                if (row.FieldCount == 1)
                    numbers.Add(row.IsDBNull(0) ? numbers[0] + 1 : row.GetInt64(0));
                else
                    senders.Add(new SenderPosition(row.GetInt32(0), row.GetInt64(1), row.GetInt32(2)));
                return true;
            },
            cancellation,
            Statement(Sequence, Value(desk)),
            Statement("SELECT min(sequence) FROM orleanscrm.alert_change WHERE desk = $1", Value(desk)),
            Statement("SELECT partition, entry_offset, idx FROM orleanscrm.desk_sender WHERE desk = $1 ORDER BY partition", Value(desk)))
            .ConfigureAwait(false);
        return new DeskPosition(numbers[0], numbers[1], senders.ToArray());
    }

    public static Task<NumberedAlert[]> ReadChangesAsync(
        PostgresSession session, string desk, long afterSequence, int max, CancellationToken cancellation) => session.ReadAsync(
        row => new NumberedAlert(row.GetInt64(0), row.GetBlob(1)),
        cancellation,
        Statement(
            "SELECT sequence, alert FROM orleanscrm.alert_change WHERE desk = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
            Value(desk), Value(afterSequence), Value(max)));

    public static async Task<DeskAlerts> ReadAlertsAsync(PostgresSession session, string desk, int max, CancellationToken cancellation)
    {
        var numbers = new List<long>();
        var alerts = new List<byte[]>();
        await session.VisitAsync(
            row =>
            {
                if (numbers.Count < 2)
                    numbers.Add(row.GetInt64(0));
                else
                    alerts.Add(row.GetBlob(0));
                return true;
            },
            cancellation,
            Statement(Sequence, Value(desk)),
            Statement("SELECT count(*) FROM orleanscrm.alert_open WHERE desk = $1", Value(desk)),
            Statement(
                "SELECT alert FROM orleanscrm.alert_open WHERE desk = $1 ORDER BY rank DESC, alert_id LIMIT $2", Value(desk), Value(max)))
            .ConfigureAwait(false);
        return new DeskAlerts(numbers[0], (int)numbers[1], alerts.ToArray());
    }

    public static Task<OpenAlert[]> ReadOpenAsync(
        PostgresSession session, string desk, long afterRank, string afterAlert, int max, CancellationToken cancellation) => session.ReadAsync(
        row => new OpenAlert(row.GetInt64(0), row.GetString(1), row.GetBlob(2)),
        cancellation,
        Statement(
            """
            SELECT rank, alert_id, alert FROM orleanscrm.alert_open WHERE desk = $1 AND rank <= $2 AND (rank < $2 OR alert_id > $3)
            ORDER BY rank DESC, alert_id LIMIT $4
            """,
            Value(desk), Value(afterRank), Value(afterAlert), Value(max)));

    public static Task TrimAsync(PostgresSession session, string desk, long beforeSequence) => session.RunAsync(
        "DELETE FROM orleanscrm.alert_change WHERE desk = $1 AND sequence < $2", Value(desk), Value(beforeSequence));
}
