using Npgsql;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Journal.Tests.Postgres;

[Collection(PostgresFixture.Collection)]
[Trait("Needs", "postgres")]
public sealed class PostgresOpeningTests(PostgresFixture fixture)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [NeedsFact("postgres")]
    public async Task Partitions_are_sixty_four_unless_said_and_fixed_from_then_on()
    {
        var connection = await fixture.CreateDatabaseAsync();
        Guid id;
        await using (var first = await PostgresUnderTest.OpenAsync(connection))
        {
            Assert.Equal(64, first.Journal.Identity.Partitions);
            id = first.Journal.Identity.DatabaseId;
        }

        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => PostgresUnderTest.OpenAsync(connection, partitions: 16));
        Assert.Contains("64 partitions", refused.Message);
        await using var again = await PostgresUnderTest.OpenAsync(connection, partitions: 64);
        Assert.Equal(id, again.Journal.Identity.DatabaseId);
    }

    [NeedsFact("postgres")]
    public async Task Processes_that_start_together_make_the_tables_once()
    {
        var connection = await fixture.CreateDatabaseAsync();
        var opened = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PostgresUnderTest.OpenAsync(connection, partitions: 4)));
        Assert.Single(opened.Select(database => database.Journal.Identity).Distinct());
        foreach (var database in opened)
            await database.DisposeAsync();
    }

    [NeedsFact("postgres")]
    public async Task Newer_version_is_refused_by_name_and_left_as_it_is()
    {
        var connection = await fixture.CreateDatabaseAsync();
        await (await PostgresUnderTest.OpenAsync(connection, partitions: 2)).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(connection);
        await ExecuteAsync(source, "UPDATE orleanscrm.journal SET version = 7; DROP TABLE orleanscrm.session");
        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => PostgresUnderTest.OpenAsync(connection));
        Assert.Contains("version 7", refused.Message);
        Assert.Contains($"knows version {Schema.Version}", refused.Message);
        await Assert.ThrowsAsync<JournalOpenException>(() => OpenReadOnlyAsync(connection));
        Assert.Equal(true, await ScalarAsync(source, "SELECT to_regclass('orleanscrm.session') IS NULL AND version = 7 FROM orleanscrm.journal"));
    }

    [NeedsFact("postgres")]
    public async Task Database_of_another_encoding_is_refused_and_left_empty()
    {
        var connection = await fixture.CreateDatabaseAsync(encoding: "SQL_ASCII");
        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => PostgresUnderTest.OpenAsync(connection));
        Assert.Contains("SQL_ASCII", refused.Message);
        await using var source = NpgsqlDataSource.Create(connection);
        Assert.Equal(true, await ScalarAsync(source, "SELECT to_regnamespace('orleanscrm') IS NULL"));
    }

    [NeedsFact("postgres")]
    public async Task Second_process_is_refused_with_the_holders_name_until_the_first_is_gone()
    {
        var connection = await fixture.CreateDatabaseAsync();
        await using (var first = await PostgresUnderTest.OpenAsync(connection, partitions: 2, exclusive: true))
        {
            var refused = await Assert.ThrowsAsync<JournalOpenException>(() => PostgresUnderTest.OpenAsync(connection, exclusive: true));
            Assert.Contains($"held by OrleansCrm server, process {Environment.ProcessId} on {Environment.MachineName}", refused.Message);
            await using var reader = await OpenReadOnlyAsync(connection);
            Assert.Empty(await reader.Journal.ReadAsync(0, 0, 1, None));
        }

        await using var second = await PostgresUnderTest.OpenAsync(connection, exclusive: true);
    }

    [NeedsFact("postgres")]
    public async Task Process_whose_lock_is_taken_by_another_learns_it_and_can_no_longer_write()
    {
        var connection = await fixture.CreateDatabaseAsync();
        await using var first = await PostgresUnderTest.OpenAsync(connection, partitions: 2, exclusive: true);
        var (epoch, _, _, _) = await first.Journal.TakeOverAsync(0, None);
        await using var source = NpgsqlDataSource.Create(connection);

        // The session of the lock ends while its process lives; the other asks for it without waiting, and one of the two has it first.
        PostgresDatabase? second = null;
        for (var tries = 0; second is null && tries < 100; tries++)
        {
            await ExecuteAsync(
                source, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND pid <> pg_backend_pid()");
            try
            {
                second = await PostgresUnderTest.OpenAsync(connection, exclusive: true);
            }
            catch (JournalOpenException)
            {
                Assert.False(first.Lost.IsCompleted);
            }
        }

        Assert.Contains("held by", await first.Lost.WaitAsync(TimeSpan.FromMinutes(2)));
        await second!.Journal.TakeOverAsync(0, None);
        await Assert.ThrowsAsync<FencedException>(() => first.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 1), None));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => first.Journal.TakeOverAsync(0, None));
        await second.DisposeAsync();
    }

    [NeedsFact("postgres")]
    public async Task Reader_beside_a_writer_sees_what_is_durable_and_cannot_write()
    {
        var connection = await fixture.CreateDatabaseAsync();
        await Assert.ThrowsAsync<JournalOpenException>(() => OpenReadOnlyAsync(connection));
        await using var writer = await PostgresUnderTest.OpenAsync(connection, partitions: 2);
        var (epoch, _, _, _) = await writer.Journal.TakeOverAsync(0, None);
        await using var reader = await OpenReadOnlyAsync(connection);
        for (var head = 0; head < 10; head += 2)
        {
            await writer.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 2), None);
            Assert.Equal(head + 2, (await Rows.ReadAllAsync(reader.Journal, 0)).Count);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.Journal.TakeOverAsync(0, None));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await reader.Journal.AppendAsync(0, epoch, 10, Rows.Entries(0, 10, 1), None));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.Accounts.DeleteSessionAsync("t", None));
    }

    [NeedsFact("postgres")]
    public async Task Closing_writes_what_waits_and_then_refuses()
    {
        var connection = await fixture.CreateDatabaseAsync();
        var database = await PostgresUnderTest.OpenAsync(connection, partitions: 2);
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);
        var appends = Enumerable.Range(0, 100)
            .Select(head => database.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1), None)).ToArray();
        await database.DisposeAsync();
        await Task.WhenAll(appends);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.Journal.TakeOverAsync(0, None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.Journal.ReadAsync(0, 0, 1, None));
        await using var again = await PostgresUnderTest.OpenAsync(connection);
        Assert.Equal(100, (await Rows.ReadAllAsync(again.Journal, 0)).Count);
    }

    [Theory]
    [InlineData("Host=/nowhere;Password=s3cret;Database=crm;Username=crm")]
    [InlineData("Password=s3cret;Hots=localhost")]
    [InlineData("postgres://crm:s3cret@localhost/crm")]
    public async Task Server_that_cannot_be_reached_is_refused_without_telling_the_password(string connection)
    {
        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => PostgresUnderTest.OpenAsync(connection));
        Assert.DoesNotContain("s3cret", refused.ToString());
    }

    [Fact]
    public void Password_in_a_connection_string_is_noticed()
    {
        Assert.True(PostgresJournal.HasPassword("Host=localhost;pwd=x"));
        Assert.False(PostgresJournal.HasPassword("Host=localhost;Username=crm"));
    }

    [Fact]
    public async Task Bounds_out_of_range_are_refused()
    {
        var good = "Host=/nowhere";
        foreach (var options in (PostgresJournalOptions[])
        [
            new() { ConnectionString = good, Partitions = 0 },
            new() { ConnectionString = good, AppendersMax = 0 },
            new() { ConnectionString = good, ReadersMax = 65 },
            new() { ConnectionString = good, CommandTimeout = TimeSpan.Zero },
        ])
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PostgresJournal.OpenAsync(options, None));
        }
    }

    private static Task<PostgresDatabase> OpenReadOnlyAsync(string connection) =>
        PostgresJournal.OpenReadOnlyAsync(new PostgresJournalOptions { ConnectionString = connection }, None);

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
