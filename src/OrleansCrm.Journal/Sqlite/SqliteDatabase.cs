using System.Globalization;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>An open data directory. Disposing it writes what waits and gives the directory free.</summary>
public sealed class SqliteDatabase : IJournalDatabase
{
    private readonly DataFiles _files;
    private readonly SqliteJournalOptions _options;
    private readonly DirectoryLock? _held;
    private readonly WriteLoop? _writer;
    private readonly ReadPool _readers;
    private readonly Lazy<Task> _closing;

    /// <param name="held">Null: for reading only.</param>
    internal SqliteDatabase(JournalIdentity identity, DataFiles files, SqliteJournalOptions options, DirectoryLock? held)
    {
        _files = files;
        _options = options;
        _held = held;
        _closing = new Lazy<Task>(CloseAsync);
        _writer = held is null ? null : new WriteLoop(OpenWriter, options);
        _readers = new ReadPool(OpenReader, options.ReadersMax);
        Journal = new JournalAdapter(this, identity);
        Accounts = new AccountAdapter(this);
        Quarantine = new QuarantineAdapter(this);
    }

    public IJournal Journal { get; }

    public IAccountStore Accounts { get; }

    public IQuarantineStore Quarantine { get; }

    /// <inheritdoc/>
    /// <remarks>Never here: the operating system holds the lock as long as this process lives.</remarks>
    public Task<string> Lost { get; } = new TaskCompletionSource<string>().Task;

    internal int ReadBytesMax => _options.ReadBytesMax;

    public ValueTask DisposeAsync() => new(_closing.Value);

    /// <exception cref="InvalidOperationException">The database is open for reading only.</exception>
    internal Task<T> WriteAsync<T>(Write<T> write, CancellationToken cancellation) =>
        (_writer ?? throw new InvalidOperationException("The journal is open for reading only.")).WriteAsync(write, cancellation);

    internal Task<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellation) =>
        WriteAsync(new Write<T>(write), cancellation);

    internal Task WriteAsync(Action<SqliteSession> write, CancellationToken cancellation) => WriteAsync(
        session =>
        {
            write(session);
            return true;
        },
        cancellation);

    /// <summary>
    /// Moves all of the write-ahead log into the database and cuts it off. The database itself holds nothing that was deleted: what is freed
    /// is overwritten (secure delete).
    /// </summary>
    /// <returns>False when a reader or a writer stood in the way for as long as a statement waits.</returns>
    internal Task<bool> EmptyLogAsync(CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                // A connection of its own: the writer's is always within a transaction when others may ask for something.
                using var session = OpenWriter();
                session.Execute("PRAGMA busy_timeout = 200"); // it keeps the writer waiting while it waits for readers
                using var row = session.Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
                return row.Step() && row.Int64(0) == 0;
            }
            catch (SqliteFailure failure)
            {
                throw failure.ToReadException();
            }
        },
        cancellation);

    internal Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation) => _readers.ReadAsync(read, cancellation);

    private async Task CloseAsync()
    {
        try
        {
            if (_writer is not null)
                await _writer.DisposeAsync().ConfigureAwait(false);
            await Task.Run(_readers.Dispose).ConfigureAwait(false);
        }
        finally
        {
            _held?.Dispose();
        }
    }

    private SqliteSession OpenWriter() => Open(readOnly: false, session =>
    {
        // Full: a commit is on the disk when it returns. Secure delete: what is erased does not stay readable in free pages.
        session.Execute(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
            PRAGMA secure_delete = ON; PRAGMA cache_size = -{_options.WriterCacheKib};
            PRAGMA journal_size_limit = {4096L * _options.CheckpointKib}
            """));
        var pageBytes = session.Int64("PRAGMA page_size");
        session.Execute(string.Create(
            CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint = {1024L * _options.CheckpointKib / pageBytes}"));
    });

    private SqliteSession OpenReader() => Open(readOnly: true, session =>
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = -{_options.ReaderCacheKib}")));

    private SqliteSession Open(bool readOnly, Action<SqliteSession> prepare)
    {
        var session = SqliteSession.Open(_files.Database, readOnly, _options.BusyTimeout);
        try
        {
            // No memory mapping: a disk error in a mapped file kills the process instead of failing one call.
            session.Execute(
                "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
            prepare(session);
            return session;
        }
        catch (SqliteFailure)
        {
            session.Dispose();
            throw;
        }
    }
}
