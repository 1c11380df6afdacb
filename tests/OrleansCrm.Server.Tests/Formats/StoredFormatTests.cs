using System.IO.Compression;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Journal.Backups;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Archives;
using OrleansCrm.Server.Backups;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Verification;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Formats;

/// <summary>
/// Databases that were written by the formats there have been (<c>Stored/</c>, as backups, each with the facts that it holds): every one is
/// opened, upgraded, read from its snapshots and folded again from its entries. What has been released is never written anew; another format
/// comes beside it. With <c>ORLEANSCRM_WRITE_FORMATS=FOLDER</c> those of today are written there.
/// </summary>
public sealed class StoredFormatTests : IDisposable
{
    private const string Folder = "ORLEANSCRM_WRITE_FORMATS";
    private const string Archive = "archive";

    private readonly string _root = Directory.CreateTempSubdirectory("orleanscrm-formats-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Every_format_of_SQLite_is_read_and_means_what_it_meant()
    {
        foreach (var (manifest, backup, expected) in Fixtures(BackupManifest.Sqlite))
        {
            var data = Path.Combine(_root, Path.GetFileName(backup) + "-data");
            await SqliteBackup.RestoreAsync(manifest, backup, data, CancellationToken.None);
            if (Path.Combine(backup, Archive) is var archive && Directory.Exists(archive))
                await AssertVerifiesAsync(data, archive);
            await AssertHoldsAsync(manifest, data, null, expected);
        }
    }

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Every_format_of_PostgreSQL_is_read_and_means_what_it_meant()
    {
        await using var postgres = await PostgresServer.StartAsync();
        foreach (var (manifest, backup, expected) in Fixtures(BackupManifest.Postgres))
        {
            var database = await postgres.CreateDatabaseAsync();
            await PostgresBackup.RestoreAsync(manifest, backup, database, CancellationToken.None);
            await AssertHoldsAsync(manifest, Path.Combine(_root, Path.GetFileName(backup) + "-data"), database, expected);
        }
    }

    [WritesFormatsFact]
    public Task Format_of_today_on_SQLite_is_written() => WriteAsync(null);

    [WritesFormatsFact]
    public Task Format_of_today_with_an_archive_is_written() => WriteAsync(null, isCompacted: true);

    [WritesFormatsFact]
    public async Task Format_of_today_on_PostgreSQL_is_written()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await WriteAsync(await postgres.CreateDatabaseAsync());
    }

    private static async Task AssertVerifiesAsync(string data, string archive)
    {
        await using var said = new StringWriter();
        var code = await VerifyVerb.RunAsync(new VerifyOptions { Data = data, Archive = archive }, said, said, CancellationToken.None);
        Assert.True(code == 0, said.ToString());
    }

    private static async Task AssertHoldsAsync(BackupManifest manifest, string data, string? database, string expected)
    {
        await using var server = await TestServer.StartAsync(data, options => options.Database = database);
        await server.SignInAsync();
        var facts = await StoredFacts.ReadAsync(server, manifest.Taken);
        Assert.True(
            expected == facts,
            $"Stored data are read differently than when they were written. If the format was never released, write it anew with {Folder}; else what changed has to go on reading it.\n--- then\n{expected}\n--- now\n{facts}");
        await StoredHistory.GoOnAsync(server);
    }

    private IEnumerable<(BackupManifest Manifest, string Backup, string Expected)> Fixtures(string kind)
    {
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Formats", "Stored"), kind + "-*.zip");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var backup = Path.Combine(_root, Path.GetFileNameWithoutExtension(file));
            ZipFile.ExtractToDirectory(file, backup);
            yield return (BackupManifest.Read(backup), backup, File.ReadAllText(Path.ChangeExtension(file, ".txt")));
        }
    }

    private async Task WriteAsync(string? database, bool isCompacted = false)
    {
        var backup = Path.Combine(_root, "backup");
        await using var server = await TestServer.StartAsync(configure: options => (options.Database, options.Partitions) = (database, 2));
        await StoredHistory.BeginAsync(server);
        await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        await using var said = new StringWriter();
        if (isCompacted)
        {
            await server.DisposeEngineAsync();
            var moved = new CompactOptions { Data = server.Data, To = Path.Combine(_root, Archive), Keep = TimeSpan.Zero };
            Assert.True(await CompactVerb.RunAsync(moved, TimeProvider.System, said, said, CancellationToken.None) == 0, said.ToString());
            await server.RestartEngineAsync();
        }

        await StoredHistory.AddAsync(server);
        var code = await BackupVerb.RunAsync(
            new BackupRequest(server.Data, database, backup, OnlyErasures: false), TimeProvider.System, said, said, CancellationToken.None);
        Assert.True(code == 0, said.ToString());
        var manifest = BackupManifest.Read(backup);
        if (isCompacted)
            Directory.Move(Path.Combine(_root, Archive), Path.Combine(backup, Archive));
        var target = Path.Combine(Environment.GetEnvironmentVariable(Folder)!, $"{manifest.Database}-{manifest.Schema}{(isCompacted ? "-compacted" : "")}");
        File.Delete(target + ".zip");
        ZipFile.CreateFromDirectory(backup, target + ".zip", CompressionLevel.SmallestSize, includeBaseDirectory: false);
        await File.WriteAllTextAsync(target + ".txt", await StoredFacts.ReadAsync(server, manifest.Taken));
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class WritesFormatsFactAttribute : FactAttribute
    {
        public WritesFormatsFactAttribute()
        {
            if (Environment.GetEnvironmentVariable(Folder) is null)
                Skip = $"Writes a fixture where {Folder} says.";
        }
    }
}
