using System.Threading.Channels;
using Npgsql;

namespace OrleansCrm.Journal.Postgres;

/// <summary>
/// One connection that takes whatever appends of its partitions wait, sends them as one transaction in one round trip, and answers all of
/// them after the commit. What arrives while a commit is on its way forms the next transaction, so transactions grow with the load and
/// nothing waits when idle.
/// </summary>
internal sealed class AppendLoop : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly int _bytesMax;
    private readonly int _countMax;
    private readonly Channel<PendingAppend> _waiting;
    private readonly Task _running;
    private NpgsqlConnection? _connection;

    public AppendLoop(NpgsqlDataSource source, PostgresJournalOptions options)
    {
        _source = source;
        _bytesMax = options.TransactionBytesMax;
        _countMax = options.WaitingAppendsMax;
        _waiting = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(_countMax) { SingleReader = true });
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
        while (bytes < _bytesMax && batch.Count < _countMax && _waiting.Reader.TryRead(out var append))
        {
            batch.Add(append);
            bytes += append.Bytes;
        }
    }

    private async Task CommitAsync(List<PendingAppend> appends)
    {
        // By partition, so that all processes lock the rows in one order; those of one partition stay in theirs.
        var batch = appends.Count == 1 ? [appends[0]] : appends.OrderBy(append => append.Partition).ToList();
        while (batch.Count > 0)
        {
            try
            {
                await SendAsync(batch).ConfigureAwait(false);
                await AnswerAsync(batch).ConfigureAwait(false);
                return;
            }
            catch (PostgresException error)
                when (PostgresFailure.IsMistake(error) && batch.Find(append => append.Statement == error.BatchCommand) is { } wrong)
            {
                // It fails alone, and the others are written without it: the server has undone all of them.
                batch.Remove(wrong);
                wrong.Fail(PostgresFailure.OfWrite(error));
            }
            catch (Exception error) when (PostgresFailure.Is(error))
            {
                await CloseAsync().ConfigureAwait(false);
                var failure = PostgresFailure.Unknown(error);
                foreach (var append in batch)
                    append.Fail(failure);
                return;
            }
        }
    }

    /// <summary>Statements without a transaction around them that are sent together are one; it is durable when the last has been answered.</summary>
    private async Task SendAsync(List<PendingAppend> batch)
    {
        _connection ??= await _source.OpenConnectionAsync().ConfigureAwait(false);
        var statements = new NpgsqlBatch(_connection);
        await using (statements.ConfigureAwait(false))
        {
            foreach (var append in batch)
                statements.BatchCommands.Add(append.Statement);
            await statements.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(List<PendingAppend> batch)
    {
        var refused = batch.FindAll(append => append.Statement.RecordsAffected == 0);
        if (refused.Count > 0)
            batch.RemoveAll(refused.Contains);
        foreach (var append in batch)
            append.Complete();
        batch.Clear();
        batch.AddRange(refused); // those who fail if the next statement does
        foreach (var append in refused)
        {
            var refusal = await PartitionTable.RefusalAsync(
                new PostgresSession(_connection!), append.Partition, append.Epoch, append.Head).ConfigureAwait(false);
            append.Fail(refusal);
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }
}
