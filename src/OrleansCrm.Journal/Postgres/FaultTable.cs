using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Entries that could not be folded.</summary>
internal static class FaultTable
{
    public static async Task InsertAsync(PostgresSession session, FaultRow fault, long epoch)
    {
        var written = await session.RunAsync(
            """
            WITH owned AS (SELECT 1 FROM orleanscrm.progress WHERE id = $1 AND epoch = $2 FOR SHARE)
            INSERT INTO orleanscrm.fault(partition, entry_offset, customer, error, build, recorded)
            SELECT $1, $3, $4, $5, $6, $7 FROM owned
            ON CONFLICT (partition, entry_offset, customer) DO UPDATE SET
                error = excluded.error, build = excluded.build, recorded = excluded.recorded
            """,
            Value(fault.Partition), Value(epoch), Value(fault.Offset), Value(fault.Customer), Value(Storable(fault.Error)),
            Value(fault.Build), Value(fault.RecordedMs)).ConfigureAwait(false);
        if (written == 0)
            throw await PartitionTable.RefusalAsync(session, fault.Partition, epoch).ConfigureAwait(false);
    }

    public static Task<FaultRow[]> ReadAsync(PostgresSession session, int partition, CancellationToken cancellation) => session.ReadAsync(
        row => new FaultRow(partition, row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4)),
        cancellation,
        Statement(
            "SELECT entry_offset, customer, error, build, recorded FROM orleanscrm.fault WHERE partition = $1 ORDER BY entry_offset, customer",
            Value(partition)));
}
