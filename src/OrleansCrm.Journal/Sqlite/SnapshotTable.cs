using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Stored states of customers with what can be searched, woken and summed up.</summary>
internal static class SnapshotTable
{
    private const string Columns =
        "SELECT customer, covered, state, next_wake, import, phase, tier, risk, orders, revenue, last_seen, sums, segments, campaign, owner FROM snapshot";

    /// <param name="sums">The row's sums as they are stored.</param>
    public static void Upsert(SqliteSession session, int partition, SnapshotRow snapshot, byte[] sums, SumTally tally)
    {
        long id = 0;
        var wakesAsBefore = false;
        using (var row = session.Prepare("SELECT id, next_wake, import, sums FROM snapshot WHERE partition = ? AND customer = ?")
            .Bind(partition).Bind(snapshot.Customer))
        {
            if (row.Step())
            {
                id = row.Int64(0);
                wakesAsBefore = row.Int64(1) == snapshot.NextWakeMs && row.TextEquals(2, snapshot.Import);
                tally.Replace(snapshot.Customer, row.Blob(3), sums);
            }
        }

        if (id == 0)
        {
            tally.Replace(snapshot.Customer, [], sums);
            var insert = session.Prepare(
                """
                INSERT INTO snapshot(
                    partition, customer, next_wake, import, covered, phase, tier, risk, orders, revenue, last_seen, segments, campaign,
                    owner, sums, state)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """).Bind(partition).Bind(snapshot.Customer).Bind(snapshot.NextWakeMs).Bind(snapshot.Import);
            BindColumns(insert, snapshot, sums).Run();
        }
        else if (wakesAsBefore)
        {
            // A column that is named is taken out of its index and put back, changed or not.
            var update = session.Prepare(
                """
                UPDATE snapshot SET covered = ?, phase = ?, tier = ?, risk = ?, orders = ?, revenue = ?, last_seen = ?, segments = ?,
                    campaign = ?, owner = ?, sums = ?, state = ?
                WHERE id = ?
                """);
            BindColumns(update, snapshot, sums).Bind(id).Run();
        }
        else
        {
            var update = session.Prepare(
                """
                UPDATE snapshot SET next_wake = ?, import = ?, covered = ?, phase = ?, tier = ?, risk = ?, orders = ?, revenue = ?,
                    last_seen = ?, segments = ?, campaign = ?, owner = ?, sums = ?, state = ?
                WHERE id = ?
                """).Bind(snapshot.NextWakeMs).Bind(snapshot.Import);
            BindColumns(update, snapshot, sums).Bind(id).Run();
        }
    }

    public static SnapshotRow?[] Read(SqliteSession session, int partition, string[] customers)
    {
        var snapshots = new SnapshotRow?[customers.Length];
        for (var i = 0; i < customers.Length; i++)
        {
            using var row = session.Prepare(Columns + " WHERE partition = ? AND customer = ?").Bind(partition).Bind(customers[i]);
            snapshots[i] = row.Step() ? ToSnapshot(row) : null;
        }

        return snapshots;
    }

    public static SnapshotRow[] ReadAfter(SqliteSession session, int partition, string afterCustomer, int max)
    {
        var snapshots = new List<SnapshotRow>();
        using var rows = session.Prepare(Columns + " WHERE partition = ? AND customer > ? ORDER BY customer LIMIT ?")
            .Bind(partition).Bind(afterCustomer).Bind(max);
        while (rows.Step())
            snapshots.Add(ToSnapshot(rows));
        return snapshots.ToArray();
    }

    public static DueWake[] ReadDue(SqliteSession session, int partition, long untilMs, int max, string[] exceptImports)
    {
        var due = new List<DueWake>();
        using var rows = session.Prepare(
            """
            SELECT customer, next_wake, import, covered FROM snapshot
            WHERE partition = ? AND next_wake > 0 AND next_wake <= ? AND import NOT IN (SELECT value FROM json_each(?))
            ORDER BY next_wake LIMIT ?
            """).Bind(partition).Bind(untilMs).Bind(JsonSerializer.Serialize(exceptImports)).Bind(max);
        while (rows.Step())
            due.Add(new DueWake(rows.Text(0), rows.Int64(1), rows.Text(2), rows.Int64(3)));
        return due.ToArray();
    }

    private static SqliteStatement BindColumns(SqliteStatement statement, SnapshotRow snapshot, byte[] sums)
    {
        var search = snapshot.Search;
        return statement.Bind(snapshot.CoveredOffset).Bind(search.Phase).Bind(search.Tier).Bind(search.RiskMillionths).Bind(search.Orders).Bind(search.RevenueMicros).Bind(search.LastSeenMs)
            .Bind(search.Segments).Bind(search.Campaign).Bind(search.Owner).Bind(sums).Bind(snapshot.State);
    }

    private static SnapshotRow ToSnapshot(SqliteStatement row)
    {
        var search = new SearchColumns(row.Text(5), row.Text(6), row.Int64(7), row.Int64(8), row.Int64(9), row.Int64(10), row.Text(12), row.Text(13), row.Text(14));
        return new SnapshotRow(
            row.Text(0), row.Int64(1), row.Blob(2).ToArray(), row.Int64(3), row.Text(4), search, SumsFormat.Decode(row.Blob(11)));
    }
}
