using Npgsql;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Sums of metrics over the customers of each partition.</summary>
internal static class SumTable
{
    public static NpgsqlBatchCommand[] Apply(int partition, SumTally tally)
    {
        var changes = tally.Changes.ToArray();
        if (changes.Length == 0)
            return [];
        var tenants = Array.ConvertAll(changes, change => change.Tenant);
        var metrics = Array.ConvertAll(changes, change => change.Metric);
        return
        [
            Statement(
                """
                INSERT INTO orleanscrm.metric_sum(tenant, metric, partition, value)
                SELECT tenant, metric, $1, change FROM unnest($2, $3, $4) changed(tenant, metric, change)
                ON CONFLICT (tenant, metric, partition) DO UPDATE SET value = metric_sum.value + excluded.value
                """,
                Value(partition), Value(tenants), Value(metrics), Value(Array.ConvertAll(changes, change => change.Change))),
            Statement(
                """
                DELETE FROM orleanscrm.metric_sum WHERE ctid = ANY(ARRAY(
                    SELECT found.ctid FROM unnest($2, $3) changed(tenant, metric)
                    CROSS JOIN LATERAL (
                        SELECT ctid FROM orleanscrm.metric_sum
                        WHERE tenant = changed.tenant AND metric = changed.metric AND partition = $1 AND value = 0 LIMIT 1) found))
                """,
                Value(partition), Value(tenants), Value(metrics)),
        ];
    }

    /// <summary>The tenant's sums over all partitions, sorted by metric.</summary>
    public static Task<KeyValuePair<string, long>[]> ReadAsync(PostgresSession session, string tenant, CancellationToken cancellation) =>
        session.ReadAsync(
            row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)),
            cancellation,
            Statement(
                """
                SELECT metric, sum(value)::bigint FROM orleanscrm.metric_sum WHERE tenant = $1
                GROUP BY metric HAVING sum(value) <> 0 ORDER BY metric
                """,
                Value(tenant)));
}
