using Npgsql;
using OrleansCrm.Contracts.Customers;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Outcomes that wait for their desk, or for another customer: those name it and have no desk.</summary>
internal static class OutboxTable
{
    public static NpgsqlBatchCommand Upsert(int partition, Outgoing[] outbox) => Statement(
        """
        INSERT INTO orleanscrm.outbox(partition, entry_offset, idx, desk, alert_id, finished, rank, alert, customer, type, time, payload)
        SELECT $1, new.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) new
        ON CONFLICT (partition, entry_offset, idx) DO UPDATE SET
            desk = excluded.desk, alert_id = excluded.alert_id, finished = excluded.finished, rank = excluded.rank, alert = excluded.alert,
            customer = excluded.customer, type = excluded.type, time = excluded.time, payload = excluded.payload
        """,
        Value(partition),
        Value(Array.ConvertAll(outbox, row => row.Offset)),
        Value(Array.ConvertAll(outbox, row => row.Index)),
        Value(Array.ConvertAll(outbox, row => row.Desk)),
        Value(Array.ConvertAll(outbox, row => row.AlertId)),
        Value(Array.ConvertAll(outbox, row => row.IsFinished)),
        Value(Array.ConvertAll(outbox, row => row.Rank)),
        Value(Array.ConvertAll(outbox, row => row.Alert)),
        Value(Array.ConvertAll(outbox, row => row.Entry?.Customer ?? "")),
        Value(Array.ConvertAll(outbox, row => row.Entry?.Type ?? "")),
        Value(Array.ConvertAll(outbox, row => row.Entry?.TimeMs ?? 0)),
        Value(Array.ConvertAll(outbox, row => row.Entry?.Payload ?? [])));

    public static NpgsqlBatchCommand DeleteDelivered(int partition, long offset, int index) => Statement(
        "DELETE FROM orleanscrm.outbox WHERE partition = $1 AND (entry_offset, idx) <= ($2, $3)",
        Value(partition), Value(offset), Value(index));

    public static Task<OutboxRow[]> ReadAsync(PostgresSession session, int partition, CancellationToken cancellation) => session.ReadAsync(
        row => new OutboxRow(new Outgoing(
            row.GetInt64(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), row.GetInt64(5), row.GetBlob(6),
            row.GetString(7) is { Length: > 0 } customer ? new OutgoingEntry(customer, row.GetString(8), row.GetInt64(9), row.GetBlob(10)) : null)),
        cancellation,
        Statement(
            """
            SELECT entry_offset, idx, desk, alert_id, finished, rank, alert, customer, type, time, payload FROM orleanscrm.outbox
            WHERE partition = $1 ORDER BY entry_offset, idx
            """,
            Value(partition)));
}
