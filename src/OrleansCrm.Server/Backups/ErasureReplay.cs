using Orleans;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Backups;

/// <summary>Erases once more whom a restored database knows although they were erased after its backup was taken.</summary>
internal static class ErasureReplay
{
    private const int Page = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>How many were erased.</returns>
    /// <exception cref="JournalException">The database cannot be opened or read.</exception>
    public static async Task<int> RunAsync(ErasureList list, ServerOptions options, CancellationToken cancellation)
    {
        if ((await FindNewAsync(list, options, cancellation)).Length == 0)
            return 0;
        var count = await EraseKnownAsync(list, options, cancellation);
        await RefuseUnknownAsync(await FindNewAsync(list, options, cancellation), options, cancellation);
        return count;
    }

    private static async Task<ListedErasure[]> FindNewAsync(ErasureList list, ServerOptions options, CancellationToken cancellation)
    {
        await using var database = await ReadOnlyDatabase.OpenAsync(options.Data, options.Database, cancellation);
        var known = (await ErasureList.ReadAsync(database.Journal, cancellation)).Erased.Select(e => e.Hash).ToHashSet(StringComparer.Ordinal);
        return Array.FindAll(list.Erased, erasure => !known.Contains(erasure.Hash));
    }

    private static async Task<int> EraseKnownAsync(ErasureList list, ServerOptions options, CancellationToken cancellation)
    {
        await using var engine = await EngineHost.StartAsync(options, listen: false, cancellation);
        await engine.WhenReadyAsync(cancellation);

        // Who came just before the backup has no snapshot yet, and nothing else names the customers.
        await engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        var journal = engine.Services.GetRequiredService<IJournal>();
        var grains = engine.Services.GetRequiredService<IGrainFactory>();
        var hashes = list.Erased.Select(e => e.Hash).ToHashSet(StringComparer.Ordinal);
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

    /// <summary>Whom the backup had not met yet there is nothing of, but a late event of theirs must be refused all the same.</summary>
    private static async Task RefuseUnknownAsync(ListedErasure[] unknown, ServerOptions options, CancellationToken cancellation)
    {
        if (unknown.Length == 0)
            return;
        await using IJournalDatabase database = options.Database is { } connection
            ? await PostgresJournal.OpenAsync(new PostgresJournalOptions { ConnectionString = connection, Exclusive = true }, cancellation)
            : await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = options.Data }, cancellation);
        foreach (var some in unknown.GroupBy(erasure => erasure.Partition))
        {
            var epoch = (await database.Journal.TakeOverAsync(some.Key, cancellation)).Epoch;
            foreach (var erasure in some)
            {
                var row = new ErasureRow(some.Key, erasure.Hash, erasure.Tombstone, erasure.RequestedMs, 0, []);
                await database.Journal.BeginErasureAsync(row, epoch, cancellation);
                await database.Journal.EndErasureAsync(some.Key, epoch, erasure.Hash, erasure.RequestedMs, cancellation);
            }
        }
    }

    private static async Task EraseAsync(IPartitionGrain partition, string customer, CancellationToken cancellation)
    {
        while ((await partition.EraseAsync(customer, isAwaited: true)).Status is EraseStatus.UnderWay or EraseStatus.Unavailable)
            await Task.Delay(Pause, cancellation);
    }
}
