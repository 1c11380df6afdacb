using System.Collections;
using System.Text.Json;
using System.Xml.Linq;
using OrleansCrm.Server.Benchmarks;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Benchmarks;

public sealed class BenchVerbTests : IDisposable
{
    private static readonly string[] NumbersOfEachRung =
    [
        "count", "seconds", "rate", "firstHalf", "secondHalf", "connections", "refused", "p50Ms", "p99Ms", "cpuSecondsPerMillion",
        "machineCpuSecondsPerMillion", "allocatedBytesEach",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("orleanscrm-bench-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Short_run_writes_table_results_and_plot_and_leaves_no_database()
    {
        var json = Path.Combine(_directory, "results.json");
        var (code, output, error) = await RunAsync(
            "bench", "--seconds", "0.4", "--rungs", "a,b,a2,e", "--customers", "1000", "--out", _directory, "--json", json);

        // So short a run is noisy or not by chance; what matters is that it says which.
        Assert.Empty(error);
        var results = JsonDocument.Parse(await File.ReadAllBytesAsync(json)).RootElement;
        Assert.Equal(results.GetProperty("noisy").GetBoolean() ? 1 : 0, code);
        Assert.Equal(code == 1, output.Contains("noisy: ", StringComparison.Ordinal));
        Assert.Contains("ingest, 100 to a request", output);
        Assert.Equal(["bench.svg", "results.json"], Directory.EnumerateFileSystemEntries(_directory).Select(Path.GetFileName).Order());

        var rungs = results.GetProperty("rungs").EnumerateArray().ToArray();
        Assert.Equal(["a", "a", "a", "a2", "b", "e", "e", "e", "e", "e"], rungs.Select(r => r.GetProperty("rung").GetString()).Order(StringComparer.Ordinal));
        Assert.All(rungs, rung =>
        {
            Assert.All(NumbersOfEachRung, name => Assert.True(rung.GetProperty(name).GetDouble() >= 0, name));
            Assert.True(rung.GetProperty("count").GetInt64() > 0);
            Assert.Equal("sqlite", rung.GetProperty("database").GetString());
            Assert.NotEmpty(rung.GetProperty("variant").GetString()!);
            _ = rung.GetProperty("noisy").GetBoolean() && rung.GetProperty("steady").GetBoolean();
        });
        Assert.NotEmpty(results.GetProperty("ratios").EnumerateArray());
        Assert.Equal(6, results.GetProperty("latencyAgainstLoad").GetArrayLength());
        Assert.True(results.GetProperty("environment").GetProperty("cores").GetInt32() > 0);

        var plot = XDocument.Load(Path.Combine(_directory, "bench.svg"));
        Assert.Equal(2, plot.Descendants().Count(e => e.Name.LocalName == "polyline"));
    }

    [Fact]
    public async Task Lookups_decisions_alerts_replay_flush_and_memory_are_measured_too()
    {
        var (_, _, error) = await RunAsync(
            "bench", "--seconds", "0.4", "--rungs", "churn,f,d,g,h,i,m,soak", "--events", "10000", "--customers", "1000", "--out", _directory);

        Assert.Empty(error);
        var results = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_directory, "bench.json"))).RootElement;
        var rungs = results.GetProperty("rungs").EnumerateArray().ToArray();
        Assert.Equal(["churn", "churn", "f", "f", "f", "f", "f", "d", "d", "d", "d", "d", "g", "h", "i", "m", "soak"], rungs.Select(r => r.GetProperty("rung").GetString()));
        Assert.Equal([0, 500, 1_000], rungs[^2].GetProperty("memory").EnumerateArray().Select(m => Rounded(m.GetProperty("count").GetInt64())));
        Assert.True(rungs[^1].GetProperty("memory").GetArrayLength() >= 2);
        Assert.All(rungs, rung => Assert.True(rung.GetProperty("count").GetInt64() > 0));
    }

    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Ladder_is_climbed_on_postgres_as_well()
    {
        await using var server = await PostgresServer.StartAsync();
        var variables = new Hashtable { ["ORLEANSCRM_DATABASE"] = server.ConnectionTo("postgres") };
        var (_, _, error) = await RunAsync(
            variables, "bench", "--seconds", "0.4", "--rungs", "a,b,e,baseline,h", "--customers", "1000", "--database", "postgres", "--out", _directory);

        Assert.Empty(error);
        var results = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_directory, "bench.json"))).RootElement;
        var rungs = results.GetProperty("rungs").EnumerateArray().ToArray();
        Assert.All(rungs, rung => Assert.Equal("postgres", rung.GetProperty("database").GetString()));
        Assert.Equal(["a", "a", "a", "b", "baseline", "baseline", "e", "e", "e", "e", "e", "h"], rungs.Select(r => r.GetProperty("rung").GetString()).Order(StringComparer.Ordinal));
        Assert.All(rungs, rung => Assert.True(rung.GetProperty("count").GetInt64() > 0));
    }

    // Halves of eight partitions round down.
    private static long Rounded(long customers) => (customers + 10) / 100 * 100;

    [Theory]
    [InlineData("--events 1", "--events takes 10000 to")]
    [InlineData("--rungs x", "--rungs knows no 'x'")]
    [InlineData("--seconds 0", "--seconds takes 0.2 to 600")]
    [InlineData("--customers 1", "--customers takes 1000 to")]
    [InlineData("--database postgres", "in ORLEANSCRM_DATABASE")]
    [InlineData("--database oracle", "'oracle' not recognized")]
    public async Task Bad_options_are_refused(string arguments, string fault)
    {
        var (code, _, error) = await RunAsync(["bench", "--out", _directory, .. arguments.Split(' ')]);

        Assert.Equal(2, code);
        Assert.Contains(fault, error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    [Fact]
    public void Halves_that_differ_by_more_than_a_fifth_are_noise()
    {
        Assert.False(Result(100, 81).IsNoisy);
        Assert.True(Result(100, 79).IsNoisy);
        Assert.True(Result(79, 100).IsNoisy);

        static RungResult Result(long first, long second) => new("a", "", "sqlite", "events", [Half(first), Half(second)]);

        static Slice Half(long count) => new(count, 1, default, new());
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => await RunAsync(new Hashtable(), arguments);

    private static async Task<(int Code, string Output, string Error)> RunAsync(Hashtable variables, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(15));
        var code = await Verbs.RunAsync(arguments, Settings.Read(variables, Path.GetTempPath()), output, error, timeout.Token);
        return (code, output.ToString(), error.ToString());
    }
}
