using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Models;

/// <summary>
/// What a tenant's customers bought, out of their stored snapshots: at most some seconds behind, and read beside the writer, a page at a
/// time, so that ingest does not wait for it.
/// </summary>
internal static class PurchaseRecords
{
    private const int Page = 500;

    /// <param name="segmentsAtMs">See <see cref="PurchaseRecord.Of"/>.</param>
    /// <returns>Only customers who have bought.</returns>
    /// <exception cref="JournalException">The database cannot be read, or is damaged.</exception>
    public static async Task<PurchaseRecord[]> ReadAsync(IJournal journal, string tenant, ProgramDocument program, long? segmentsAtMs, CancellationToken cancellation)
    {
        var records = new List<PurchaseRecord>();
        var prefix = tenant + "/";
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            var after = prefix;
            while (await journal.ReadSnapshotsAfterAsync(partition, after, Page, cancellation) is { Length: > 0 } rows)
            {
                foreach (var row in rows.TakeWhile(r => r.Customer.StartsWith(prefix, StringComparison.Ordinal)))
                {
                    if (PurchaseRecord.Of(SnapshotCodec.Decode(row.State), program, segmentsAtMs) is { } record)
                        records.Add(record);
                }

                after = rows[^1].Customer;
                if (!after.StartsWith(prefix, StringComparison.Ordinal))
                    break;
                await Task.Yield();
            }
        }

        return [.. records];
    }
}
