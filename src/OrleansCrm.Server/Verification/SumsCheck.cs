using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Verification;

/// <summary>
/// Adds up what the snapshot rows contribute and holds it against the stored sums. Beside a running server rows move while they are read:
/// only a reading around which the sums stood still counts, and a difference has to show every time.
/// </summary>
internal static class SumsCheck
{
    private const int Tries = 5;
    private const int Page = 1_000;

    public static async Task CompareAsync(IJournal journal, string[] tenants, Findings findings, CancellationToken cancellation)
    {
        var stable = 0;
        var difference = "";
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var before = await ReadAsync(journal, tenants, cancellation);
            var rows = await AddUpAsync(journal, cancellation);
            var after = await ReadAsync(journal, tenants, cancellation);
            if (!before.SequenceEqual(after))
                continue;
            stable++;
            if (FindDifference(before, rows) is not { } found)
                return;
            difference = found;
        }

        if (stable == Tries)
            findings.Differ(difference);
        else
            findings.Notes.Add("snapshots are being written too fast to add them up; the sums are not compared");
    }

    private static async Task<SortedDictionary<string, long>> ReadAsync(IJournal journal, string[] tenants, CancellationToken cancellation)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var tenant in tenants)
        {
            foreach (var (metric, value) in await journal.ReadSumsAsync(tenant, cancellation))
                sums[$"{tenant}/{metric}"] = value;
        }

        return sums;
    }

    private static async Task<SortedDictionary<string, long>> AddUpAsync(IJournal journal, CancellationToken cancellation)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            var after = "";
            while (await journal.ReadSnapshotsAfterAsync(partition, after, Page, cancellation) is { Length: > 0 } rows)
            {
                foreach (var row in rows)
                {
                    var tenant = CustomerKey.TenantOf(row.Customer);
                    foreach (var sum in MonthMetrics.Expand(row.Sums))
                        sums[$"{tenant}/{sum.Metric}"] = sums.GetValueOrDefault($"{tenant}/{sum.Metric}") + sum.Value;
                }

                after = rows[^1].Customer;
            }
        }

        foreach (var metric in sums.Where(s => s.Value == 0).Select(s => s.Key).ToArray())
            sums.Remove(metric);
        return sums;
    }

    private static string? FindDifference(SortedDictionary<string, long> stored, SortedDictionary<string, long> rows)
    {
        foreach (var metric in stored.Keys.Union(rows.Keys).Order(StringComparer.Ordinal))
        {
            var (kept, added) = (stored.GetValueOrDefault(metric), rows.GetValueOrDefault(metric));
            if (kept != added)
                return FormattableString.Invariant($"sum {metric} is {kept}, its rows add up to {added}");
        }

        return null;
    }
}
