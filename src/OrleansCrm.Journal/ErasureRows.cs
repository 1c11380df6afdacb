using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Journal;

/// <summary>The erasure of one customer, under way or done.</summary>
/// <param name="Hash">Keyed hash of the customer's key, 32 hex digits.</param>
/// <param name="Customer">Canonical key of the customer, and of the tombstone once that has taken the place.</param>
/// <param name="DoneMs">Unix milliseconds; 0 while it is under way.</param>
/// <param name="Stores">What was removed; empty until the tombstone has taken the place.</param>
public sealed record ErasureRow(int Partition, string Hash, string Customer, long RequestedMs, long DoneMs, StoreCount[] Stores);

/// <summary>Puts a tombstone in a customer's place.</summary>
/// <param name="Tombstone">Takes the place of the entry at its offset. Its customer is the tombstone's key.</param>
/// <param name="State">The stored state of the tombstone, which covers that entry. Its sums are those of the customer's row, unchanged.</param>
/// <param name="Offsets">All entries of the customer's strands, rising.</param>
/// <param name="EraseAlert">What may stay of a stored alert.</param>
public sealed record ErasureWrite(
    int Partition,
    long Epoch,
    string Hash,
    string Customer,
    Entry Tombstone,
    byte[] State,
    long[] Offsets,
    Func<byte[], byte[]> EraseAlert);
