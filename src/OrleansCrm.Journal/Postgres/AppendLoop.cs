using System.Threading.Channels;
using Npgsql;

namespace OrleansCrm.Journal.Postgres;

/// <summary>
/// One connection that takes whatever appends of its partitions wait, one of each, sends them as one statement, and answers all of them
/// after the commit. What arrives while a commit is on its way forms the next statement, so they grow with the load and nothing waits when
/// idle.
/// </summary>
internal sealed class AppendLoop : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly int _bytesMax;
    private readonly Channel<PendingAppend> _waiting;
    private readonly HashSet<int> _partitions = [];
    private readonly Task _running;
    private NpgsqlConnection? _connection;

    public AppendLoop(NpgsqlDataSource source, PostgresJournalOptions options)
    {
        _source = source;
        _bytesMax = options.TransactionBytesMax;
        _waiting = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(options.WaitingAppendsMax) { SingleReader = true });
        _running = Task.Run(RunAsync);
    }

    /// <summary>Waits for the append to be durable. Cancelling helps only until it is in the queue.</summary>
    public Task AppendAsync(PendingAppend append, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested && _waiting.Writer.TryWrite(append) ? append.Answer : WaitAndAppendAsync(append, cancellation);

    /// <summary>Appends what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running.ConfigureAwait(false);
    }

    private async Task WaitAndAppendAsync(PendingAppend append, CancellationToken cancellation)
    {
        try
        {
            await _waiting.Writer.WriteAsync(append, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The journal is closed.", closed);
        }

        await append.Answer.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var batch = new List<PendingAppend>();
        try
        {
            while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                Collect(batch);
                await CommitAsync(batch).ConfigureAwait(false);
                batch.Clear();
            }
        }
        catch (Exception error)
        {
            // Our own mistake in this class: whoever waits must not wait for ever.
            _waiting.Writer.TryComplete(error);
            while (_waiting.Reader.TryRead(out var append))
                batch.Add(append);
            foreach (var append in batch)
                append.Fail(new JournalUnavailableException("The journal's appender has ended.", error));
            throw;
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    private void Collect(List<PendingAppend> batch)
    {
        long bytes = 0;
        _partitions.Clear();
        while (bytes < _bytesMax && _waiting.Reader.TryPeek(out var append) && _partitions.Add(append.Partition) && _waiting.Reader.TryRead(out append))
        {
            batch.Add(append);
            bytes += append.Bytes;
        }
    }

    private async Task CommitAsync(List<PendingAppend> batch)
    {
        try
        {
            await AppendAsync(batch).ConfigureAwait(false);
        }
        catch (PostgresException error) when (PostgresFailure.IsMistake(error) && batch.Count > 1)
        {
            // The server has undone all of it; whoever is wrong fails alone.
            foreach (var append in batch)
                await CommitAsync([append]).ConfigureAwait(false);
        }
        catch (PostgresException error) when (PostgresFailure.IsMistake(error))
        {
            batch[0].Fail(PostgresFailure.OfWrite(error));
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            await CloseAsync().ConfigureAwait(false);
            var failure = PostgresFailure.Unknown(error);
            foreach (var append in batch)
                append.Fail(failure);
        }
    }

    /// <summary>A statement without a transaction around it is one; it is durable when it has been answered.</summary>
    private async Task AppendAsync(List<PendingAppend> batch)
    {
        _connection ??= await _source.OpenConnectionAsync().ConfigureAwait(false);
        var session = new PostgresSession(_connection);
        var moved = await session.ReadAsync(row => row.GetInt32(0), CancellationToken.None, AppendStatement.Of(batch)).ConfigureAwait(false);
        foreach (var append in batch)
        {
            if (moved.Contains(append.Partition))
                append.Complete();
            else
                append.Fail(await PartitionTable.RefusalAsync(session, append.Partition, append.Epoch, append.Head).ConfigureAwait(false));
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }
}
