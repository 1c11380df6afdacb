using SQLitePCL;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>SQLite said no. Stays within this folder: callers see the exceptions of the journal.</summary>
/// <param name="code">Extended result code.</param>
internal sealed class SqliteFailure(int code, string message) : Exception(message)
{
    private int PrimaryCode => code & 0xff;

    /// <summary>A key exists twice or a column is null: a mistake of whoever wrote it, not of the disk.</summary>
    public bool IsConstraint => PrimaryCode == raw.SQLITE_CONSTRAINT;

    /// <summary>No room. The frame that would have made the transaction true was not written then, so it is undone for certain.</summary>
    public bool IsFull => PrimaryCode == raw.SQLITE_FULL;

    public bool IsDamage => PrimaryCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>The connection itself may be in a bad way: it is closed and opened anew.</summary>
    public bool SpoilsConnection => IsDamage || PrimaryCode is raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_MISUSE;

    /// <summary>As those who read see it.</summary>
    public JournalException ToReadException() => IsDamage
        ? new JournalCorruptException($"The journal is damaged: {Message}.", -1, -1, this)
        : new JournalUnavailableException($"The journal could not be read: {Message}.", this);
}
