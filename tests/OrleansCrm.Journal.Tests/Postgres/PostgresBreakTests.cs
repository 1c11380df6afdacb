using Npgsql;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Journal.Tests.Postgres;

/// <summary>Processes and the server itself killed, stopped and stalled. Each test has a server of its own.</summary>
[Trait("Needs", "postgres")]
public sealed class PostgresBreakTests : IAsyncLifetime
{
    private const int Partitions = 6;

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private PostgresServer _server = null!;
    private string _connection = "";

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _connection = await _server.CreateDatabaseAsync();
        await (await PostgresUnderTest.OpenAsync(_connection, Partitions)).DisposeAsync();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [NeedsFact("postgres")]
    public async Task Killed_process_leaves_every_acknowledged_entry_and_no_gap()
    {
        for (var kill = 0; kill < 3; kill++)
        {
            var acknowledged = await OtherProcess.AppendAndKillAsync(_connection, killAfterLines: 200 * (kill + 1));

            // Its lock has gone with it: the next process gets it at once or within the time that opening waits.
            await using var database = await PostgresJournal.OpenAsync(
                new PostgresJournalOptions { ConnectionString = _connection, Exclusive = true }, None);
            await OtherProcess.CheckAsync(database.Journal, acknowledged);
        }
    }

    [NeedsFact("postgres")]
    public async Task Killed_server_has_every_acknowledged_entry_and_the_open_journal_goes_on()
    {
        await using var database = await PostgresUnderTest.OpenAsync(_connection, exclusive: true);
        var acknowledged = new Dictionary<int, long>();
        for (var kill = 0; kill < 3; kill++)
        {
            using var enough = new SemaphoreSlim(0);
            var load = Enumerable.Range(0, Partitions).Select(partition => Task.Run(() => AppendUntilItFailsAsync(database.Journal, partition, acknowledged, enough)))
                .ToArray();
            for (var i = 0; i < 300; i++)
                await enough.WaitAsync();
            await _server.KillAsync();
            await Task.WhenAll(load).WaitAsync(Patience);
            await Assert.ThrowsAsync<JournalUnavailableException>(() => database.Journal.ReadAsync(0, 0, 1, None)).WaitAsync(Patience);
            await _server.StartAgainAsync();
        }

        await WhenItWorksAsync(() => database.Journal.TakeOverAsync(0, None));
        await OtherProcess.CheckAsync(database.Journal, acknowledged);
        Assert.False(database.Lost.IsCompleted);
    }

    [NeedsFact("postgres")]
    public async Task Stopped_server_fails_every_call_as_unknown_and_each_works_again_afterwards()
    {
        await using var database = await PostgresUnderTest.OpenAsync(_connection);
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);
        Func<Task>[] calls =
        [
            () => database.Journal.TakeOverAsync(1, None),
            () => database.Journal.ReadAsync(0, 0, 1, None),
            () => database.Journal.FlushAsync(Rows.Flush(0, epoch, 0, [Rows.Snapshot("acme/user:1", 0)]), None),
            () => database.Journal.ReadDeskAsync("acme/retention", None),
            () => database.Accounts.ReadTenantsAsync(None),
            () => database.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None),
        ];
        await _server.StopAsync();
        foreach (var call in calls)
            await Assert.ThrowsAsync<JournalUnavailableException>(call).WaitAsync(Patience);
        await _server.StartAgainAsync();
        foreach (var call in calls)
            await WhenItWorksAsync(call);
        Assert.Equal(3, (await Rows.ReadAllAsync(database.Journal, 0)).Count);
    }

    [NeedsFact("postgres")]
    public async Task Statement_that_gets_no_answer_fails_in_bounded_time_and_writes_nothing_later()
    {
        var options = new PostgresJournalOptions { ConnectionString = _connection, CommandTimeout = TimeSpan.FromSeconds(3) };
        await using var database = await PostgresJournal.OpenAsync(options, None);
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);
        await using var source = NpgsqlDataSource.Create(_connection);
        await using (var blocker = await source.OpenConnectionAsync())
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            await ExecuteAsync(blocker, "SELECT 1 FROM orleanscrm.partition WHERE id = 0 FOR UPDATE");
            await Assert.ThrowsAsync<JournalUnavailableException>(() => database.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 1), None))
                .WaitAsync(Patience);
        }

        var (again, head, _, _) = await database.Journal.TakeOverAsync(0, None);
        Assert.Equal(0, head);
        await database.Journal.AppendAsync(0, again, 0, Rows.Entries(0, 0, 2), None);
        Assert.Equal(2, (await Rows.ReadAllAsync(database.Journal, 0)).Count);
    }

    [NeedsFact("postgres")]
    public async Task Takeover_by_another_process_waits_for_what_is_under_way_and_fences_the_rest()
    {
        await using var old = await PostgresUnderTest.OpenAsync(_connection);
        await using var young = await PostgresUnderTest.OpenAsync(_connection);
        var (epoch, _, _, _) = await old.Journal.TakeOverAsync(0, None);
        await old.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None);
        var begun = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        var flush = old.WriteAsync(
            async session =>
            {
                await new FlushTransaction(Rows.Flush(0, epoch, 2, [Rows.Snapshot("acme/user:1", 1)])).RunAsync(session);
                begun.SetResult();
                await finish.Task;
            },
            None);
        await begun.Task;

        // A flush holds up no append.
        await old.Journal.AppendAsync(0, epoch, 3, Rows.Entries(0, 3, 1), None);
        var takeover = young.Journal.TakeOverAsync(0, None);
        Assert.False(takeover.IsCompleted);
        finish.SetResult();
        await flush;
        Assert.Equal(new PartitionTakeover(epoch + 1, 4, 2, Rows.StartMs + 30), await takeover);
        await Assert.ThrowsAsync<FencedException>(() => old.Journal.AppendAsync(0, epoch, 4, Rows.Entries(0, 4, 1), None));
        await Assert.ThrowsAsync<FencedException>(() => old.Journal.FlushAsync(Rows.Flush(0, epoch, 3), None));
        await young.Journal.AppendAsync(0, epoch + 1, 4, Rows.Entries(0, 4, 1), None);
    }

    [NeedsFact("postgres")]
    public async Task Append_that_the_database_refuses_fails_alone_among_those_of_its_transaction()
    {
        var options = new PostgresJournalOptions { ConnectionString = _connection, AppendersMax = 1 };
        await using var database = await PostgresJournal.OpenAsync(options, None);
        for (var partition = 0; partition < Partitions; partition++)
            await database.Journal.TakeOverAsync(partition, None);
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var blocker = await source.OpenConnectionAsync();
        await ExecuteAsync(blocker, "INSERT INTO orleanscrm.block VALUES(3, 0, 1, 0, '')");
        var transaction = await blocker.BeginTransactionAsync();
        await ExecuteAsync(blocker, "SELECT 1 FROM orleanscrm.partition WHERE id = 0 FOR UPDATE");

        // The first holds the connection until the others wait behind it.
        var appends = Enumerable.Range(0, Partitions)
            .Select(partition => database.Journal.AppendAsync(partition, 1, 0, Rows.Entries(partition, 0, 2), None)).ToArray();
        await transaction.RollbackAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => appends[3]);
        await Task.WhenAll(appends.Where((_, partition) => partition != 3));
        foreach (var partition in new[] { 0, 1, 2, 4, 5 })
            Assert.Equal(2, (await Rows.ReadAllAsync(database.Journal, partition)).Count);
        Assert.Equal(0, (await database.Journal.TakeOverAsync(3, None)).Head);
    }

    [NeedsFact("postgres")]
    public async Task Full_disk_fails_writes_whole_and_room_again_lets_them_succeed()
    {
        await using var database = await PostgresUnderTest.OpenAsync(_connection);
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var administrator = await source.OpenConnectionAsync();
        await ExecuteAsync(administrator, """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON orleanscrm.block FOR EACH ROW EXECUTE FUNCTION full_disk();
            CREATE TRIGGER full_disk BEFORE INSERT ON orleanscrm.snapshot FOR EACH ROW EXECUTE FUNCTION full_disk();
            """);
        Func<Task>[] writes =
        [
            () => database.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None),
            () => database.Journal.FlushAsync(Rows.Flush(0, epoch, 0, [Rows.Snapshot("acme/user:1", 0)]), None),
        ];
        foreach (var write in writes)
            await Assert.ThrowsAsync<JournalFullException>(write);
        Assert.Empty(await Rows.ReadAllAsync(database.Journal, 0));

        await ExecuteAsync(administrator, "DROP FUNCTION full_disk CASCADE");
        foreach (var write in writes)
            await write();
        Assert.Equal(3, (await Rows.ReadAllAsync(database.Journal, 0)).Count);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task AppendUntilItFailsAsync(IJournal journal, int partition, Dictionary<int, long> acknowledged, SemaphoreSlim appended)
    {
        long epoch = 0, head = 0;
        await WhenItWorksAsync(async () => (epoch, head, _, _) = await journal.TakeOverAsync(partition, None));
        try
        {
            for (var count = 1; ; count = count % 5 + 1)
            {
                await journal.AppendAsync(partition, epoch, head, Rows.Entries(partition, head, count), None);
                head += count;
                lock (acknowledged)
                    acknowledged[partition] = head - 1;
                appended.Release();
            }
        }
        catch (JournalUnavailableException)
        {
            Assert.True(head > 0);
        }
    }

    private static async Task WhenItWorksAsync(Func<Task> call)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (JournalUnavailableException) when (!deadline.IsCancellationRequested)
            {
                await Task.Delay(50);
            }
        }
    }
}
