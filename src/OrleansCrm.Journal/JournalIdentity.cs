namespace OrleansCrm.Journal;

/// <param name="Partitions">Fixed when the database is created: customers are spread by hash modulo this.</param>
/// <param name="Schema">Version of the tables.</param>
/// <param name="DatabaseId">Random, made with the database; names it in logs and digests.</param>
public sealed record JournalIdentity(int Partitions, int Schema, Guid DatabaseId)
{
    /// <summary>Random, made with the database, never shown or logged: keys the hashes by which alone erased customers are known. Hex.</summary>
    public string HashKey { get; init; } = "";
}

/// <param name="Epoch">The new owner's number; every write names it.</param>
/// <param name="Head">Offset of the next entry.</param>
/// <param name="Checkpoint">Entries before it need no replay.</param>
/// <param name="LastRecordedMs">Recorded time of the newest entry; later ones may not be earlier. 0 for an empty partition.</param>
public sealed record PartitionTakeover(long Epoch, long Head, long Checkpoint, long LastRecordedMs);
