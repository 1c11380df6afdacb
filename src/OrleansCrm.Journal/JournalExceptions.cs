namespace OrleansCrm.Journal;

/// <summary>Trouble with the durable record. Nothing of this family is our own mistake.</summary>
public abstract class JournalException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The writer's epoch or head is not the newest: somebody else owns the partition or desk now. Nothing was written.</summary>
public sealed class FencedException(string message) : JournalException(message);

/// <summary>The database did not do it, or did not say so: disk full, I/O error, lost connection. Whether it was written is unknown.</summary>
public class JournalUnavailableException(string message, Exception? inner = null) : JournalException(message, inner);

/// <summary>The database has no room left and has undone the write: nothing of it was written, and it can be tried again as it is.</summary>
public sealed class JournalFullException(string message, Exception? inner = null) : JournalUnavailableException(message, inner);

/// <summary>The database cannot be opened as it is: held by another process, corrupt, of a newer version, or no journal at all.</summary>
public sealed class JournalOpenException(string message, Exception? inner = null) : JournalException(message, inner)
{
    /// <summary>Another process holds it: nothing is wrong with it, and it can be had when that process is gone.</summary>
    public bool IsHeld { get; init; }

    /// <summary>There is none at that place; the place itself can be reached.</summary>
    public bool IsAbsent { get; init; }
}

/// <summary>What the database holds is damaged: it must be restored from a copy. Nothing past this place can be trusted.</summary>
/// <param name="partition">Where the damage is, -1 when no single partition is to blame.</param>
/// <param name="offset">First entry that cannot be read, -1 when unknown.</param>
public sealed class JournalCorruptException(string message, int partition, long offset, Exception? inner = null)
    : JournalException(message, inner)
{
    public int Partition => partition;

    public long Offset => offset;
}
