using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Who was erased or is being erased, and the transaction that takes a customer out of every table.</summary>
internal static class ErasureTable
{
    public static void Begin(SqliteSession session, ErasureRow erasure, long epoch)
    {
        PartitionTable.CheckOwner(session, erasure.Partition, epoch);
        session.Prepare("INSERT OR IGNORE INTO erasure(partition, hash, customer, requested, done, stores) VALUES(?, ?, ?, ?, 0, '[]')")
            .Bind(erasure.Partition).Bind(erasure.Hash).Bind(erasure.Customer).Bind(erasure.RequestedMs).Run();
    }

    public static ErasureRow[] Read(SqliteSession session, int partition)
    {
        var erasures = new List<ErasureRow>();
        using var rows = session.Prepare("SELECT hash, customer, requested, done, stores FROM erasure WHERE partition = ? ORDER BY hash")
            .Bind(partition);
        while (rows.Step())
        {
            erasures.Add(new ErasureRow(
                partition, rows.Text(0), rows.Text(1), rows.Int64(2), rows.Int64(3), JsonSerializer.Deserialize<StoreCount[]>(rows.Blob(4)) ?? []));
        }

        return erasures.ToArray();
    }

    public static void Blank(SqliteSession session, int partition, long epoch, long[] offsets)
    {
        PartitionTable.CheckOwner(session, partition, epoch);
        BlockTable.Replace(session, partition, offsets, EntryBlanking.Blank);
    }

    public static void Redact(SqliteSession session, int partition, long epoch, Entry[] entries)
    {
        PartitionTable.CheckOwner(session, partition, epoch);
        var offsets = Array.ConvertAll(entries, entry => entry.Offset);
        BlockTable.Replace(session, partition, offsets, EntryBlanking.Redact(entries, offsets));
        EraseOutbox(session, partition, offsets);
    }

    public static void Archive(SqliteSession session, int partition, long epoch, long[] blank, Entry[] states)
    {
        PartitionTable.CheckOwner(session, partition, epoch);
        var replace = EntryBlanking.Archive(blank, states, out var offsets);
        BlockTable.Replace(session, partition, offsets, replace);
    }

    public static void Erase(SqliteSession session, ErasureWrite write)
    {
        var row = PartitionTable.NextStrand(session, write.Partition, write.Epoch);
        var (partition, customer, tombstone) = (write.Partition, write.Customer, write.Tombstone);
        BlockTable.Replace(session, partition, [tombstone.Offset], _ => tombstone);

        var strands = session.Prepare("DELETE FROM strand WHERE partition = ? AND customer = ?").Bind(partition).Bind(customer).Run();
        StrandTable.Insert(
            session, partition, row, EncodedStrand.Of(new StrandRow(0, tombstone.Customer, [tombstone.Offset], [tombstone.MessageId], [])));
        var snapshots = session.Prepare(
            """
            UPDATE snapshot SET customer = ?, covered = ?, next_wake = 0, import = '', phase = '', tier = '', risk = 0, orders = 0, revenue = 0,
                last_seen = 0, segments = '', campaign = '', owner = '', state = ?
            WHERE partition = ? AND customer = ?
            """).Bind(tombstone.Customer).Bind(tombstone.Offset).Bind(write.State).Bind(partition).Bind(customer).Run();
        var faults = session.Prepare("DELETE FROM fault WHERE position BETWEEN ? AND ? AND customer = ?")
            .Bind(Position.FirstOf(partition)).Bind(Position.LastOf(partition)).Bind(customer).Run();
        var outbox = EraseOutbox(session, partition, write.Offsets);
        var tenant = CustomerKey.TenantOf(customer);
        var (changes, open) = DeskTables.Erase(session, tenant, partition, write.Offsets, write.EraseAlert);
        var quarantine = QuarantineAdapter.Erase(session, tenant, [customer]);
        StoreCount[] stores =
        [
            new("entries", write.Offsets.Length), new("strands", strands), new("snapshots", snapshots), new("faults", faults),
            new("outbox", outbox), new("alertChanges", changes), new("openAlerts", open), new("quarantine", quarantine),
        ];
        session.Prepare("UPDATE erasure SET customer = ?, stores = ? WHERE partition = ? AND hash = ?")
            .Bind(tombstone.Customer).Bind(JsonSerializer.Serialize(stores)).Bind(partition).Bind(write.Hash).Run();
    }

    public static void End(SqliteSession session, int partition, long epoch, string hash, long doneMs)
    {
        PartitionTable.CheckOwner(session, partition, epoch);
        session.Prepare("UPDATE erasure SET done = ? WHERE partition = ? AND hash = ?").Bind(doneMs).Bind(partition).Bind(hash).Run();
    }

    private static int EraseOutbox(SqliteSession session, int partition, long[] offsets)
    {
        var mine = new List<(long Offset, long Index)>();
        using (var rows = session.Prepare("SELECT entry_offset, idx FROM outbox WHERE partition = ?").Bind(partition))
        {
            while (rows.Step())
            {
                if (Array.BinarySearch(offsets, rows.Int64(0)) >= 0)
                    mine.Add((rows.Int64(0), rows.Int64(1)));
            }
        }

        foreach (var (offset, index) in mine)
        {
            session.Prepare("DELETE FROM outbox WHERE partition = ? AND entry_offset = ? AND idx = ?")
                .Bind(partition).Bind(offset).Bind(index).Run();
        }

        return mine.Count;
    }
}
