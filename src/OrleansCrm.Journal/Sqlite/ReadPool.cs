using System.Collections.Concurrent;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>A few connections that read, each in a short transaction of its own, beside the writer and never blocked by it.</summary>
internal sealed class ReadPool(Func<SqliteSession> open, int sessionsMax) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(sessionsMax);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _disposed;

    /// <summary>Runs on the thread pool: SQLite blocks while it reads, and the caller's turn may not.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(read), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Waits for the reads under way, then closes.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        for (var i = 0; i < sessionsMax; i++)
            _slots.Wait();
        while (_idle.TryTake(out var session))
            session.Dispose();
        _slots.Release(sessionsMax); // readers that still wait are told that it is closed
    }

    private T Read<T>(Func<SqliteSession, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SqliteSession? session = null;
        try
        {
            if (!_idle.TryTake(out session))
                session = open();
            session.Prepare("BEGIN").Run();
            var result = read(session);
            session.Prepare("COMMIT").Run();
            _idle.Add(session);
            return result;
        }
        catch (Exception error)
        {
            session?.Dispose();
            if (error is SqliteFailure failure)
                throw failure.ToReadException();
            throw;
        }
    }
}
