using System.Diagnostics;
using System.Threading.Channels;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>
/// The one writer: a thread that takes whatever waits, writes it in one transaction, and answers all of it after the commit. What arrives
/// while a commit is on its way to the disk forms the next transaction, so transactions grow with the load and nothing waits when idle.
/// Flushes give way: a transaction that has anything else in it takes one of them, so that senders never wait behind the snapshots of
/// every partition. An append that finds nobody writing is written by its sender, while commits are quick: handing it to the thread and the
/// answer back takes longer than the commit.
/// </summary>
/// <remarks>
/// A thread of its own, as SQLite blocks in the commit and the thread pool has few threads on a small machine.
/// </remarks>
internal sealed class WriteLoop : IAsyncDisposable
{
    /// <summary>What a sender writes himself, at most; more is worth the thread, and its sender has other things to do meanwhile.</summary>
    private const int BytesAtOnceMax = 16 * 1024;

    private readonly Func<SqliteSession> _open;
    private readonly int _bytesMax;
    private readonly int _countMax;
    private readonly TimeSpan _quickCommit;
    private readonly Channel<Write> _waiting;

    // Taken from the channel and not in a transaction yet; of the writer's thread alone.
    private readonly Queue<Write> _givingWay = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Held by whoever writes.
    private readonly Lock _writing = new();
    private SqliteSession? _session;
    private bool _hasEnded;
    private volatile bool _isQuick;

    /// <param name="open">Opens the writing connection; called again when a failure has spoiled the last one.</param>
    public WriteLoop(Func<SqliteSession> open, SqliteJournalOptions options)
    {
        _open = open;
        _bytesMax = options.TransactionBytesMax;
        _countMax = options.WaitingWritesMax;
        _quickCommit = options.QuickCommit;
        _waiting = Channel.CreateBounded<Write>(new BoundedChannelOptions(_countMax) { SingleReader = true });
        _session = open();
        new Thread(Run) { IsBackground = true, Name = "journal writer" }.Start();
    }

    /// <summary>Waits for the write to be durable. Cancelling helps only until the write is in the queue.</summary>
    public Task<T> WriteAsync<T>(Write<T> write, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested && (TryWriteAtOnce(write) || _waiting.Writer.TryWrite(write))
            ? write.Answer
            : WaitAndWriteAsync(write, cancellation);

    /// <summary>Writes what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _ended.Task.ConfigureAwait(false);
    }

    private async Task<T> WaitAndWriteAsync<T>(Write<T> write, CancellationToken cancellation)
    {
        try
        {
            await _waiting.Writer.WriteAsync(write, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            write.Fail(cancelled);
        }
        catch (ChannelClosedException closed)
        {
            write.Fail(new ObjectDisposedException("The journal is closed.", closed));
        }

        return await write.Answer.ConfigureAwait(false);
    }

    private bool TryWriteAtOnce(Write write)
    {
        if (!_isQuick || write is not AppendWrite { Bytes: <= BytesAtOnceMax } || _waiting.Reader.Count > 0 || !_writing.TryEnter())
            return false;
        try
        {
            if (_hasEnded)
                return false;
            Commit([write]);
            return true;
        }
        finally
        {
            _writing.Exit();
        }
    }

    private void Run()
    {
        var batch = new List<Write>();
        try
        {
            while (_givingWay.Count > 0 || _waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                lock (_writing)
                {
                    Collect(batch);
                    Commit(batch);
                }

                batch.Clear();
            }

            lock (_writing)
            {
                _hasEnded = true;
                _session?.Dispose();
            }

            _ended.SetResult();
        }
        catch (Exception error)
        {
            // Our own mistake in this class: whoever waits must not wait for ever.
            lock (_writing)
                _hasEnded = true;
            _waiting.Writer.TryComplete(error);
            foreach (var write in batch)
                write.Fail(new JournalUnavailableException("The journal's writer has ended.", error));
            while (_givingWay.TryDequeue(out var write) || _waiting.Reader.TryRead(out write))
                write.Fail(new JournalUnavailableException("The journal's writer has ended.", error));
            _ended.SetException(error);
        }
    }

    private void Collect(List<Write> batch)
    {
        long bytes = 0;
        while (bytes < _bytesMax && batch.Count < _countMax && _givingWay.Count < _countMax && _waiting.Reader.TryRead(out var write))
        {
            if (write.GivesWay)
            {
                _givingWay.Enqueue(write);
                continue;
            }

            batch.Add(write);
            bytes += write.Bytes;
        }

        var isAlone = batch.Count == 0;
        while (_givingWay.TryDequeue(out var patient))
        {
            batch.Add(patient);
            bytes += patient.Bytes;
            if (!isAlone || bytes >= _bytesMax)
                return;
        }
    }

    private void Commit(List<Write> batch)
    {
        var began = Stopwatch.GetTimestamp();
        while (batch.Count > 0)
        {
            Write? current = null;
            try
            {
                var session = _session ??= _open();
                session.Prepare("BEGIN IMMEDIATE").Run();
                foreach (var write in batch)
                {
                    current = write;
                    write.Apply(session);
                }

                current = null;
                session.Prepare("COMMIT").Run();
            }
            catch (Exception error) when (current is not null && error is not SqliteFailure { IsConstraint: false })
            {
                // A mistake of this one write: it fails alone, and the others are written without it.
                RollBack();
                batch.Remove(current);
                current.Fail(
                    error is SqliteFailure ? new InvalidOperationException($"The write was refused: {error.Message}.", error) : error);
                continue;
            }
            catch (Exception error)
            {
                RollBack();
                if (error is SqliteFailure { SpoilsConnection: true })
                    CloseSession();
                var message = $"The journal could not be written: {error.Message}.";
                var isFull = error is SqliteFailure { IsFull: true };
                foreach (var write in batch)
                    write.Fail(isFull ? new JournalFullException(message, error) : new JournalUnavailableException(message, error));
                return;
            }

            _isQuick = Stopwatch.GetElapsedTime(began) < _quickCommit;
            foreach (var write in batch)
                write.Complete();
            return;
        }
    }

    private void RollBack()
    {
        try
        {
            // SQLite has rolled back by itself after some failures.
            if (_session is { InTransaction: true })
                _session.Prepare("ROLLBACK").Run();
        }
        catch (SqliteFailure)
        {
            CloseSession(); // which rolls back as well
        }
    }

    private void CloseSession()
    {
        _session?.Dispose();
        _session = null;
    }
}
