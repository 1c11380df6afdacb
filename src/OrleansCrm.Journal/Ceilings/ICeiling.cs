using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Ceilings;

/// <summary>How the benchmark writes to the database beside the journal.</summary>
public enum CeilingKind
{
    Unknown = 0,

    /// <summary>One row per event, many events to a transaction: the fastest way that keeps each event apart.</summary>
    RowPerEvent = 1,

    /// <summary>One row for all events of a transaction: the fastest way there is.</summary>
    BlockPerCommit = 2,

    /// <summary>For each event a transaction that locks the customer's row, reads it, and writes it back changed: what most teams write.</summary>
    TransactionPerEvent = 3,

    /// <summary>For each event one statement that makes or changes the customer's row.</summary>
    UpsertPerEvent = 4,
}

/// <summary>
/// The same database with the same durability as the journal, without the journal: what the machine can do, for the benchmark to measure
/// the journal against. Tables of its own, in a place of its own.
/// </summary>
public interface ICeiling : IAsyncDisposable
{
    /// <summary>Name and version of the database, for people.</summary>
    string Version { get; }

    /// <summary>Numbers of connections worth trying; the best of them counts.</summary>
    int[] ConnectionsOf(CeilingKind kind);

    /// <summary>Opens one connection with its statements prepared. Connections of one ceiling may work side by side.</summary>
    Task<ICeilingConnection> ConnectAsync(CeilingKind kind, CancellationToken cancellation);
}

/// <summary>One connection, used by one caller at a time.</summary>
public interface ICeilingConnection : IAsyncDisposable
{
    /// <summary>
    /// Writes the entries; they are durable when the task completes. One transaction, or one per entry where the kind says so. May block.
    /// </summary>
    Task CommitAsync(ReadOnlyMemory<Entry> entries, CancellationToken cancellation);
}
