using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Formats;

/// <summary>
/// By how much one flush changes the sums. Sums change by new minus old contribution, where the old one stands in the row that is
/// replaced, so they equal the rows whatever was replayed or written twice.
/// </summary>
internal sealed class SumTally
{
    private readonly Dictionary<(string Tenant, string Metric), long> _changes = [];

    /// <summary>What changes, without what comes to nothing.</summary>
    public IEnumerable<(string Tenant, string Metric, long Change)> Changes =>
        _changes.Where(pair => pair.Value != 0).Select(pair => (pair.Key.Tenant, pair.Key.Metric, pair.Value));

    public void Replace(string customer, MetricSum[] old, MetricSum[] now)
    {
        var tenant = customer[..customer.IndexOf('/')];
        foreach (var sum in old)
            Add(tenant, sum.Metric, checked(-sum.Value));
        foreach (var sum in now)
            Add(tenant, sum.Metric, sum.Value);
    }

    private void Add(string tenant, string metric, long value)
    {
        _changes.TryGetValue((tenant, metric), out var sum);
        _changes[(tenant, metric)] = checked(sum + value);
    }
}
