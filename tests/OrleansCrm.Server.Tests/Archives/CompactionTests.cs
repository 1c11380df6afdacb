using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Archives;
using OrleansCrm.Server.Backups;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Formats;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.Server.Verification;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Archives;

public sealed class CompactionTests : IDisposable
{
    private const int SigKill = 9;
    private const int KillsMax = 2;

    private readonly string _root = Directory.CreateTempSubdirectory("orleanscrm-compact-").FullName;

    private string Archive => Path.Combine(_root, "archive");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public Task Customers_stand_as_they_stood_and_the_journal_says_how_far_it_reaches() => StandsAsync(null);

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Customers_stand_as_they_stood_on_PostgreSQL_too()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await StandsAsync(await postgres.CreateDatabaseAsync());
    }

    private async Task StandsAsync(string? database)
    {
        await using var server = await TestServer.StartAsync(configure: o => (o.Database, o.Partitions) = (database, 2));
        await StoredHistory.BeginAsync(server);
        await StoredHistory.AddAsync(server);
        var before = await ProfilesAsync(server);
        var entries = await EntriesAsync(server);
        var taken = DateTimeOffset.UtcNow;
        await StoreAsync(server);
        var digest = await VerifyAsync(server, database);

        var (code, said) = await CompactAsync(server, database);
        Assert.True(code == 0, said);
        Assert.Equal(digest, await VerifyAsync(server, database));
        Assert.Equal(digest, await VerifyAsync(server, database, Archive));

        await server.RestartEngineAsync();
        Assert.Equal(before, await ProfilesAsync(server));
        await StoredHistory.GoOnAsync(server);
        var cyd = await server.GetAsync("/v1/customers/cyd/timeline?limit=50");
        Assert.Empty(cyd.Json["items"].EnumerateArray());
        Assert.InRange(cyd.Json["reachesBackTo"].GetDateTimeOffset(), taken.AddMinutes(-5), taken);
        var past = await server.GetAsync("/v1/customers/cyd?at=" + Uri.EscapeDataString(taken.AddDays(-20).ToString("o")));
        Assert.Equal((410, "history_archived"), (past.Status, past.Code));
        Assert.Equal(cyd.Json["reachesBackTo"].GetString(), past.Json["reachesBackTo"].GetString());
        Assert.Equal(200, (await server.GetAsync("/v1/customers/cyd?at=" + Uri.EscapeDataString(DateTimeOffset.UtcNow.ToString("o")))).Status);
        Assert.Equal("history_archived", (await server.PostAsync("/v1/program/whatif", "{}", TestServer.ApiKey)).Code);

        // An alert that nobody has finished keeps what it was raised from.
        var open = (await server.GetAsync("/v1/customers/fay")).Json["openAlerts"][0].GetString();
        Assert.True((await server.GetAsync($"/v1/alerts/{open}/explanation")).Json["matches"].GetBoolean());
        var agent = await server.SignInAsync();
        Assert.Equal(200, (await server.PostAsync($"/v1/alerts/{open}/claim", "", agent)).Status);

        // A late event counts as if it had come in time.
        var orders = OrdersOf(await server.GetAsync("/v1/customers/cyd"));
        await server.IngestAsync(Events.Order("cyd", "cyd-late", 7, at: DateTimeOffset.UtcNow.AddDays(-100)));
        Assert.Equal(
            orders + 1, OrdersOf(await server.GetAsync("/v1/customers/cyd")));
        var export = await server.GetAsync("/v1/customers/cyd/export");
        Assert.Equal(cyd.Json["reachesBackTo"].GetString(), export.Json["reachesBackTo"].GetString());
        Assert.Single(export.Json["entries"].EnumerateArray());

        // Once more, with what has come since: the second archive goes on where the first one ended.
        await StoreAsync(server);
        digest = await VerifyAsync(server, database);
        (code, said) = await CompactAsync(server, database);
        Assert.True(code == 0, said);
        Assert.Equal(digest, await VerifyAsync(server, database, Archive));
        Assert.True(entries > 30);

        // Whoever is erased is erased from what the archive can tell.
        await server.RestartEngineAsync();
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, "/v1/customers/cyd", TestServer.ApiKey)).Status);
        await StoreAsync(server);
        digest = await VerifyAsync(server, database);
        Assert.Equal(digest, await VerifyAsync(server, database, Archive));
        var readable = await ReadableAsync(server, database);
        Assert.Contains("user:gus", readable);
        Assert.DoesNotContain("user:cyd", readable);
        foreach (var file in Directory.GetFiles(Archive))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.DoesNotContain(StoredHistory.Customers, c => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("user:" + c)) >= 0);
        }

        await server.RestartEngineAsync();
    }

    [Fact]
    public async Task Run_that_is_stopped_at_any_write_has_lost_nothing_and_the_next_one_goes_on()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Partitions = 2);
        await StoredHistory.BeginAsync(server);
        await StoredHistory.AddAsync(server);
        var before = await ProfilesAsync(server);
        await StoreAsync(server);
        var digest = await VerifyAsync(server, null);

        var stops = 0;
        for (var isDone = false; !isDone; stops++)
        {
            await using (var database = await Journal.Sqlite.SqliteJournal.OpenAsync(new() { Directory = server.Data }, CancellationToken.None))
            {
                var options = new CompactOptions { To = Archive, Keep = TimeSpan.Zero, ReplacedAtOnce = 4 };
                var compaction = new Compaction(FailingJournal.After(database.Journal, 1 + stops % 5), options, ["default/default"], TimeProvider.System);
                try
                {
                    await compaction.RunAsync(CancellationToken.None);
                    isDone = true;
                }
                catch (JournalFullException)
                {
                    Assert.True(stops < 100);
                }
            }

            Assert.Equal(digest, await VerifyAsync(server, null));
        }

        Assert.True(stops > 3);
        Assert.Equal(digest, await VerifyAsync(server, null, Archive));
        await server.RestartEngineAsync();
        Assert.Equal(before, await ProfilesAsync(server));
        await StoredHistory.GoOnAsync(server);
    }

    [Fact]
    public Task Killed_process_has_lost_nothing_and_the_next_one_goes_on() => KilledAsync(null);

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Killed_process_has_lost_nothing_on_PostgreSQL_either()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await KilledAsync(await postgres.CreateDatabaseAsync());
    }

    private async Task KilledAsync(string? database)
    {
        await using var server = await TestServer.StartAsync(configure: o => (o.Database, o.Partitions) = (database, 4));
        for (var batch = 0; batch < 8; batch++)
            await server.IngestAsync([.. Enumerable.Range(0, 200).Select(i => Events.Order($"u{i % 37}", $"o{batch}-{i}", 5m))]);
        await StoreAsync(server);
        var digest = await VerifyAsync(server, database);
        string[] arguments = ["compact", Archive, "--keep", "0", .. database is null ? new[] { "--data", server.Data } : ["--database", database]];

        var kills = 0;
        for (var code = -1; code != 0; kills++)
        {
            Assert.True(kills < 20, "It never comes to an end.");
            var files = Directory.Exists(Archive) ? Directory.GetFiles(Archive, "*.archive").Length : 0;
            using var process = Process.Start(ServerProcess.StartInfo(arguments))!;
            var said = process.StandardError.ReadToEndAsync();
            while (kills < KillsMax && !process.HasExited && (!Directory.Exists(Archive) || Directory.GetFiles(Archive, "*.archive").Length == files))
                await Task.Delay(1);
            if (kills < KillsMax)
                _ = SendSignal(process.Id, SigKill);
            await process.WaitForExitAsync();
            code = process.ExitCode;
            Assert.True(kills < KillsMax || code == 0, await said);
        }

        Assert.Equal(digest, await VerifyAsync(server, database));
        Assert.Equal(digest, await VerifyAsync(server, database, Archive));
        await server.RestartEngineAsync();
        Assert.Equal(1, (await server.IngestAsync(Events.Order("u0", "o0-0", 5m))).Json["duplicate"].GetInt32());
    }

    [Fact]
    public async Task Backup_of_what_was_compacted_restores_and_verifies_with_the_archive()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Partitions = 2);
        await StoredHistory.BeginAsync(server);
        await StoreAsync(server);
        Assert.Equal(0, (await CompactAsync(server, null)).Code);
        var backup = Path.Combine(_root, "backup");
        await using var said = new StringWriter();
        Assert.Equal(0, await BackupVerb.RunAsync(new BackupRequest(server.Data, null, backup, false), TimeProvider.System, said, said, CancellationToken.None));

        var restored = Path.Combine(_root, "restored");
        var code = await RestoreVerb.RunAsync(backup, null, new ServerOptions { Data = restored }, said, said, CancellationToken.None);

        Assert.True(code == 0, said.ToString());
        Assert.Equal(0, await VerifyVerb.RunAsync(new VerifyOptions { Data = restored, Archive = Archive }, said, said, CancellationToken.None));
        await server.RestartEngineAsync();
    }

    /// <param name="orders">Few are written when the file is finished, many while they are folded.</param>
    [Theory]
    [InlineData(3)]
    [InlineData(600)]
    public async Task Full_disk_under_the_archive_leaves_the_journal_as_it_was_and_the_next_run_finishes(int orders)
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Partitions = 1);
        foreach (var batch in Enumerable.Range(0, orders).Chunk(200))
            await server.IngestAsync([.. batch.Select(i => Events.Order($"u{i % 37}", $"o{i}", 5m))]);
        await StoreAsync(server);
        var (digest, entries) = (await VerifyAsync(server, null), await ContentAsync(server));
        var time = new StandingClock(DateTimeOffset.UtcNow.AddSeconds(1));
        await using (var database = await Journal.Sqlite.SqliteJournal.OpenAsync(new() { Directory = server.Data }, CancellationToken.None))
        {
            var file = Path.Combine(Archive, $"{time.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}-0000-00.archive.new");
            var journal = FailingJournal.Watched(database.Journal, () => File.CreateSymbolicLink(file, "/dev/full"));
            var full = new Compaction(journal, new CompactOptions { To = Archive, Keep = TimeSpan.Zero }, ["default/default"], time);
            await Assert.ThrowsAsync<IOException>(() => full.RunAsync(CancellationToken.None));
        }

        Assert.Empty(Directory.GetFileSystemEntries(Archive));
        Assert.Equal(entries, await ContentAsync(server));
        Assert.Equal(digest, await VerifyAsync(server, null));

        // What a killed run would have left goes too.
        await File.WriteAllTextAsync(Path.Combine(Archive, "20260101T000000000Z-0000-00.archive.new"), "half");
        var (code, said) = await CompactAsync(server, null);
        Assert.True(code == 0 && said.Contains(" customers moved", StringComparison.Ordinal), said);
        Assert.Single(Directory.GetFileSystemEntries(Archive));
        Assert.Equal(digest, await VerifyAsync(server, null, Archive));
        await server.RestartEngineAsync();
        Assert.Equal(1, (await server.IngestAsync(Events.Order("u0", "o0", 5m))).Json["duplicate"].GetInt32());
    }

    [Fact]
    public async Task Archive_that_is_damaged_or_missing_does_not_verify_and_a_database_that_is_served_is_left_alone()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Partitions = 1);
        await server.IngestAsync(Events.Order("ada", "a1", 5m), Events.Order("ada", "a2", 5m));
        var (served, why) = await CompactAsync(server, null);
        Assert.True(served == 1 && why.Contains("held by", StringComparison.Ordinal), why);
        await StoreAsync(server);
        Assert.Equal(0, (await CompactAsync(server, null)).Code);
        await VerifyAsync(server, null, Archive);
        var file = Directory.GetFiles(Archive).Single();
        var whole = await File.ReadAllBytesAsync(file);
        whole[^100] ^= 1;
        await File.WriteAllBytesAsync(file, whole);
        await using var said = new StringWriter();
        Assert.Equal(1, await VerifyVerb.RunAsync(new VerifyOptions { Data = server.Data, Archive = Archive }, said, said, CancellationToken.None));
        Assert.Contains("it is not what was archived", said.ToString(), StringComparison.Ordinal);
        File.Delete(file);
        Assert.Equal(1, await VerifyVerb.RunAsync(new VerifyOptions { Data = server.Data, Archive = Archive }, said, said, CancellationToken.None));
        Assert.Contains("is not there", said.ToString(), StringComparison.Ordinal);
        await server.RestartEngineAsync();
    }

    [Fact]
    public async Task What_is_young_stays()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Partitions = 1);
        await server.IngestAsync(Events.Order("ada", "a1", 5m));
        await StoreAsync(server);

        var (code, said) = await CompactAsync(server, null, TimeSpan.FromDays(1));

        Assert.True(code == 0 && said.Contains("nothing to move", StringComparison.Ordinal), said);
        Assert.Empty(Directory.GetFiles(Archive));
        await server.RestartEngineAsync();
        Assert.Single((await server.GetAsync("/v1/customers/ada/timeline")).Json["items"].EnumerateArray());
    }

    /// <summary>Stores everything and stops the engine.</summary>
    private static async Task StoreAsync(TestServer server)
    {
        await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        await server.DisposeEngineAsync();
    }

    private static async Task<string[]> ProfilesAsync(TestServer server)
    {
        var profiles = new List<string>();
        foreach (var customer in StoredHistory.Customers)
        {
            // What time alone changes is left out.
            var found = await server.GetAsync("/v1/customers/" + customer);
            string[] steady = found.Status == 200 ? ["id", "version", "events", "identities", "phase", "openAlerts", "loyalty"] : ["status", "code"];
            profiles.Add(string.Join(' ', steady.Select(name => found.Json[name].GetRawText())) + (found.Status == 200 ? OrdersOf(found) : 0));
        }

        return [.. profiles];
    }

    private static long OrdersOf(Answer profile) => profile.Json["value"].GetProperty("orders").GetInt64();

    private static async Task<int> EntriesAsync(TestServer server)
    {
        var entries = 0;
        foreach (var customer in StoredHistory.Customers.Except(["dan"]))
            entries += (await server.ListAsync($"/v1/customers/{customer}/timeline?limit=20", "before")).Length;
        return entries;
    }

    private async Task<(int Code, string Said)> CompactAsync(TestServer server, string? database, TimeSpan keep = default)
    {
        await using var said = new StringWriter();
        var options = new CompactOptions { Data = server.Data, Database = database, To = Archive, Keep = keep };
        return (await CompactVerb.RunAsync(options, TimeProvider.System, said, said, CancellationToken.None), said.ToString());
    }

    private static async Task<string[]> ContentAsync(TestServer server)
    {
        await using var opened = await ReadOnlyDatabase.OpenAsync(server.Data, null, CancellationToken.None);
        var entries = await opened.Journal.ReadAsync(0, 0, 10_000, CancellationToken.None);
        return [.. entries.Select(e => $"{e.Offset} {e.Customer} {e.Type} {Convert.ToHexString(e.Payload)}")];
    }

    /// <returns>The digest.</returns>
    private static async Task<string> VerifyAsync(TestServer server, string? database, string? archive = null)
    {
        await using var said = new StringWriter();
        var code = await VerifyVerb.RunAsync(new VerifyOptions { Data = server.Data, Database = database, Archive = archive }, said, said, CancellationToken.None);
        Assert.True(code == 0, said.ToString());
        return said.ToString().Split('\n').Single(l => l.StartsWith("digest", StringComparison.Ordinal));
    }

    /// <summary>Ids of whom the archive still tells something.</summary>
    private async Task<HashSet<string>> ReadableAsync(TestServer server, string? database)
    {
        await using var opened = await ReadOnlyDatabase.OpenAsync(server.Data, database, CancellationToken.None);
        using var folder = ArchiveFolder.Open(Archive, opened.Journal.Identity, CancellationToken.None);
        var readable = new HashSet<string>();
        for (var partition = 0; partition < opened.Journal.Identity.Partitions; partition++)
        {
            var states = await ArchivedStates.ReadAsync(opened.Journal, partition, CancellationToken.None);
            foreach (var entry in await opened.Journal.ReadAsync(partition, 0, 10_000, CancellationToken.None))
            {
                if (folder.Find(states, partition, entry.Offset) is { } told)
                    readable.Add(told.Customer[(told.Customer.IndexOf('/') + 1)..]);
            }
        }

        return readable;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    private sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
