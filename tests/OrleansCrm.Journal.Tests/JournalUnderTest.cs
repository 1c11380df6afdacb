using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Journal.Tests;

/// <summary>A fresh journal of some database, and what tests do to it.</summary>
public abstract class JournalUnderTest : IAsyncDisposable
{
    public abstract IJournal Journal { get; }

    public abstract IAccountStore Accounts { get; }

    public abstract IQuarantineStore Quarantine { get; }

    /// <summary>Opens what a crash at this instant would have left; the old journal is gone.</summary>
    public abstract Task CrashAndReopenAsync();

    public abstract ValueTask DisposeAsync();
}
