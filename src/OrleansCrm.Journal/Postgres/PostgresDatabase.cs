using Npgsql;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Journal.Postgres;

/// <summary>An open database: a few connections that append, a few that write everything else, and a few that read.</summary>
public sealed class PostgresDatabase : IJournalDatabase
{
    private readonly NpgsqlDataSource _writers;
    private readonly NpgsqlDataSource _readers;
    private readonly ServerLock? _held;
    private readonly AppendLoop[] _appenders;
    private readonly bool _isReadOnly;
    private readonly Lazy<Task> _closing;

    /// <param name="held">Null: shared with other processes, or for reading only.</param>
    internal PostgresDatabase(
        JournalIdentity identity, NpgsqlConnectionStringBuilder connection, PostgresJournalOptions options, ServerLock? held, bool readOnly)
    {
        _held = held;
        _isReadOnly = readOnly;
        _closing = new Lazy<Task>(CloseAsync);
        _writers = Connections.OpenPool(connection, options.AppendersMax + options.WritersMax, readOnly: false);
        _readers = Connections.OpenPool(connection, options.ReadersMax, readOnly: true);
        _appenders = new AppendLoop[readOnly ? 0 : Math.Min(options.AppendersMax, identity.Partitions)];
        for (var i = 0; i < _appenders.Length; i++)
            _appenders[i] = new AppendLoop(_writers, options);
        Lost = held?.Lost ?? new TaskCompletionSource<string>().Task;
        ReadBytesMax = options.ReadBytesMax;
        Journal = new JournalAdapter(this, identity);
        Accounts = new AccountAdapter(this);
        Quarantine = new QuarantineAdapter(this);
    }

    public IJournal Journal { get; }

    public IAccountStore Accounts { get; }

    public IQuarantineStore Quarantine { get; }

    public Task<string> Lost { get; }

    internal int ReadBytesMax { get; }

    public ValueTask DisposeAsync() => new(_closing.Value);

    /// <exception cref="InvalidOperationException">The database is open for reading only.</exception>
    internal Task AppendAsync(PendingAppend append, CancellationToken cancellation)
    {
        CheckWritable();
        return _appenders[append.Partition % _appenders.Length].AppendAsync(append, cancellation);
    }

    /// <summary>One transaction. Cancelling helps only until it has begun.</summary>
    /// <exception cref="InvalidOperationException">The database is open for reading only.</exception>
    internal async Task<T> WriteAsync<T>(Func<PostgresSession, Task<T>> write, CancellationToken cancellation)
    {
        CheckWritable();
        try
        {
            var connection = await _writers.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var result = await write(new PostgresSession(connection)).ConfigureAwait(false);
                    await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                    return result;
                }
            }
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            Forget(_writers, error);
            throw PostgresFailure.OfWrite(error);
        }
    }

    /// <summary>
    /// Takes the dead rows out of the tables that hold customers, so that their space is written again. What the server's own log, its
    /// replicas and backups still have ages with them.
    /// </summary>
    /// <returns>False when the server did not get through with it in time.</returns>
    internal async Task<bool> VacuumAsync(CancellationToken cancellation)
    {
        CheckWritable();
        try
        {
            var connection = await _writers.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var vacuum = new NpgsqlCommand(
                    """
                    VACUUM orleanscrm.block, orleanscrm.strand, orleanscrm.snapshot, orleanscrm.fault, orleanscrm.outbox,
                        orleanscrm.alert_change, orleanscrm.alert_open, orleanscrm.quarantine, orleanscrm.erasure
                    """,
                    connection);
                await using (vacuum.ConfigureAwait(false))
                    await vacuum.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
                return true;
            }
        }
        catch (Exception error) when (error is TimeoutException or PostgresException { SqlState: "57014" } or NpgsqlException { InnerException: TimeoutException })
        {
            // Autovacuum goes on where this stopped, and so does the next try.
            return false;
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            Forget(_writers, error);
            throw PostgresFailure.OfWrite(error);
        }
    }

    /// <summary>One statement; with the database for itself alone this process does it in the session that says so.</summary>
    /// <exception cref="InvalidOperationException">The database is open for reading only.</exception>
    internal Task<T> WriteAsOwnerAsync<T>(Func<PostgresSession, Task<T>> write, CancellationToken cancellation)
    {
        CheckWritable();
        return _held is null ? WriteAsync(write, cancellation) : _held.WriteAsync(write, cancellation);
    }

    internal Task WriteAsync(Func<PostgresSession, Task> write, CancellationToken cancellation) => WriteAsync(
        async session =>
        {
            await write(session).ConfigureAwait(false);
            return true;
        },
        cancellation);

    /// <summary>Statements of one call see the database at one instant.</summary>
    internal async Task<T> ReadAsync<T>(Func<PostgresSession, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            var connection = await _readers.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
                return await read(new PostgresSession(connection)).ConfigureAwait(false);
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            Forget(_readers, error);
            throw PostgresFailure.OfRead(error);
        }
    }

    // Each connection of a server that has restarted would fail one more call.
    private static void Forget(NpgsqlDataSource pool, Exception error)
    {
        if (PostgresFailure.IsOfServer(error))
            pool.Clear();
    }

    private void CheckWritable()
    {
        if (_isReadOnly)
            throw new InvalidOperationException("The journal is open for reading only.");
        ObjectDisposedException.ThrowIf(_closing.IsValueCreated, this);
    }

    private async Task CloseAsync()
    {
        try
        {
            foreach (var appender in _appenders)
                await appender.DisposeAsync().ConfigureAwait(false);
            await _writers.DisposeAsync().ConfigureAwait(false);
            await _readers.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_held is not null)
                await _held.DisposeAsync().ConfigureAwait(false);
        }
    }
}
