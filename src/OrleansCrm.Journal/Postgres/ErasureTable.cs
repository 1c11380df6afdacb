using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Who was erased or is being erased, and the transaction that takes a customer out of every table.</summary>
internal static class ErasureTable
{
    public static async Task BeginAsync(PostgresSession session, ErasureRow erasure, long epoch)
    {
        await PartitionTable.NextStrandAsync(session, erasure.Partition, epoch, 0).ConfigureAwait(false);
        await session.RunAsync(
            """
            INSERT INTO orleanscrm.erasure(partition, hash, customer, requested, done, stores) VALUES($1, $2, $3, $4, 0, '[]')
            ON CONFLICT (partition, hash) DO NOTHING
            """,
            Value(erasure.Partition), Value(erasure.Hash), Value(erasure.Customer), Value(erasure.RequestedMs)).ConfigureAwait(false);
    }

    public static Task<ErasureRow[]> ReadAsync(PostgresSession session, int partition, CancellationToken cancellation) => session.ReadAsync(
        row => new ErasureRow(
            partition, row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3),
            JsonSerializer.Deserialize<StoreCount[]>(row.GetString(4)) ?? []),
        cancellation,
        Statement(
            "SELECT hash, customer, requested, done, stores FROM orleanscrm.erasure WHERE partition = $1 ORDER BY hash", Value(partition)));

    public static async Task BlankAsync(PostgresSession session, int partition, long epoch, long[] offsets)
    {
        await PartitionTable.NextStrandAsync(session, partition, epoch, 0).ConfigureAwait(false);
        await BlockTable.ReplaceAsync(session, partition, offsets, EntryBlanking.Blank).ConfigureAwait(false);
    }

    public static async Task RedactAsync(PostgresSession session, int partition, long epoch, Entry[] entries)
    {
        await PartitionTable.NextStrandAsync(session, partition, epoch, 0).ConfigureAwait(false);
        var offsets = Array.ConvertAll(entries, entry => entry.Offset);
        await BlockTable.ReplaceAsync(session, partition, offsets, EntryBlanking.Redact(entries, offsets)).ConfigureAwait(false);
        await EraseOutboxAsync(session, partition, offsets).ConfigureAwait(false);
    }

    public static async Task ArchiveAsync(PostgresSession session, int partition, long epoch, long[] blank, Entry[] states)
    {
        await PartitionTable.NextStrandAsync(session, partition, epoch, 0).ConfigureAwait(false);
        var replace = EntryBlanking.Archive(blank, states, out var offsets);
        await BlockTable.ReplaceAsync(session, partition, offsets, replace).ConfigureAwait(false);
    }

    public static async Task EraseAsync(PostgresSession session, ErasureWrite write)
    {
        var number = await PartitionTable.NextStrandAsync(session, write.Partition, write.Epoch, 1).ConfigureAwait(false);
        var (partition, customer, tombstone) = (write.Partition, write.Customer, write.Tombstone);
        await BlockTable.ReplaceAsync(session, partition, [tombstone.Offset], _ => tombstone).ConfigureAwait(false);

        var strands = await session.RunAsync(
            "DELETE FROM orleanscrm.strand WHERE partition = $1 AND customer = $2", Value(partition), Value(customer)).ConfigureAwait(false);
        var strand = EncodedStrand.Of(new StrandRow(0, tombstone.Customer, [tombstone.Offset], [tombstone.MessageId], []));
        await session.RunAsync(StrandTable.Insert(partition, number, [strand])).ConfigureAwait(false);
        var snapshots = await session.RunAsync(
            """
            UPDATE orleanscrm.snapshot SET customer = $3, covered = $4, next_wake = 0, import = '', phase = '', tier = '', risk = 0,
                orders = 0, revenue = 0, last_seen = 0, segments = '', campaign = '', owner = '', state = $5
            WHERE partition = $1 AND customer = $2
            """,
            Value(partition), Value(customer), Value(tombstone.Customer), Value(tombstone.Offset), Value(write.State)).ConfigureAwait(false);
        var faults = await session.RunAsync(
            "DELETE FROM orleanscrm.fault WHERE partition = $1 AND customer = $2", Value(partition), Value(customer)).ConfigureAwait(false);
        var outbox = await EraseOutboxAsync(session, partition, write.Offsets).ConfigureAwait(false);
        var tenant = CustomerKey.TenantOf(customer);
        var (changes, open) = await DeskTables.EraseAsync(session, tenant, partition, write.Offsets, write.EraseAlert).ConfigureAwait(false);
        var quarantine = await QuarantineAdapter.EraseAsync(session, tenant, [customer]).ConfigureAwait(false);
        StoreCount[] stores =
        [
            new("entries", write.Offsets.Length), new("strands", strands), new("snapshots", snapshots), new("faults", faults),
            new("outbox", outbox), new("alertChanges", changes), new("openAlerts", open), new("quarantine", quarantine),
        ];
        await session.RunAsync(
            "UPDATE orleanscrm.erasure SET customer = $4, stores = $3 WHERE partition = $1 AND hash = $2",
            Value(partition), Value(write.Hash), Value(JsonSerializer.Serialize(stores)), Value(tombstone.Customer)).ConfigureAwait(false);
    }

    public static async Task EndAsync(PostgresSession session, int partition, long epoch, string hash, long doneMs)
    {
        await PartitionTable.NextStrandAsync(session, partition, epoch, 0).ConfigureAwait(false);
        await session.RunAsync(
            "UPDATE orleanscrm.erasure SET done = $3 WHERE partition = $1 AND hash = $2", Value(partition), Value(hash), Value(doneMs))
            .ConfigureAwait(false);
    }

    private static async Task<int> EraseOutboxAsync(PostgresSession session, int partition, long[] offsets)
    {
        var rows = await session.ReadAsync(
            row => (Offset: row.GetInt64(0), Index: row.GetInt32(1)),
            "SELECT entry_offset, idx FROM orleanscrm.outbox WHERE partition = $1",
            Value(partition)).ConfigureAwait(false);
        var mine = Array.FindAll(rows, row => Array.BinarySearch(offsets, row.Offset) >= 0);
        foreach (var (offset, index) in mine)
        {
            await session.RunAsync(
                "DELETE FROM orleanscrm.outbox WHERE partition = $1 AND entry_offset = $2 AND idx = $3",
                Value(partition), Value(offset), Value(index)).ConfigureAwait(false);
        }

        return mine.Length;
    }
}
