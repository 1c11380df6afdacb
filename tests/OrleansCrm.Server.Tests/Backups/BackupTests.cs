using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Journal.Backups;
using OrleansCrm.Server.Backups;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.Server.Verification;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Backups;

public sealed class BackupTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("orleanscrm-backup-").FullName;

    private string Backup => Path.Combine(_root, "backup");

    private string Restored => Path.Combine(_root, "restored");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Backup_taken_under_load_restores_and_verifies_equal()
    {
        await using var server = await TestServer.StartAsync();

        await HoldsAsync(server, new BackupRequest(server.Data, null, Backup, OnlyErasures: false), new ServerOptions { Data = Restored });
        Assert.Equal(["backup.json", "erasures.json", "journal.db"], Directory.GetFiles(Backup).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in Directory.GetFiles(Backup))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Backup_of_PostgreSQL_taken_under_load_restores_and_verifies_equal()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var (from, to) = (await postgres.CreateDatabaseAsync(), await postgres.CreateDatabaseAsync());
        await using var server = await TestServer.StartAsync(configure: o => o.Database = from);

        await HoldsAsync(server, new BackupRequest(server.Data, from, Backup, OnlyErasures: false), new ServerOptions { Data = Restored, Database = to });

        var again = await RestoreAsync(new ServerOptions { Data = Restored, Database = to });
        Assert.Equal(1, again.Code);
        Assert.Contains("already", again.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_was_erased_since_is_erased_again()
    {
        await using var server = await TestServer.StartAsync();
        var (ada, bob) = ("ada-" + Events.NewCustomer(), Events.NewCustomer());
        await server.IngestAsync(Events.Order(ada, ada + "-1", 5m), Events.Track(bob));
        await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        await TakeAsync(new BackupRequest(server.Data, null, Backup, OnlyErasures: false));
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, "/v1/customers/" + ada, TestServer.ApiKey)).Status);
        var eve = Events.NewCustomer();
        await server.IngestAsync(Events.Track(eve));
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, "/v1/customers/" + eve, TestServer.ApiKey)).Status);
        var list = Path.Combine(_root, "erasures");
        await TakeAsync(new BackupRequest(server.Data, null, list, OnlyErasures: true));
        Assert.DoesNotContain(ada, await File.ReadAllTextAsync(list), StringComparison.Ordinal);

        var restored = await RestoreAsync(new ServerOptions { Data = Restored }, list);

        Assert.True(restored.Code == 0, restored.Said);
        Assert.Contains("1 customers erased again", restored.Said, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(Restored))
            Assert.False((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(ada)) >= 0, file);
        await using var second = await TestServer.StartAsync(Restored);
        Assert.Equal(410, (await second.GetAsync("/v1/customers/" + ada)).Status);
        Assert.Equal(200, (await second.GetAsync("/v1/customers/" + bob)).Status);
        foreach (var late in new[] { ada, eve })
            Assert.Contains("\"erased\"", (await second.IngestAsync(Events.Track(late))).Body, StringComparison.Ordinal);
        await second.DisposeEngineAsync();
        await using var said = new StringWriter();
        Assert.Equal(0, await VerifyVerb.RunAsync(new VerifyOptions { Data = Restored }, said, said, CancellationToken.None));
        await second.RestartEngineAsync();
    }

    [Fact]
    public async Task What_is_not_whole_is_not_restored()
    {
        await using (var server = await TestServer.StartAsync())
        {
            await server.IngestAsync(Events.Track(Events.NewCustomer()));
            await TakeAsync(new BackupRequest(server.Data, null, Backup, OnlyErasures: false));
            var into = await RestoreAsync(new ServerOptions { Data = server.Data });
            Assert.Equal(1, into.Code);
        }

        await RefusesAsync("of another database", () => File.WriteAllText(
            Path.Combine(Backup, ErasureList.FileName), $$"""{"databaseId":"{{Guid.NewGuid()}}","erased":[]}"""));
        File.Delete(Path.Combine(Backup, ErasureList.FileName));
        await RefusesAsync("damaged", () =>
        {
            using var file = File.OpenWrite(Path.Combine(Backup, "journal.db"));
            file.Position = file.Length / 2;
            file.WriteByte(0xa5);
        });
        await RefusesAsync("There is no backup", () => File.Delete(Path.Combine(Backup, "backup.json")));
        await using var nobody = new StringWriter();
        Assert.Equal(1, await BackupVerb.RunAsync(
            new BackupRequest(Restored, null, Path.Combine(_root, "other"), false), TimeProvider.System, nobody, nobody, CancellationToken.None));
    }

    private async Task HoldsAsync(TestServer server, BackupRequest request, ServerOptions target)
    {
        var acknowledged = new ConcurrentBag<string>();
        using var enough = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                var users = Enumerable.Range(0, 20).Select(_ => Events.NewCustomer()).ToArray();
                Assert.Equal(200, (await server.IngestAsync([.. users.Select(user => Events.Order(user, user + "-1", 5m))])).Status);
                acknowledged.Add(users[0]);
            }
        })).ToArray();
        while (acknowledged.Count < 10 && !senders.Any(s => s.IsCompleted))
            await Task.Delay(10);
        var before = acknowledged.ToArray();
        await TakeAsync(request);
        await enough.CancelAsync();
        await Task.WhenAll(senders);

        var restored = await RestoreAsync(target);

        Assert.True(restored.Code == 0 && restored.Said.TrimEnd().EndsWith("equal", StringComparison.Ordinal), restored.Said);
        Assert.Contains(BackupManifest.Read(Backup).Digest, restored.Said, StringComparison.Ordinal);
        await using var second = await TestServer.StartAsync(Restored, o => o.Database = target.Database);
        foreach (var user in before)
            Assert.Equal(1, (await second.GetAsync("/v1/customers/" + user)).Json["events"].GetInt32());
        var sent = Events.NewCustomer();
        await second.IngestAsync("{}", Events.Track(sent));
        Assert.Equal(200, (await second.GetAsync("/v1/customers/" + sent)).Status);
    }

    private async Task RefusesAsync(string why, Action spoil)
    {
        spoil();
        var refused = await RestoreAsync(new ServerOptions { Data = Restored });
        Assert.Equal(1, refused.Code);
        Assert.Contains(why, refused.Said, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Restored, "journal.db")));
    }

    private static async Task TakeAsync(BackupRequest request)
    {
        await using var said = new StringWriter();
        var code = await BackupVerb.RunAsync(request, TimeProvider.System, said, said, CancellationToken.None);
        Assert.True(code == 0, said.ToString());
    }

    private async Task<(int Code, string Said)> RestoreAsync(ServerOptions target, string? erasures = null)
    {
        await using var said = new StringWriter();
        var code = await RestoreVerb.RunAsync(Backup, erasures, target, said, said, CancellationToken.None);
        return (code, said.ToString());
    }
}
