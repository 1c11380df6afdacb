using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansCrm.Grains;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Simulation.Tests.Store;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Engine;

/// <summary>One process of the engine: silo, grains, a connection to the store. Nothing of it outlives it but what the store has.</summary>
internal sealed class Incarnation
{
    private readonly ServiceProvider _services;
    private readonly SimulatedTime _time;
    private readonly StormyPace _pace;
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Incarnation(ServiceProvider services, SimulatedTime time, StormyPace pace, SiloFaults faults, string name)
    {
        (_services, _time, _pace, Faults, Name) = (services, time, pace, faults, name);
        Grains = services.GetRequiredService<IGrainFactory>();
    }

    public string Name { get; }

    public IGrainFactory Grains { get; }

    public SiloFaults Faults { get; }

    /// <summary>
    /// A partition of it may have another owner, in this process or in another one. It learns so when it writes next; what it answers until
    /// then may be of yesterday, which no lookup is blamed for.
    /// </summary>
    public bool MayBeStale { get; set; }

    public bool IsDead => _died.Task.IsCompleted;

    public static async Task<Incarnation> StartAsync(
        World world, JournalStore store, JournalWeather weather, PartitionOptions options, int number)
    {
        var name = $"process {number}";
        world.Say(name + " starts");
        var time = new SimulatedTime(world);
        var pace = new StormyPace(world, weather);
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IJournal>(new SimulatedJournal(store, pace));
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<ILoggerProvider>(_ => new TraceLogger(world, name));

        // Only the simulated clock may end a wait: the real one says nothing about the run.
        builder.UseOrleans(silo => silo
            .Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromDays(1))
            .Configure<GrainCollectionOptions>(o => o.ActivationTimeout = o.DeactivationTimeout = TimeSpan.FromDays(1)));
        var faults = new SiloFaults(builder.Services, world.Random.Next());
        builder.Services.AddEngagementGrains(options);
        var services = builder.Services.BuildServiceProvider();
        var incarnation = new Incarnation(services, time, pace, faults, name);
        foreach (var service in services.GetServices<IHostedService>())
            await service.StartAsync(CancellationToken.None);
        return incarnation;
    }

    /// <summary>The answer of a grain, unless the process dies before.</summary>
    public async Task<T> CallAsync<T>(Task<T> call)
    {
        await Task.WhenAny(call, _died.Task);
        return call.IsCompleted ? await call : throw new TimeoutException("The process is gone.");
    }

    public async Task CallAsync(Task call)
    {
        await Task.WhenAny(call, _died.Task);
        if (!call.IsCompleted)
            throw new TimeoutException("The process is gone.");
        await call;
    }

    /// <summary>Stops as an orderly server does: stores everything, ends the grains.</summary>
    public async Task StopAsync()
    {
        await CallAsync(_services.GetRequiredService<PartitionKeeper>().FlushAsync());
        foreach (var service in _services.GetServices<IHostedService>().Reverse())
            await CallAsync(service.StopAsync(CancellationToken.None));
    }

    /// <summary>From now on nothing of it has any effect.</summary>
    public void Die()
    {
        if (IsDead)
            return;
        _time.Die();
        _pace.Die();
        _died.TrySetResult();
        _services.Dispose();
    }
}
