using Npgsql;
using OrleansCrm.Journal.Formats;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Journal.Tests.Postgres;

/// <summary>Today's tables stand for older ones: they are upgraded by plans that no release has.</summary>
[Collection(PostgresFixture.Collection)]
[Trait("Needs", "postgres")]
public sealed class PostgresUpgradeTests(PostgresFixture fixture)
{
    private const string AddsColumn = "ALTER TABLE orleanscrm.fault ADD COLUMN seen boolean NOT NULL DEFAULT false";

    private const string FillsTable = """
        CREATE TABLE orleanscrm.head(partition int PRIMARY KEY, at bigint NOT NULL);
        INSERT INTO orleanscrm.head SELECT id, head FROM orleanscrm.partition;
        """;

    private static readonly SchemaPlan TwoLater = new(Schema.Version + 2, AddsColumn, FillsTable);

    private static readonly CancellationToken None = CancellationToken.None;

    [NeedsFact("postgres")]
    public async Task Older_tables_take_every_step_once_though_processes_start_together_and_there_is_no_way_back()
    {
        var connection = await MakeAsync();

        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(connection, TwoLater)));

        foreach (var database in opened)
        {
            Assert.Equal(Schema.Version + 2, database.Journal.Identity.Schema);
            Assert.Equal(3, (await Rows.ReadAllAsync(database.Journal, 0)).Count);
            await database.DisposeAsync();
        }

        Assert.Equal(3L, await ScalarAsync(connection, "SELECT max(at) FROM orleanscrm.head"));
        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => OpenAsync(connection, Schema.Plan));
        Assert.Contains("Run the program that wrote it, or restore a backup", refused.Message);
    }

    [NeedsFact("postgres")]
    public async Task Step_that_fails_leaves_the_tables_as_they_were()
    {
        var connection = await MakeAsync();

        await Assert.ThrowsAsync<JournalOpenException>(
            () => OpenAsync(connection, new SchemaPlan(Schema.Version + 2, AddsColumn, "ALTER TABLE orleanscrm.nowhere ADD COLUMN x int")));

        await using var again = await OpenAsync(connection, Schema.Plan);
        Assert.Equal(3, (await Rows.ReadAllAsync(again.Journal, 0)).Count);
    }

    [NeedsFact("postgres")]
    public async Task Reader_changes_nothing_and_says_who_upgrades()
    {
        var connection = await MakeAsync();

        var refused = await Assert.ThrowsAsync<JournalOpenException>(
            () => PostgresJournal.OpenReadOnlyAsync(new PostgresJournalOptions { ConnectionString = connection, Plan = TwoLater }, None));

        Assert.Contains("Serve it once with this program", refused.Message);
        Assert.Equal(Schema.Version, await ScalarAsync(connection, "SELECT version FROM orleanscrm.journal"));
    }

    private async Task<string> MakeAsync()
    {
        var connection = await fixture.CreateDatabaseAsync();
        await using var database = await PostgresUnderTest.OpenAsync(connection, partitions: 2);
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);
        await database.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None);
        return connection;
    }

    private static Task<PostgresDatabase> OpenAsync(string connection, SchemaPlan plan) =>
        PostgresJournal.OpenAsync(new PostgresJournalOptions { ConnectionString = connection, Plan = plan }, None);

    private static async Task<object?> ScalarAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
