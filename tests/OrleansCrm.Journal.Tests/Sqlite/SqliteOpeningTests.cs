using System.Runtime.Versioning;
using System.Text;
using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Journal.Tests.Sqlite;

public sealed class SqliteOpeningTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private SqliteUnderTest _test = null!;

    public async Task InitializeAsync() => _test = await SqliteUnderTest.CreateAsync();

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Partitions_are_eight_unless_said_and_fixed_from_then_on()
    {
        Assert.Equal(8, _test.Journal.Identity.Partitions);
        var id = _test.Journal.Identity.DatabaseId;
        await _test.Database.DisposeAsync();
        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => _test.OpenAsync(partitions: 16));
        Assert.Contains("8 partitions", refused.Message);
        await using var again = await _test.OpenAsync(partitions: 8);
        Assert.Equal(id, again.Journal.Identity.DatabaseId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public async Task Number_of_partitions_out_of_range_is_refused(int partitions) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _test.OpenAsync(partitions));

    [FactWhereFilesHaveModes]
    [UnsupportedOSPlatform("windows")]
    public async Task Directory_and_files_are_for_their_owner_alone()
    {
        await _test.Journal.TakeOverAsync(0, None);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_test.Directory));
        var files = Directory.GetFiles(_test.Directory).Order().Select(Path.GetFileName);
        Assert.Equal(["journal.db", "journal.db-shm", "journal.db-wal", "lock", "lock.holder"], files);
        foreach (var file in Directory.GetFiles(_test.Directory))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [FactWhereFilesHaveModes]
    [UnsupportedOSPlatform("windows")]
    public async Task Rights_that_a_restore_has_given_are_taken_away()
    {
        await _test.Database.DisposeAsync();
        File.SetUnixFileMode(_test.File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await using var again = await _test.OpenAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_test.File));
    }

    [Fact]
    public async Task Foreign_and_damaged_files_are_refused_and_left_as_they_are()
    {
        await _test.Database.DisposeAsync();
        var good = await File.ReadAllBytesAsync(_test.File);
        var garbledSchema = (byte[])good.Clone();
        Array.Fill(garbledSchema, (byte)0xee, 100, 900);
        var wrongOwner = (byte[])good.Clone();
        wrongOwner[71] ^= 1; // last byte of the application id
        foreach (var bytes in new[] { [], Encoding.UTF8.GetBytes("Dear diary, this is no database at all.\n"), good[..5000], garbledSchema, wrongOwner })
        {
            await File.WriteAllBytesAsync(_test.File, bytes);
            await Assert.ThrowsAsync<JournalOpenException>(() => _test.OpenAsync());
            await Assert.ThrowsAsync<JournalOpenException>(() => SqliteJournal.OpenReadOnlyAsync(_test.Directory, None));
            Assert.Equal(bytes, await File.ReadAllBytesAsync(_test.File));
        }

        await File.WriteAllBytesAsync(_test.File, good);
        await using var again = await _test.OpenAsync();
    }

    [Fact]
    public async Task Newer_version_is_refused_by_name_and_left_as_it_is()
    {
        await _test.Database.DisposeAsync();
        SetVersion(_test.File, 7);
        var bytes = await File.ReadAllBytesAsync(_test.File);
        var refused = await Assert.ThrowsAsync<JournalOpenException>(() => _test.OpenAsync());
        Assert.Contains("version 7", refused.Message);
        Assert.Contains($"knows version {Schema.Version}", refused.Message);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_test.File));
    }

    [Fact]
    public async Task Newer_version_that_stands_only_in_the_log_is_refused_and_left_as_it_is()
    {
        // What a crash of a newer program would leave: the version is in the log, not yet in the database.
        string copy;
        using (var session = SqliteSession.Open(_test.File, readOnly: false, TimeSpan.FromSeconds(5)))
        {
            session.Execute("PRAGMA user_version = 9");
            copy = _test.Copy("newer");
        }

        var file = Path.Combine(copy, "journal.db");
        var (database, log) = (await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(file + "-wal"));
        var refused = await Assert.ThrowsAsync<JournalOpenException>(
            () => SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = copy }, None));
        Assert.Contains("version 9", refused.Message);
        Assert.Equal(database, await File.ReadAllBytesAsync(file));
        Assert.Equal(log, await File.ReadAllBytesAsync(file + "-wal"));
    }

    [Fact]
    public async Task Half_made_database_of_a_crash_is_made_anew()
    {
        await _test.Database.DisposeAsync();
        File.Move(_test.File, _test.File + ".new");
        await using var again = await _test.OpenAsync(partitions: 2);
        Assert.Equal(2, again.Journal.Identity.Partitions);
    }

    [Fact]
    public async Task Log_without_its_database_is_not_thrown_away()
    {
        await _test.Journal.TakeOverAsync(0, None);
        var copy = _test.Copy("orphan");
        File.Delete(Path.Combine(copy, "journal.db"));
        var refused = await Assert.ThrowsAsync<JournalOpenException>(
            () => SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = copy }, None));
        Assert.Contains("journal.db-wal", refused.Message);
        Assert.True(File.Exists(Path.Combine(copy, "journal.db-wal")));
    }

    [Fact]
    public async Task Reader_beside_the_writer_sees_what_is_durable_and_cannot_write()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        await using var reader = await SqliteJournal.OpenReadOnlyAsync(_test.Directory, None);
        for (var head = 0; head < 20; head += 2)
        {
            await _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 2), None);
            Assert.Equal(head + 2, (await Rows.ReadAllAsync(reader.Journal, 0)).Count);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.Journal.TakeOverAsync(0, None));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.Accounts.DeleteSessionAsync("t", None));
        await Assert.ThrowsAsync<JournalOpenException>(() => SqliteJournal.OpenReadOnlyAsync(_test.Directory + "-none", None));
    }

    [Fact]
    public async Task Closing_writes_what_waits_and_then_refuses()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        var appends = Enumerable.Range(0, 100)
            .Select(head => _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1), None)).ToArray();
        await _test.Database.DisposeAsync();
        await Task.WhenAll(appends);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _test.Journal.TakeOverAsync(0, None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _test.Journal.ReadAsync(0, 0, 1, None));
        await using var again = await _test.OpenAsync();
        Assert.Equal(100, (await Rows.ReadAllAsync(again.Journal, 0)).Count);
    }

    private static void SetVersion(string file, int version)
    {
        using var session = SqliteSession.Open(file, readOnly: false, TimeSpan.Zero);
        session.Execute($"PRAGMA user_version = {version}");
    }
}

/// <summary>Windows has no file modes; the test says so instead of passing.</summary>
internal sealed class FactWhereFilesHaveModesAttribute : FactAttribute
{
    public FactWhereFilesHaveModesAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "Windows has no file modes.";
    }
}
