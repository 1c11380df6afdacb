using System.Net.Http.Json;
using System.Text.Json;
using Orleans;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Ingest.Limits;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>What the rungs of one database share: the engine under load, the load generators, and a place for databases.</summary>
internal sealed class BenchStage(BenchOptions options, BenchDatabase database, string directory) : IAsyncDisposable
{
    private const string AdminEmail = "bench@shop.example";

    private readonly Dictionary<string, LoadProcess> _loads = [];
    private EngineHost? _engine;
    private string? _token;
    private int _runs;
    private int _places;

    public BenchOptions Options => options;

    public BenchDatabase Database => database;

    public string WriteKey { get; } = Secrets.Create("wk_");

    public string ApiKey { get; } = Secrets.Create("ak_");

    /// <summary>Events a second that the engine was seen to take, once that was measured.</summary>
    public double? Capacity { get; set; }

    /// <summary>Whether the engine's shop has been given its offers.</summary>
    public bool HasOffers { get; set; }

    /// <summary>Measures it when it has not been: batches for everybody, as fast as they are taken.</summary>
    public async Task<double> CapacityAsync(LoadSpec batches, CancellationToken cancellation)
    {
        if (Capacity is null)
        {
            var report = await Load().RunAsync(batches, cancellation);
            Capacity = report.Count / report.Seconds;
        }

        return Capacity.Value;
    }

    /// <summary>A number that no other load has had.</summary>
    public int NextRun() => ++_runs;

    /// <summary>A directory that does not exist yet, removed with the stage.</summary>
    public string NewDirectory() => Path.Combine(directory, $"{database.Name}-{++_places}");

    /// <summary>Load generators that work side by side have different names.</summary>
    public LoadProcess Load(string name = "")
    {
        if (!_loads.TryGetValue(name, out var load))
            _loads.Add(name, load = LoadProcess.Start());
        return load;
    }

    /// <summary>The engine that HTTP rungs share, started by the first of them.</summary>
    public async Task<EngineHost> EngineAsync(CancellationToken cancellation) =>
        _engine ??= await StartEngineAsync(NewDirectory(), listen: true, _ => { }, cancellation);

    public async Task<EngineHost> StartEngineAsync(string data, bool listen, Action<ServerOptions> configure, CancellationToken cancellation)
    {
        var server = new ServerOptions
        {
            Urls = "http://127.0.0.1:0",
            WriteKey = WriteKey,
            ApiKey = ApiKey,
            AdminEmail = AdminEmail,
            AdminPassword = ApiKey,
        };
        server.Ingest.Limits = LimitOptions.Widest();

        // The load raises one alert after the other: it would measure the rest between two messages.
        server.Push.FrameEvery = TimeSpan.Zero;
        server.Ingest.Limits.Enabled = options.HasLimits;
        await database.ConfigureAsync(server, data, cancellation);
        configure(server);
        var engine = await EngineHost.StartAsync(server, listen, cancellation);
        await engine.WhenReadyAsync(cancellation);
        if (!options.WithoutTrackingPlan)
            await PublishAsync(engine, BenchPlan.Json, cancellation);
        return engine;
    }

    public static async Task PublishAsync(EngineHost engine, byte[] json, CancellationToken cancellation)
    {
        var program = ProgramDocument.Parse(json);
        await engine.Services.GetRequiredService<ProgramLedger>().PublishAsync(FirstRun.Tenant, program, expected: null);
        await engine.Services.GetRequiredService<ProgramBoard>().ReloadAsync(cancellation);
    }

    public static int PortOf(EngineHost engine) => new Uri(engine.Addresses[0]).Port;

    /// <summary>Access token of an agent.</summary>
    public async Task<string> SignInAsync(EngineHost engine, CancellationToken cancellation)
    {
        if (_token is not null)
            return _token;
        using var http = new HttpClient { BaseAddress = new Uri(engine.Addresses[0]) };
        using var answer = await http.PostAsJsonAsync("/v1/sessions", new { email = AdminEmail, password = ApiKey }, cancellation);
        answer.EnsureSuccessStatusCode();
        var session = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        return _token = session.GetProperty("accessToken").GetString()!;
    }

    public static Task<PartitionStatus[]> StatusesAsync(EngineHost engine)
    {
        var grains = engine.Services.GetRequiredService<IGrainFactory>();
        var partitions = engine.Services.GetRequiredService<IJournal>().Identity.Partitions;
        return Task.WhenAll(Enumerable.Range(0, partitions).Select(p => grains.GetGrain<IPartitionGrain>(p).TouchAsync()));
    }

    /// <summary>Lets the engine store what waits, so that it rests while something else is measured.</summary>
    public static Task QuietAsync(EngineHost engine) => engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var load in _loads.Values)
            await load.DisposeAsync();
        if (_engine is not null)
            await _engine.DisposeAsync();
    }
}
