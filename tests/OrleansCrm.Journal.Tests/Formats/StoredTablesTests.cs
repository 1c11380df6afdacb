using System.IO.Compression;
using System.Text.RegularExpressions;
using Npgsql;
using OrleansCrm.Journal.Backups;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Journal.Tests.Postgres;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Journal.Tests.Formats;

/// <summary>
/// A database that has come all the way has the tables of a new one. The old ones are the stored databases of SQLite, and for PostgreSQL, whose
/// backups hold rows alone, the statements that once made the tables (<c>postgres-N.sql</c> beside them; a new version adds its own).
/// </summary>
[Collection(PostgresFixture.Collection)]
public sealed partial class StoredTablesTests(PostgresFixture fixture) : IDisposable
{
    // How values are compressed depends on the server, and is none of the layout.
    private const string Layout = """
        SELECT concat_ws(' ', 'column', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid), o.collname)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            LEFT JOIN pg_collation o ON o.oid = a.attcollation
        WHERE c.relnamespace = 'orleanscrm'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT concat_ws(' ', 'table', relname, relkind, relpersistence, reloptions) FROM pg_class
            WHERE relnamespace = 'orleanscrm'::regnamespace AND relkind <> 'i'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'orleanscrm'
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE connamespace = 'orleanscrm'::regnamespace
        ORDER BY 1
        """;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly string _root = Directory.CreateTempSubdirectory("orleanscrm-tables-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Every_older_database_of_SQLite_has_the_tables_of_a_new_one()
    {
        var fresh = Path.Combine(_root, "fresh");
        await (await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = fresh }, None)).DisposeAsync();
        var expected = ReadLayout(fresh);
        Assert.Contains(expected, line => line.StartsWith("index audit_time ", StringComparison.Ordinal));
        foreach (var file in Stored("sqlite-*.zip"))
        {
            var (backup, data) = (Path.Combine(_root, Path.GetFileName(file)), Path.Combine(_root, Path.GetFileNameWithoutExtension(file)));
            ZipFile.ExtractToDirectory(file, backup);

            await SqliteBackup.RestoreAsync(BackupManifest.Read(backup), backup, data, None);

            Assert.Equal(expected, ReadLayout(data));
        }
    }

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Every_older_database_of_PostgreSQL_has_the_tables_of_a_new_one()
    {
        var fresh = await fixture.CreateDatabaseAsync();
        await (await PostgresUnderTest.OpenAsync(fresh, partitions: 1)).DisposeAsync();
        var expected = await ReadLayoutAsync(fresh);
        Assert.Contains(expected, line => line.Contains("INDEX audit_time ", StringComparison.Ordinal));
        foreach (var file in Stored("postgres-*.sql"))
        {
            var old = await fixture.CreateDatabaseAsync();
            var version = Path.GetFileNameWithoutExtension(file).Split('-')[1];
            await using (var source = NpgsqlDataSource.Create(old))
            await using (var make = source.CreateCommand(await File.ReadAllTextAsync(file) + $"""
                INSERT INTO orleanscrm.journal VALUES({version}, gen_random_uuid(), 1, 'key');
                INSERT INTO orleanscrm.partition VALUES(0, 0, 0, 0);
                INSERT INTO orleanscrm.progress VALUES(0, 0, 0, 0);
                """))
                await make.ExecuteNonQueryAsync();

            await (await PostgresUnderTest.OpenAsync(old)).DisposeAsync();

            Assert.Equal(expected, await ReadLayoutAsync(old));
        }
    }

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Every_older_backup_of_PostgreSQL_is_restored_into_the_tables_of_a_new_database()
    {
        var fresh = await fixture.CreateDatabaseAsync();
        await (await PostgresUnderTest.OpenAsync(fresh, partitions: 1)).DisposeAsync();
        var expected = await ReadLayoutAsync(fresh);
        foreach (var file in Stored("postgres-*.zip"))
        {
            var backup = Path.Combine(_root, Path.GetFileName(file));
            ZipFile.ExtractToDirectory(file, backup);
            var manifest = BackupManifest.Read(backup);
            var restored = await fixture.CreateDatabaseAsync();

            await PostgresBackup.RestoreAsync(manifest, backup, restored, None);

            Assert.Equal(expected, await ReadLayoutAsync(restored));
            await using var opened = await PostgresUnderTest.OpenAsync(restored);
            Assert.Equal(
                (Journal.Postgres.Schema.Version, manifest.DatabaseId, manifest.Partitions),
                (opened.Journal.Identity.Schema, opened.Journal.Identity.DatabaseId, opened.Journal.Identity.Partitions));
        }
    }

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Backup_of_newer_or_forgotten_tables_is_refused_and_leaves_the_database_as_it_was()
    {
        var database = await fixture.CreateDatabaseAsync();
        var manifest = new BackupManifest(
            BackupManifest.FormatNow, BackupManifest.Postgres, DateTimeOffset.UnixEpoch, Guid.Empty, Journal.Postgres.Schema.Version + 1, 1, [0], []);

        var newer = await Assert.ThrowsAsync<JournalOpenException>(() => PostgresBackup.RestoreAsync(manifest, _root, database, None));
        var forgotten = await Assert.ThrowsAsync<JournalOpenException>(() => PostgresBackup.RestoreAsync(manifest with { Schema = 2 }, _root, database, None));

        Assert.Contains("is written by a newer program", newer.Message, StringComparison.Ordinal);
        Assert.Contains("with a program in between", forgotten.Message, StringComparison.Ordinal);
        await (await PostgresUnderTest.OpenAsync(database, partitions: 1)).DisposeAsync();
    }

    private static string[] Stored(string pattern)
    {
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Stored"), pattern);
        Assert.True(files.Length >= 2, pattern);
        return files;
    }

    private static List<string> ReadLayout(string directory)
    {
        using var session = SqliteSession.Open(new DataFiles(directory).Database, readOnly: true, TimeSpan.FromSeconds(5));
        using var row = session.Prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name");
        var lines = new List<string>();
        while (row.Step())
            lines.Add($"{row.Text(0)} {row.Text(1)} {Gap().Replace(row.Text(2), " ")}");
        return lines;
    }

    private static async Task<List<string>> ReadLayoutAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(Layout);
        await using var row = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await row.ReadAsync())
            lines.Add(row.GetString(0));
        return lines;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Gap();
}
