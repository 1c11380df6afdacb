using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Journal.Tests.Sqlite;

/// <summary>How writes share transactions. The writer is held by a write that waits, so that what follows is sure to queue.</summary>
public sealed class SqliteWritingTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ManualResetEventSlim _gate = new();
    private readonly ManualResetEventSlim _held = new();
    private SqliteUnderTest _test = null!;

    public async Task InitializeAsync() => _test = await SqliteUnderTest.CreateAsync(partitions: 2);

    public async Task DisposeAsync()
    {
        _gate.Set();
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task Appends_that_wait_for_the_disk_share_one_transaction()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        var holding = HoldAsync(_test.Database);
        var log = new FileInfo(_test.File + "-wal");
        var before = log.Length;
        var appends = Enumerable.Range(0, 200)
            .Select(head => _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1), None)).ToArray();
        _gate.Set();
        await holding;
        await Task.WhenAll(appends);

        // One by one they would have written several pages each.
        log.Refresh();
        Assert.InRange(log.Length - before, 1, 30 * 8192);
        Assert.Equal(200, (await Rows.ReadAllAsync(_test.Journal, 0)).Count);
    }

    [Fact]
    public async Task Full_queue_lets_writes_wait_and_one_that_gives_up_was_never_written()
    {
        await _test.Database.DisposeAsync();
        var options = new SqliteJournalOptions { Directory = _test.Directory, WaitingWritesMax = 2 };
        await using var database = await SqliteJournal.OpenAsync(options, None);
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);
        var holding = HoldAsync(database);
        var appends = Enumerable.Range(0, 5)
            .Select(head => database.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1), None)).ToArray();
        using var patience = new CancellationTokenSource();
        var impatient = database.Journal.AppendAsync(0, epoch, 5, Rows.Entries(0, 5, 1), patience.Token);
        Assert.False(impatient.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.DoesNotContain(appends, append => append.IsCompleted);

        _gate.Set();
        await holding;
        await Task.WhenAll(appends);
        Assert.Equal(5, (await Rows.ReadAllAsync(database.Journal, 0)).Count);
    }

    [Fact]
    public async Task Readers_do_not_wait_for_the_writer()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        await _test.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None);
        var holding = HoldAsync(_test.Database);
        var append = _test.Journal.AppendAsync(0, epoch, 3, Rows.Entries(0, 3, 3), None);
        Assert.Equal(3, (await Rows.ReadAllAsync(_test.Journal, 0)).Count);
        Assert.False(append.IsCompleted);
        _gate.Set();
        await holding;
        await append;
    }

    [Fact]
    public async Task Write_that_somebody_waits_for_goes_before_flushes_that_came_first()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        await _test.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 9), None);
        var holding = HoldAsync(_test.Database);
        var flushes = Enumerable.Range(1, 3)
            .Select(checkpoint => _test.Journal.FlushAsync(new FlushRequest(0, epoch, checkpoint, [], [], [], -1, -1), None)).ToArray();
        var seen = _test.Database.WriteAsync(session => session.Int64("SELECT checkpoint FROM partition WHERE id = 0"), None);
        _gate.Set();
        await holding;
        Assert.Equal(0, await seen);
        await Task.WhenAll(flushes);
        Assert.Equal(3, (await _test.Journal.TakeOverAsync(0, None)).Checkpoint);
    }

    [Fact]
    public async Task Append_that_finds_nobody_writing_is_durable_when_the_call_returns()
    {
        await using var database = await ReopenAsync(quickCommit: TimeSpan.FromMinutes(1));
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);

        // The writer's thread may be there for a moment yet, to look whether there is more.
        Task append;
        var head = 0;
        do
        {
            append = database.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1), None);
            head++;
        }
        while (!append.IsCompletedSuccessfully && head < 1_000 && await SettledAsync(append));

        Assert.InRange(head, 1, 999);
        Assert.Equal(head, (await Rows.ReadAllAsync(database.Journal, 0)).Count);
        await Assert.ThrowsAsync<FencedException>(() => database.Journal.AppendAsync(0, epoch - 1, head, Rows.Entries(0, head, 1), None));
    }

    [Fact]
    public async Task Senders_who_write_and_the_writers_thread_keep_out_of_each_others_way()
    {
        await using var database = await ReopenAsync(quickCommit: TimeSpan.FromMinutes(1));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(partition => Task.Run(async () =>
        {
            var (epoch, _, _, _) = await database.Journal.TakeOverAsync(partition, None);
            var head = 0;
            for (var i = 0; i < 300; i++)
            {
                // Few are written by their sender, many by the thread, as a flush always is.
                var count = i % 3 == 0 ? 200 : 1;
                await database.Journal.AppendAsync(partition, epoch, head, Rows.Entries(partition, head, count), None);
                head += count;
                if (i % 10 == 0)
                    await database.Journal.FlushAsync(new FlushRequest(partition, epoch, head, [], [], [], -1, -1), None);
            }
        })));

        for (var partition = 0; partition < 2; partition++)
            Assert.Equal(100 * 200 + 200, (await Rows.ReadAllAsync(database.Journal, partition)).Count);
    }

    private async Task<SqliteDatabase> ReopenAsync(TimeSpan quickCommit)
    {
        await _test.Database.DisposeAsync();
        return await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = _test.Directory, QuickCommit = quickCommit }, None);
    }

    private static async Task<bool> SettledAsync(Task task)
    {
        await task;
        return true;
    }

    private Task HoldAsync(SqliteDatabase database)
    {
        var holding = database.WriteAsync(
            _ =>
            {
                _held.Set();
                _gate.Wait();
            },
            None);
        _held.Wait();
        return holding;
    }
}
