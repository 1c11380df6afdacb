using Npgsql;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Stored states of customers with what can be searched, woken and summed up.</summary>
internal static class SnapshotTable
{
    private const string Columns =
        "SELECT customer, covered, state, next_wake, import, phase, tier, risk, orders, revenue, last_seen, sums, segments, campaign, owner FROM orleanscrm.snapshot";

    // A lookup by key for each, whatever the statistics say: with = ANY($2), a plan made while the table was nearly empty reads the whole
    // partition and filters, and is kept until the table is analyzed.
    private const string ForEach = "SELECT found.* FROM unnest($2) wanted CROSS JOIN LATERAL (";
    private const string ByKey = " WHERE partition = $1 AND customer = wanted LIMIT 1) found";

    /// <summary>What the stored rows of these customers contribute to the sums.</summary>
    public static Task<KeyValuePair<string, byte[]>[]> ReadSumsAsync(PostgresSession session, int partition, SnapshotRow[] snapshots) =>
        session.ReadAsync(
            row => KeyValuePair.Create(row.GetString(0), row.GetBlob(1)),
            ForEach + "SELECT customer, sums FROM orleanscrm.snapshot" + ByKey,
            Value(partition), Value(Array.ConvertAll(snapshots, snapshot => snapshot.Customer)));

    /// <param name="sums">Of the same rows, as they are stored.</param>
    public static NpgsqlBatchCommand Upsert(int partition, SnapshotRow[] snapshots, byte[][] sums)
    {
        NpgsqlParameter Column<T>(Converter<SnapshotRow, T> get) => Value(Array.ConvertAll(snapshots, get));
        return Statement(
            """
            INSERT INTO orleanscrm.snapshot(
                partition, customer, covered, next_wake, import, phase, tier, risk, orders, revenue, last_seen, segments, campaign, owner, sums,
                state)
            SELECT $1, new.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) new
            ON CONFLICT (partition, customer) DO UPDATE SET
                covered = excluded.covered, next_wake = excluded.next_wake, import = excluded.import, phase = excluded.phase,
                tier = excluded.tier, risk = excluded.risk, orders = excluded.orders, revenue = excluded.revenue,
                last_seen = excluded.last_seen, segments = excluded.segments, campaign = excluded.campaign, owner = excluded.owner, sums = excluded.sums, state = excluded.state
            """,
            Value(partition),
            Column(row => row.Customer),
            Column(row => row.CoveredOffset),
            Column(row => row.NextWakeMs),
            Column(row => row.Import),
            Column(row => row.Search.Phase),
            Column(row => row.Search.Tier),
            Column(row => row.Search.RiskMillionths),
            Column(row => row.Search.Orders),
            Column(row => row.Search.RevenueMicros),
            Column(row => row.Search.LastSeenMs),
            Column(row => row.Search.Segments),
            Column(row => row.Search.Campaign),
            Column(row => row.Search.Owner),
            Value(sums),
            Column(row => row.State));
    }

    public static async Task<SnapshotRow?[]> ReadAsync(
        PostgresSession session, int partition, string[] customers, CancellationToken cancellation)
    {
        var rows = await session.ReadAsync(
            ToSnapshot, cancellation, Statement(ForEach + Columns + ByKey, Value(partition), Value(customers)))
            .ConfigureAwait(false);
        var found = rows.ToDictionary(row => row.Customer, StringComparer.Ordinal);
        return Array.ConvertAll(customers, customer => found.GetValueOrDefault(customer));
    }

    public static Task<SnapshotRow[]> ReadAfterAsync(
        PostgresSession session, int partition, string afterCustomer, int max, CancellationToken cancellation) => session.ReadAsync(
        ToSnapshot,
        cancellation,
        Statement(
            Columns + " WHERE partition = $1 AND customer > $2 ORDER BY customer LIMIT $3",
            Value(partition), Value(afterCustomer), Value(max)));

    public static Task<DueWake[]> ReadDueAsync(
        PostgresSession session, int partition, long untilMs, int max, string[] exceptImports, CancellationToken cancellation) =>
        session.ReadAsync(
            row => new DueWake(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3)),
            cancellation,
            Statement(
                """
                SELECT customer, next_wake, import, covered FROM orleanscrm.snapshot
                WHERE partition = $1 AND next_wake > 0 AND next_wake <= $2 AND import <> ALL($3)
                ORDER BY next_wake LIMIT $4
                """,
                Value(partition), Value(untilMs), Value(exceptImports), Value(max)));

    private static SnapshotRow ToSnapshot(NpgsqlDataReader row)
    {
        var search = new SearchColumns(
            row.GetString(5), row.GetString(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetString(12),
            row.GetString(13), row.GetString(14));
        return new SnapshotRow(
            row.GetString(0), row.GetInt64(1), row.GetBlob(2), row.GetInt64(3), row.GetString(4), search, SumsFormat.Decode(row.GetBlob(11)));
    }
}
