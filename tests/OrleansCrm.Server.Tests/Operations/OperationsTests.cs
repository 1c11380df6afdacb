using Microsoft.Extensions.Configuration;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Operations;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.TestSupport;
using Spectre.Console;

namespace OrleansCrm.Server.Tests.Operations;

public sealed class OperationsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("orleanscrm-doctor-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Doctor_finds_nothing_bad_beside_a_running_server()
    {
        await using var server = await TestServer.StartAsync();

        var (code, said) = await AskAsync(new ServerOptions { Data = server.Data, Urls = server.Address });

        Assert.True(code == 0, said);
        Assert.Contains("is ready", said, StringComparison.Ordinal);
        Assert.Contains("8 partitions, 1 tenants", said, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL", said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(server.Data, "doctor*"));
    }

    [Fact]
    public async Task Doctor_says_what_to_do_about_a_database_that_is_none()
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "journal.db"), "no database");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(_root, "journal.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var (code, said) = await AskAsync(new ServerOptions { Data = _root, Urls = "http://127.0.0.1:1" });

        Assert.Equal(1, code);
        Assert.Matches(@"FAIL\s+journal .*\n\s+-> .*restored from a backup", said);
        Assert.Matches(@"warn\s+permissions .*journal\.db\n\s+-> chmod 600", said);
        Assert.Contains("none at http://127.0.0.1:1", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_names_bad_and_unknown_settings()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
            [new("BehindPorxy", "10.0.0.1"), new("Ingest:Limits:ServerEventsPerSecond", "5"), new("Data", _root)]).Build();

        var (code, said) = await AskAsync(new ServerOptions { Data = _root, Urls = "http://0.0.0.0:80" }, settings);

        Assert.Equal(1, code);
        Assert.Matches(@"FAIL\s+configuration .*unencrypted", said);
        Assert.Contains("BehindPorxy is set and means nothing", said, StringComparison.Ordinal);
        Assert.DoesNotContain("ServerEventsPerSecond", said, StringComparison.Ordinal);
    }

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Doctor_asks_PostgreSQL()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var options = new ServerOptions { Data = _root, Database = await postgres.CreateDatabaseAsync(), Urls = "http://127.0.0.1:1" };

        var before = await AskAsync(options);
        await postgres.StopAsync();
        var after = await AskAsync(options);

        Assert.True(before.Code == 0, before.Said);
        Assert.Matches(@"ok\s+journal\s+none yet", before.Said);
        Assert.Matches(@"ok\s+PostgreSQL\s+version \d+", before.Said);
        Assert.Matches("max_wal_size is 1,024 MiB", before.Said);
        Assert.Equal(1, after.Code);
        Assert.Matches(@"FAIL\s+PostgreSQL .*does not answer", after.Said);
    }

    [Fact]
    public async Task Top_shows_what_the_server_does()
    {
        await using var server = await TestServer.StartAsync();
        await server.IngestAsync(Events.Track(Events.NewCustomer()));

        var (code, said) = await WatchAsync(server.Address);

        Assert.Equal(0, code);
        Assert.Matches(@"events taken\s", said);
        Assert.Matches(@"partitions\s+8 ready", said);
        Assert.Matches(@"GiB disk free", said);
    }

    [Fact]
    public async Task Top_says_that_nobody_answers()
    {
        var (code, said) = await WatchAsync("http://127.0.0.1:1");

        Assert.Equal(1, code);
        Assert.Contains("does not tell", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantiles_are_of_what_came_between_two_readings()
    {
        const string Old = "h_bucket{le=\"0.1\"} 100\nh_bucket{le=\"1\"} 100\nh_bucket{le=\"+Inf\"} 100\n";
        const string New = "h_bucket{le=\"0.1\"} 100\nh_bucket{le=\"1\"} 110\nh_bucket{le=\"+Inf\"} 110\ng{p=\"0\"} 3\ng{p=\"1\"} 4\n";
        var (old, now) = (MetricsText.Parse(Old), MetricsText.Parse(New));

        Assert.Equal(0.55, now.Quantile("h", 0.5, old), 6);
        Assert.True(now.Quantile("h", 0.5, null) < 0.1);
        Assert.True(double.IsNaN(old.Quantile("h", 0.5, old)));
        Assert.Equal((7, 4), (now.Sum("g"), now.Max("g")));
    }

    private static async Task<(int Code, string Said)> AskAsync(ServerOptions options, IConfiguration? settings = null)
    {
        await using var said = new StringWriter();
        var doctor = new Doctor(options, settings ?? new ConfigurationBuilder().Build(), TimeProvider.System);
        var code = await doctor.RunAsync(said, CancellationToken.None);
        return (code, said.ToString());
    }

    private static async Task<(int Code, string Said)> WatchAsync(string address)
    {
        await using var said = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(said), Ansi = AnsiSupport.No });
        console.Profile.Width = 100;
        var top = new TopVerb(new TopRequest(new Uri(address), null, TimeSpan.FromMilliseconds(100), Once: true), TimeProvider.System);
        var code = await top.RunAsync(console, said, CancellationToken.None);
        return (code, said.ToString());
    }
}
