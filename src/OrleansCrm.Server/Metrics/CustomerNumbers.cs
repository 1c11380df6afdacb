using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Metrics;

/// <summary>The sums over a tenant's customers, and what follows from them. Never a scan: the sums are kept with the snapshots.</summary>
internal sealed class CustomerNumbers(KeyValuePair<string, long>[] sums)
{
    private readonly Dictionary<string, long> _sums = new(sums, StringComparer.Ordinal);

    public long this[string metric] => _sums.GetValueOrDefault(metric);

    /// <summary>Sums whose names begin so, by the rest of the name.</summary>
    public IEnumerable<(string Name, long Value)> Under(string prefix) =>
        sums.Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(s => (s.Key[prefix.Length..], s.Value));

    /// <summary>The sums of the caller's tenant, and since when they are true.</summary>
    /// <returns>Null when a problem has been answered instead.</returns>
    public static async Task<(DateTimeOffset AsOf, CustomerNumbers Numbers, PartitionStatus[] Partitions)?> ReadAsync(
        HttpContext context, IGrainFactory grains, IJournal journal, TimeProvider time)
    {
        try
        {
            // Asked first: what was stored by then is in the sums that are read after.
            var statuses = await Task.WhenAll(Enumerable.Range(0, journal.Identity.Partitions).Select(p => grains.GetGrain<IPartitionGrain>(p).TouchAsync()));
            var stored = Math.Min(statuses.Min(s => s.StoredMs), time.GetUtcNow().ToUnixTimeMilliseconds());
            var sums = await journal.ReadSumsAsync(context.User.Tenant(), context.RequestAborted);
            return (DateTimeOffset.FromUnixTimeMilliseconds(stored), new CustomerNumbers(sums), statuses);
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e) && !context.RequestAborted.IsCancellationRequested)
        {
            await Problems.WriteUnavailableAsync(context);
            return null;
        }
    }

    public MonthTable MonthsOf(string kind) => new(
        sums.Select(s => MonthMetrics.TryParseCell(s.Key, kind, out var isCohort, out var from, out var month)
            ? new MonthCell(isCohort, from, month, s.Value)
            : (MonthCell?)null).OfType<MonthCell>().ToArray());
}

/// <param name="From">The customers' first month, or the one before this.</param>
internal readonly record struct MonthCell(bool IsCohort, int From, int Month, long Customers);

/// <summary>How many different customers were there, by months; see <see cref="MonthMetrics"/>.</summary>
internal sealed class MonthTable(MonthCell[] cells)
{
    /// <summary>The first month in which anybody was there; null when nobody ever was.</summary>
    public int? First => cells.Length == 0 ? null : cells.Min(c => c.Month);

    /// <summary>Different customers who were there in one of the months.</summary>
    public long In(Period period) => NewIn(period) + cells.Where(c => !c.IsCohort && c.From < period.First && period.Holds(c.Month)).Sum(c => c.Customers);

    /// <summary>Those whose first month is one of these.</summary>
    public long NewIn(Period period) => cells.Where(c => c.IsCohort && c.From == c.Month && period.Holds(c.Month)).Sum(c => c.Customers);

    /// <summary>Those who were there in both.</summary>
    public long InBoth(Period earlier, Period period) =>
        cells.Where(c => !c.IsCohort && c.From < period.First && earlier.Holds(c.From) && period.Holds(c.Month)).Sum(c => c.Customers);

    /// <summary>For each first month, how many were there in it and in each month after it up to <paramref name="last"/>.</summary>
    public IEnumerable<(int Month, long[] Active)> Cohorts(Period period, int last)
    {
        foreach (var cohort in cells.Where(c => c.IsCohort && period.Holds(c.From)).GroupBy(c => c.From).OrderBy(g => g.Key))
        {
            var active = new long[Math.Max(last, cohort.Max(c => c.Month)) - cohort.Key + 1];
            foreach (var cell in cohort)
                active[cell.Month - cohort.Key] = cell.Customers;
            yield return (cohort.Key, active);
        }
    }
}
