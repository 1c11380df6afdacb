using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Ingest.Limits;
using OrleansCrm.Server.Models;
using OrleansCrm.Server.Programs;
using OrleansCrm.Server.Quarantine;

namespace OrleansCrm.Server.Hosting;

/// <summary>
/// The engine of this process: the open database, the silo, and the HTTP surface when it listens. Without listening it is the same pipeline,
/// for verbs that work in process.
/// </summary>
internal sealed partial class EngineHost : IAsyncDisposable
{
    private readonly IJournalDatabase _database;
    private readonly IHost _host;
    private readonly ServerOptions _options;
    private readonly Lazy<Task> _closing;
    private readonly StrongBox<bool> _isStarted;

    private EngineHost(IJournalDatabase database, IHost host, ServerOptions options, StrongBox<bool> isStarted)
    {
        _database = database;
        _host = host;
        _options = options;
        _isStarted = isStarted;
        _closing = new Lazy<Task>(CloseAsync);
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public string[] Addresses =>
        [.. _host.Services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Opens the database, makes its first keys when it is new, and starts everything.</summary>
    /// <param name="listen">Whether to serve HTTP.</param>
    /// <param name="configure">Replaces services, for tests.</param>
    /// <exception cref="StartException">The options cannot be had.</exception>
    /// <exception cref="JournalOpenException">The database is held by another process, damaged, or of a newer version.</exception>
    /// <exception cref="IOException">It cannot listen where it should: an address is taken, or not of this machine.</exception>
    public static async Task<EngineHost> StartAsync(
        ServerOptions options, bool listen, CancellationToken cancellation, Action<IServiceCollection>? configure = null)
    {
        if (options.FindFault() is { } fault)
            throw new StartException(fault);
        var database = await OpenAsync(options, cancellation);
        EngineHost? engine = null;
        try
        {
            var isStarted = new StrongBox<bool>();
            var host = Build(options, database, listen, isStarted, configure);
            engine = new EngineHost(database, host, options, isStarted);
            await host.Services.GetRequiredService<FirstRun>().PrepareAsync(options, cancellation);
            await host.StartAsync(cancellation);
            isStarted.Value = true;
            _ = engine.EndWhenLostAsync();
            return engine;
        }
        catch (Exception error)
        {
            if (engine is null)
                await database.DisposeAsync();
            else
                await engine.DisposeAsync();
            if (error is SocketException)
                throw new IOException($"Cannot listen on {options.Urls}: {error.Message}", error);
            throw;
        }
    }

    /// <summary>Waits until every partition has replayed and its wakes run.</summary>
    public async Task WhenReadyAsync(CancellationToken cancellation)
    {
        var keeper = Services.GetRequiredService<PartitionKeeper>();
        while (!keeper.IsReady)
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellation);
    }

    /// <summary>Waits until it is asked to stop, from outside or by something inside that cannot go on.</summary>
    public async Task WhenStoppingAsync(CancellationToken cancellation)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Readiness fails first, then requests under way finish, then everything in memory is stored, then the silo stops, and last the
    /// database is closed.
    /// </summary>
    public ValueTask DisposeAsync() => new(_closing.Value);

    private async Task CloseAsync()
    {
        try
        {
            if (_isStarted.Value)
            {
                Services.GetRequiredService<Readiness>().StartDraining();
                await Task.Delay(_options.DrainDelay);
                await _host.StopAsync();
            }
            else
            {
                // Why the start has failed is what counts; what had been started before ends in its order all the same.
                await _host.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            if (_host is IAsyncDisposable disposable)
                await disposable.DisposeAsync();
            else
                _host.Dispose();
            await _database.DisposeAsync();
        }
    }

    private static async Task<IJournalDatabase> OpenAsync(ServerOptions options, CancellationToken cancellation)
    {
        if (options.Database is not { } connection)
        {
            return await SqliteJournal.OpenAsync(
                new SqliteJournalOptions
                {
                    Directory = options.Data,
                    Partitions = options.Partitions,
                    ExclusiveWait = options.TakeoverWait ?? TimeSpan.Zero,
                },
                cancellation);
        }

        return await PostgresJournal.OpenAsync(
            new PostgresJournalOptions
            {
                ConnectionString = connection,
                Exclusive = SiloHosting.IsAlone,
                Partitions = options.Partitions,
                ExclusiveWait = options.TakeoverWait ?? PostgresJournalOptions.ExclusiveWaitDefault,
            },
            cancellation);
    }

    // Another process owns the database now: this one can write nothing any more, and what it remembers grows old.
    private async Task EndWhenLostAsync()
    {
        var lost = await _database.Lost;
        LogLost(Services.GetRequiredService<ILogger<EngineHost>>(), lost);
        Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
    }

    private static IHost Build(
        ServerOptions options, IJournalDatabase database, bool listen, StrongBox<bool> isStarted, Action<IServiceCollection>? configure)
    {
        if (!listen)
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            AddEngine(builder, options, database, isStarted);
            configure?.Invoke(builder.Services);
            return builder.Build();
        }

        // The environment is always Production: what a developer's would add shows the inside to whoever sends a bad request.
        // The builder watches its content root for changed settings. Under the directory of the caller lies the database: every write of it
        // would wake the watcher, measured at a tenth of the CPU under load.
        var web = WebApplication.CreateBuilder(
            new WebApplicationOptions { EnvironmentName = Environments.Production, ContentRootPath = AppContext.BaseDirectory });
        AddEngine(web, options, database, isStarted);
        web.AddHttp(options);
        configure?.Invoke(web.Services);
        var app = web.Build();
        app.UseHttp(options);
        return app;
    }

    private static void AddEngine(IHostApplicationBuilder builder, ServerOptions options, IJournalDatabase database, StrongBox<bool> isStarted)
    {
        var isJson = options.LogFormat == "json";
        builder.AddLog(options.LogLevel, isJson, isTraced: isJson || options.Telemetry.Otlp is not null, () => isStarted.Value);
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IJournal>(database.Journal);
        services.AddSingleton<IAccountStore>(database.Accounts);
        services.AddSingleton(options.Ingest);
        services.AddSingleton(options.SignIn);
        services.AddSingleton(options.Presence);
        services.AddSingleton(options.Push);
        services.AddSingleton(options.OfferPush);
        services.AddSingleton(options);
        services.AddSingleton<Readiness>();
        services.AddSingleton(options.Access);
        services.AddSingleton<KeyRing>();
        services.AddSingleton<NewKeys>();
        services.AddSingleton<Audit>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<FirstRun>();
        services.AddSingleton<IngestLimits>();
        services.AddSingleton(database.Quarantine);
        services.AddSingleton(options.Quarantine);
        services.AddSingleton<QuarantineIntake>();
        services.AddSingleton<IngestPipeline>();
        services.AddSingleton<ImportLedger>();
        services.AddSingleton<ProgramLedger>();
        services.AddSingleton<ProgramBoard>();
        services.AddSingleton<ModelFitting>();
        services.AddSingleton<TrackingWatch>();
        services.AddSingleton<EventNames>();

        // Signals are the command line's: a verb has more to end than its host.
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);

        // Hosted services stop in the opposite order: the drain before the keeper, the keeper before the silo.
        SiloHosting.AddSilo(builder, options);
        services.AddEngagementGrains(options.Partition);
        services.AddHostedService(provider => provider.GetRequiredService<ProgramBoard>());
        services.AddHostedService<Drain>();
    }

    [LoggerMessage(1, LogLevel.Critical, "The database belongs to another process, this one ends: {Lost}")]
    private static partial void LogLost(ILogger logger, string lost);

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
