using Orleans;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Backups;

/// <summary>Erases once more whom a restored database knows although they were erased after its backup was taken.</summary>
internal static class ErasureReplay
{
    private const int Page = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>How many were erased.</returns>
    /// <exception cref="JournalException">The database cannot be opened or read.</exception>
    public static async Task<int> RunAsync(ErasureList erased, ServerOptions options, CancellationToken cancellation)
    {
        if (!await HasNewAsync(erased, options, cancellation))
            return 0;
        await using var engine = await EngineHost.StartAsync(options, listen: false, cancellation);
        await engine.WhenReadyAsync(cancellation);

        // Who came just before the backup has no snapshot yet, and nothing else names the customers.
        await engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        var journal = engine.Services.GetRequiredService<IJournal>();
        var grains = engine.Services.GetRequiredService<IGrainFactory>();
        var hashes = erased.Hashes.ToHashSet(StringComparer.Ordinal);
        var count = 0;
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            var known = (await journal.ReadErasuresAsync(partition, cancellation)).Select(e => e.Hash).ToHashSet(StringComparer.Ordinal);
            var after = "";
            while (await journal.ReadSnapshotsAfterAsync(partition, after, Page, cancellation) is { Length: > 0 } rows)
            {
                foreach (var row in rows)
                {
                    var hash = CustomerHash.Of(journal.Identity.HashKey, row.Customer).ToString("N");
                    if (!hashes.Contains(hash) || known.Contains(hash))
                        continue;
                    await EraseAsync(grains.GetGrain<IPartitionGrain>(partition), row.Customer, cancellation);
                    count++;
                }

                after = rows[^1].Customer;
            }
        }

        return count;
    }

    private static async Task<bool> HasNewAsync(ErasureList erased, ServerOptions options, CancellationToken cancellation)
    {
        await using var database = await ReadOnlyDatabase.OpenAsync(options.Data, options.Database, cancellation);
        return erased.Hashes.Except((await ErasureList.ReadAsync(database.Journal, cancellation)).Hashes).Any();
    }

    private static async Task EraseAsync(IPartitionGrain partition, string customer, CancellationToken cancellation)
    {
        while ((await partition.EraseAsync(customer, isAwaited: true)).Status is EraseStatus.UnderWay or EraseStatus.Unavailable)
            await Task.Delay(Pause, cancellation);
    }
}
