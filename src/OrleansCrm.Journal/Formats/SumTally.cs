using System.Runtime.InteropServices;
using System.Text;

namespace OrleansCrm.Journal.Formats;

/// <summary>
/// By how much one flush changes the sums. Sums change by new minus old contribution, where the old one stands in the row that is
/// replaced, so they equal the rows whatever was replayed or written twice.
/// </summary>
/// <remarks>Contributions are compared as they are stored: mostly one or two numbers of a dozen differ, and only those cost anything.</remarks>
internal sealed class SumTally
{
    private readonly Dictionary<string, (List<Metric> Metrics, MonthTally Months)> _tenants = new(StringComparer.Ordinal);
    private string _tenant = "";
    private List<Metric> _metrics = [];
    private MonthTally _months = new();

    /// <summary>What changes, without what comes to nothing.</summary>
    public IEnumerable<(string Tenant, string Metric, long Change)> Changes =>
        _tenants.SelectMany(
            tenant => tenant.Value.Metrics.Where(m => m.Change != 0)
                .Select(m => (Metric: Encoding.UTF8.GetString(m.Name), m.Change)).Concat(tenant.Value.Months.Changes),
            (tenant, change) => (tenant.Key, change.Metric, change.Change));

    /// <param name="old">As <see cref="SumsFormat"/> writes it; empty for a customer that had no row.</param>
    public void Replace(string customer, ReadOnlySpan<byte> old, ReadOnlySpan<byte> now)
    {
        if (old.SequenceEqual(now))
            return;
        Turn(customer.AsSpan(0, customer.IndexOf('/')));
        var before = new SumsFormat.Reader(old);
        var after = new SumsFormat.Reader(now);
        var (hasBefore, hasAfter) = (before.Next(), after.Next());
        while (hasBefore || hasAfter)
        {
            var order = !hasBefore ? 1 : !hasAfter ? -1 : before.Name.SequenceCompareTo(after.Name);
            if (!TakeMonths(before, after, order))
            {
                if (order == 0)
                    Add(after.Name, checked(after.Value - before.Value));
                else if (order < 0)
                    Add(before.Name, checked(-before.Value));
                else
                    Add(after.Name, after.Value);
            }

            if (order <= 0)
                hasBefore = before.Next();
            if (order >= 0)
                hasAfter = after.Next();
        }

        _months.Settle();
    }

    /// <returns>False when it is a plain number.</returns>
    private bool TakeMonths(in SumsFormat.Reader before, in SumsFormat.Reader after, int order)
    {
        var isTaken = order <= 0 && _months.TryTakeBefore(before.Name, before.Value);
        return (order >= 0 && _months.TryTakeAfter(after.Name, after.Value)) || isTaken;
    }

    private void Turn(ReadOnlySpan<char> tenant)
    {
        if (tenant.SequenceEqual(_tenant))
            return;
        _tenant = tenant.ToString();
        if (!_tenants.TryGetValue(_tenant, out var tally))
            _tenants.Add(_tenant, tally = ([], new MonthTally()));
        (_metrics, _months) = tally;
    }

    private void Add(ReadOnlySpan<byte> name, long change)
    {
        if (change == 0)
            return;
        foreach (ref var metric in CollectionsMarshal.AsSpan(_metrics))
        {
            if (!name.SequenceEqual(metric.Name))
                continue;
            metric.Change = checked(metric.Change + change);
            return;
        }

        _metrics.Add(new Metric { Name = name.ToArray(), Change = change });
    }

    private struct Metric
    {
        public byte[] Name;
        public long Change;
    }
}
