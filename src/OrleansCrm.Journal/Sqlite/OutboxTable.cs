using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Outcomes that wait for their desk, or for another customer: those name it and have no desk.</summary>
internal static class OutboxTable
{
    public static void Insert(SqliteSession session, int partition, Outgoing[] outbox)
    {
        foreach (var outgoing in outbox)
        {
            session.Prepare(
                """
                INSERT OR REPLACE INTO outbox(
                    partition, entry_offset, idx, desk, alert_id, finished, rank, alert, customer, type, time, payload)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """).Bind(partition).Bind(outgoing.Offset).Bind(outgoing.Index).Bind(outgoing.Desk).Bind(outgoing.AlertId)
                .Bind(outgoing.IsFinished ? 1 : 0).Bind(outgoing.Rank).Bind(outgoing.Alert).Bind(outgoing.Entry?.Customer ?? "")
                .Bind(outgoing.Entry?.Type ?? "").Bind(outgoing.Entry?.TimeMs ?? 0).Bind(outgoing.Entry?.Payload ?? []).Run();
        }
    }

    public static void DeleteDelivered(SqliteSession session, int partition, long offset, int index) => session
        .Prepare("DELETE FROM outbox WHERE partition = ? AND (entry_offset, idx) <= (?, ?)")
        .Bind(partition).Bind(offset).Bind(index).Run();

    public static OutboxRow[] Read(SqliteSession session, int partition)
    {
        var outbox = new List<OutboxRow>();
        using var rows = session.Prepare(
            """
            SELECT entry_offset, idx, desk, alert_id, finished, rank, alert, customer, type, time, payload FROM outbox
            WHERE partition = ? ORDER BY entry_offset, idx
            """).Bind(partition);
        while (rows.Step())
        {
            outbox.Add(new OutboxRow(new Outgoing(
                rows.Int64(0), rows.Int32(1), rows.Text(2), rows.Text(3), rows.Int64(4) != 0, rows.Int64(5), rows.Blob(6).ToArray(),
                rows.Text(7) is { Length: > 0 } customer
                    ? new OutgoingEntry(customer, rows.Text(8), rows.Int64(9), rows.Blob(10).ToArray())
                    : null)));
        }

        return outbox.ToArray();
    }
}
