using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Sums of metrics over the customers of each partition.</summary>
internal static class SumTable
{
    public static void Apply(SqliteSession session, int partition, SumTally tally)
    {
        foreach (var (tenant, metric, change) in tally.Changes)
        {
            var value = checked(Read(session, partition, tenant, metric) + change);
            if (value == 0)
            {
                session.Prepare("DELETE FROM metric_sum WHERE tenant = ? AND metric = ? AND partition = ?")
                    .Bind(tenant).Bind(metric).Bind(partition).Run();
            }
            else
            {
                session.Prepare("INSERT OR REPLACE INTO metric_sum(tenant, metric, partition, value) VALUES(?, ?, ?, ?)")
                    .Bind(tenant).Bind(metric).Bind(partition).Bind(value).Run();
            }
        }
    }

    /// <summary>The tenant's sums over all partitions, sorted by metric.</summary>
    public static KeyValuePair<string, long>[] ReadAll(SqliteSession session, string tenant)
    {
        var sums = new List<KeyValuePair<string, long>>();
        using var rows = session.Prepare(
            "SELECT metric, sum(value) FROM metric_sum WHERE tenant = ? GROUP BY metric HAVING sum(value) <> 0 ORDER BY metric")
            .Bind(tenant);
        while (rows.Step())
            sums.Add(new KeyValuePair<string, long>(rows.Text(0), rows.Int64(1)));
        return sums.ToArray();
    }

    private static long Read(SqliteSession session, int partition, string tenant, string metric)
    {
        using var row = session.Prepare("SELECT value FROM metric_sum WHERE tenant = ? AND metric = ? AND partition = ?")
            .Bind(tenant).Bind(metric).Bind(partition);
        return row.Step() ? row.Int64(0) : 0;
    }
}
