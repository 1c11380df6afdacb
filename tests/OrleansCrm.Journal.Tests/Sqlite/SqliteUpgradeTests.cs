using OrleansCrm.Journal.Formats;
using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Journal.Tests.Sqlite;

/// <summary>Today's tables stand for older ones: they are upgraded by plans that no release has.</summary>
public sealed class SqliteUpgradeTests : IAsyncLifetime
{
    private const string AddsColumn = "ALTER TABLE fault ADD COLUMN seen INTEGER NOT NULL DEFAULT 0";

    private const string FillsTable = """
        CREATE TABLE head(partition INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        INSERT INTO head SELECT id, head FROM partition;
        UPDATE fault SET seen = 1;
        """;

    private static readonly SchemaPlan TwoLater = new(Schema.Version + 2, AddsColumn, FillsTable);

    private static readonly CancellationToken None = CancellationToken.None;

    private SqliteUnderTest _test = null!;

    public async Task InitializeAsync()
    {
        _test = await SqliteUnderTest.CreateAsync();
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        await _test.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None);
        await _test.Database.DisposeAsync();
    }

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Older_tables_take_every_step_once_and_keep_what_they_hold()
    {
        for (var times = 0; times < 2; times++)
        {
            await using var database = await OpenAsync(TwoLater);
            Assert.Equal(Schema.Version + 2, database.Journal.Identity.Schema);
            Assert.Equal(3, (await Rows.ReadAllAsync(database.Journal, 0)).Count);
        }

        Assert.Equal((Schema.Version + 2, 3), (ReadInt64("PRAGMA user_version"), ReadInt64("SELECT max(at) FROM head")));
        await using var reader = await SqliteJournal.OpenReadOnlyAsync(new SqliteJournalOptions { Directory = _test.Directory, Plan = TwoLater }, None);
        Assert.Equal(3, (await Rows.ReadAllAsync(reader.Journal, 0)).Count);
    }

    [Fact]
    public async Task Version_in_between_takes_the_steps_that_it_lacks()
    {
        await (await OpenAsync(new SchemaPlan(Schema.Version + 1, AddsColumn))).DisposeAsync();
        await (await OpenAsync(TwoLater)).DisposeAsync();
        Assert.Equal(3, ReadInt64("SELECT max(at) FROM head"));
    }

    [Fact]
    public async Task Step_that_fails_leaves_the_tables_as_they_were()
    {
        await Assert.ThrowsAsync<JournalOpenException>(() => OpenAsync(new SchemaPlan(Schema.Version + 2, AddsColumn, "ALTER TABLE nowhere ADD COLUMN x")));

        await using (var again = await OpenAsync(Schema.Plan))
            Assert.Equal(3, (await Rows.ReadAllAsync(again.Journal, 0)).Count);
        await (await OpenAsync(TwoLater)).DisposeAsync();
    }

    [Fact]
    public async Task Way_back_is_refused_and_says_what_to_do()
    {
        await (await OpenAsync(TwoLater)).DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(_test.File);

        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => OpenAsync(Schema.Plan));

        Assert.Contains("Run the program that wrote it, or restore a backup", refused.Message);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_test.File));
    }

    [Fact]
    public async Task Reader_changes_nothing_and_says_who_upgrades()
    {
        var bytes = await File.ReadAllBytesAsync(_test.File);

        var refused = await Assert.ThrowsAsync<JournalOpenException>(
            () => SqliteJournal.OpenReadOnlyAsync(new SqliteJournalOptions { Directory = _test.Directory, Plan = TwoLater }, None));

        Assert.Contains("Serve it once with this program", refused.Message);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_test.File));
    }

    [Fact]
    public async Task Tables_from_before_the_first_step_are_refused()
    {
        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => OpenAsync(new SchemaPlan(Schema.Version + 3, AddsColumn, FillsTable)));
        Assert.Contains("with a program in between", refused.Message);
    }

    private Task<SqliteDatabase> OpenAsync(SchemaPlan plan) =>
        SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = _test.Directory, Plan = plan }, None);

    private long ReadInt64(string sql)
    {
        using var session = SqliteSession.Open(_test.File, readOnly: true, TimeSpan.FromSeconds(5));
        return session.Int64(sql);
    }
}
