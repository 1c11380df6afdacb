using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>
/// By how much one flush changes the sums. Sums change by new minus old contribution, where the old one stands in the row that is
/// replaced, so they equal the rows whatever was replayed or written twice.
/// </summary>
internal sealed class SumChange
{
    private readonly Dictionary<(string Tenant, string Metric), long> _changes = [];

    public void Replace(string customer, MetricSum[] old, MetricSum[] now)
    {
        var tenant = customer[..customer.IndexOf('/')];
        foreach (var sum in old)
            Add(tenant, sum.Metric, checked(-sum.Value));
        foreach (var sum in now)
            Add(tenant, sum.Metric, sum.Value);
    }

    public void Apply(SqliteSession session, int partition)
    {
        foreach (var ((tenant, metric), change) in _changes)
        {
            if (change == 0)
                continue;
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

    private void Add(string tenant, string metric, long value)
    {
        _changes.TryGetValue((tenant, metric), out var sum);
        _changes[(tenant, metric)] = checked(sum + value);
    }
}
