using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Journal;

/// <summary>An open database. Disposing it writes what waits and gives the database free.</summary>
public interface IJournalDatabase : IAsyncDisposable
{
    IJournal Journal { get; }

    IAccountStore Accounts { get; }

    IQuarantineStore Quarantine { get; }

    /// <summary>
    /// Completes when another process owns the database that this one had opened for itself alone, with words that name it. Writes are
    /// fenced from then on; what this process still answers from memory may be old, so it should end.
    /// </summary>
    Task<string> Lost { get; }
}
