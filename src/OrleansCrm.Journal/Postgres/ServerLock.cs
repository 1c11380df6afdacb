using System.Diagnostics;
using Npgsql;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>
/// Keeps every other process that wants the database for itself alone out of it. The server holds the lock for a session of its own, so it
/// ends with the process, however that ends, and nobody ever has to remove a stale one.
/// </summary>
/// <remarks>
/// A session can also end while the process lives: the server restarts, or the way to it breaks. The lock is then asked for again; who finds
/// it taken has lost the database. Nothing can be written twice meanwhile, because the new owner has raised the epochs, and raising them
/// once more takes the session that holds the lock.
/// </remarks>
internal sealed class ServerLock : IAsyncDisposable
{
    /// <summary>First half of all our advisory locks, "OCRM"; other programs may lock other numbers of the same database.</summary>
    public const int Class = 0x4f43524d;

    /// <summary>Second half: making and upgrading the tables.</summary>
    public const int Upgrade = 1;

    /// <summary>Second half: the process that owns the database.</summary>
    private const int Server = 2;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>A session that does not answer is noticed within three seconds, before the server gives up the other end after five.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private const int CheckTimeoutSeconds = 2;

    private readonly NpgsqlDataSource _source;
    private readonly string _database;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _watching;

    /// <summary>The session does one thing at a time.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlConnection? _connection;

    private ServerLock(NpgsqlDataSource source, string database, NpgsqlConnection connection)
    {
        _source = source;
        _database = database;
        _connection = connection;
        _watching = WatchAsync();
    }

    public Task<string> Lost => _lost.Task;

    /// <exception cref="JournalOpenException">Another process holds the lock; the message names it.</exception>
    public static async Task<ServerLock> AcquireAsync(
        NpgsqlConnectionStringBuilder connection, string database, TimeSpan wait, CancellationToken cancellation)
    {
        var name = $"OrleansCrm server, process {Environment.ProcessId} on {Environment.MachineName}";
        var source = Connections.OpenSingle(connection, name, CheckTimeoutSeconds);
        try
        {
            var opened = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            try
            {
                var begun = Stopwatch.GetTimestamp();
                while (!await TryLockAsync(opened, cancellation).ConfigureAwait(false))
                {
                    if (Stopwatch.GetElapsedTime(begun) >= wait)
                        throw new JournalOpenException(await HeldAsync(opened, database).ConfigureAwait(false)) { IsHeld = true };
                    await Task.Delay(RetryDelay, cancellation).ConfigureAwait(false);
                }

                return new ServerLock(source, database, opened);
            }
            catch
            {
                await opened.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>One statement in the session of the lock: it is done while the lock is held, or not at all.</summary>
    /// <exception cref="JournalUnavailableException">The lock is away, with another process or with the server.</exception>
    public async Task<T> WriteAsync<T>(Func<PostgresSession, Task<T>> write, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_connection is null)
                await LockAgainAsync().ConfigureAwait(false);
            if (_connection is not { } connection)
                throw new JournalUnavailableException($"The lock of {_database} is away.");
            return await write(new PostgresSession(connection)).ConfigureAwait(false);
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            if (PostgresFailure.IsOfServer(error))
                await CloseAsync().ConfigureAwait(false);
            throw PostgresFailure.OfWrite(error);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
        _turn.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(CheckInterval);
        try
        {
            while (!_lost.Task.IsCompleted && await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            {
                await _turn.WaitAsync(_closing.Token).ConfigureAwait(false);
                try
                {
                    if (await IsHeldAsync().ConfigureAwait(false))
                        continue;
                    await CloseAsync().ConfigureAwait(false);
                    await LockAgainAsync().ConfigureAwait(false);
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            return; // closed by its owner
        }
        catch (Exception error)
        {
            // Our own mistake; without the watch the lock means nothing.
            _lost.TrySetResult($"The lock of {_database} is no longer watched: {error.Message}");
        }
    }

    private async Task<bool> IsHeldAsync()
    {
        if (_connection is not { } connection)
            return false;
        try
        {
            await new PostgresSession(connection).RunAsync("SELECT 1").ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            return false;
        }
    }

    /// <summary>Takes the lock again, or finds out who has it instead; neither while the server cannot say.</summary>
    private async Task LockAgainAsync()
    {
        if (_lost.Task.IsCompleted)
            return;
        NpgsqlConnection? opened = null;
        try
        {
            opened = await _source.OpenConnectionAsync(_closing.Token).ConfigureAwait(false);
            if (!await TryLockAsync(opened, _closing.Token).ConfigureAwait(false))
            {
                _lost.TrySetResult(await HeldAsync(opened, _database).ConfigureAwait(false));
                return;
            }

            _connection = opened;
            opened = null;
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            return; // asked again later
        }
        finally
        {
            if (opened is not null)
                await opened.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var locked = await new PostgresSession(connection).ReadAsync(
            row => row.GetBoolean(0), cancellation, Statement("SELECT pg_try_advisory_lock($1, $2)", Value(Class), Value(Server)))
            .ConfigureAwait(false);
        return locked[0];
    }

    private static async Task<string> HeldAsync(NpgsqlConnection connection, string database)
    {
        // Another role's session hides its name; it may also be gone by now.
        var holders = await new PostgresSession(connection).ReadAsync(
            row => $"{row.GetString(0)} (database session {row.GetInt32(1)}, since {row.GetString(2)})",
            """
            SELECT coalesce(nullif(application_name, ''), 'another process'), a.pid,
                coalesce(to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'an unknown time')
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = $1::oid AND objid = $2::oid
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            Value(Class), Value(Server)).ConfigureAwait(false);
        return $"The {database} is held by {(holders is [var holder, ..] ? holder : "another process")}. Stop that process first.";
    }
}
