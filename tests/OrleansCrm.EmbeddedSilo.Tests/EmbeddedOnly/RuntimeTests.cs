using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests.EmbeddedOnly;

/// <summary>What the embedded silo does beyond Orleans, or where Orleans leaves it open.</summary>
public sealed class RuntimeTests
{
    [Fact]
    public async Task Longest_unused_activations_go_when_too_many_are_resident()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(
            probe, configure: static silo => silo.Configure<EmbeddedSiloOptions>(static options => options.ResidentActivationsMax = 100));
        await silo.Client.GetGrain<IKeptGrain>("kept").CountAsync();
        for (var i = 0; i < 90; i++)
            await silo.Client.GetGrain<ILifetimeGrain>($"old {i}").CountAsync();
        var then = silo.Silo.Now;
        await Probe.Until(() => silo.Silo.Now > then);
        for (var i = 0; i < 20; i++)
            await silo.Client.GetGrain<ILifetimeGrain>($"new {i}").CountAsync();

        await Probe.Until(() => silo.Silo.Collector.Resident <= 100);

        var ended = probe.Log.Where(static line => line.StartsWith("deactivated", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(ended);
        Assert.All(ended, static line => Assert.StartsWith("deactivated old", line));
    }

    [Fact]
    public async Task Caller_gets_a_timeout_even_if_the_turn_blocks_its_thread()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe, responseTimeout: TimeSpan.FromMilliseconds(200));
        using var release = new ManualResetEventSlim();
        var grain = silo.Client.GetGrain<IBlockingGrain>("a");
        BlockingGrain.Release = release;

        var blocked = grain.BlockAsync();
        var behind = grain.BlockAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => blocked);
        await Assert.ThrowsAsync<TimeoutException>(() => behind);
        release.Set();
    }

    [Fact]
    public async Task Services_of_an_activation_live_as_long_as_it_does()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(
            probe, configure: static silo => silo.Services.AddScoped<ScopedThing>().AddKeyedSingleton<string>("greeting", "hello"));
        var grain = silo.Client.GetGrain<IServicesGrain>("a");

        Assert.Equal("hello", await grain.GetGreetingAsync());
        Assert.Equal(0, probe.Count("scope ended"));
        await silo.DeactivateAsync(grain);
        Assert.Equal(1, probe.Count("scope ended"));
        Assert.Equal(1, probe.Count("grain disposed"));
    }

    [Fact]
    public async Task Failing_constructor_reaches_the_caller()
    {
        await using var silo = await SiloFixture.StartAsync();

        await Assert.ThrowsAsync<NotSupportedException>(silo.Client.GetGrain<IUnbuildableGrain>("a").DoAsync);
    }

    [Fact]
    public async Task Silo_that_has_not_started_or_is_stopped_refuses_calls()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(static _ => { });
        using var host = builder.Build();
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<INullGrain>("a");

        await Assert.ThrowsAsync<SiloUnavailableException>(grain.DoAsync);
        await host.StartAsync();
        await grain.DoAsync();
        await host.StopAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(grain.DoAsync);
    }

    [Fact]
    public async Task What_the_caller_carries_in_async_locals_stays_with_the_caller()
    {
        await using var silo = await SiloFixture.StartAsync();
        var grain = silo.Client.GetGrain<IServicesProbeGrain>("a");
        await grain.GetCarriedAsync();

        ServicesProbeGrain.Carried.Value = "caller's";

        Assert.Null(await Task.Run(grain.GetCarriedAsync));
        Assert.Equal("caller's", ServicesProbeGrain.Carried.Value);
    }

    [Fact]
    public async Task Interface_that_cannot_be_called_is_refused_in_words()
    {
        await using var silo = await SiloFixture.StartAsync();

        var refusal = Assert.Throws<NotSupportedException>(() => silo.Client.GetGrain<IPropertyGrain>("a"));
        Assert.Contains("properties", refusal.Message);
        Assert.Throws<ArgumentException>(() => silo.Client.GetGrain<IOrphanGrain>("a"));
    }

    [Fact]
    public async Task Caller_that_makes_many_calls_still_lets_others_in()
    {
        await using var silo = await SiloFixture.StartAsync();
        var busy = silo.Client.GetGrain<IBusyGrain>("a");

        var running = busy.CallUntilStoppedAsync();
        await busy.StopAsync().WaitAsync(TimeSpan.FromMinutes(2));

        await running;
    }
}

public interface IBlockingGrain : IGrainWithStringKey
{
    Task BlockAsync();
}

internal sealed class BlockingGrain : Grain, IBlockingGrain
{
    internal static ManualResetEventSlim Release { get; set; } = new(true);

    public Task BlockAsync()
    {
        Release.Wait();
        return Task.CompletedTask;
    }
}

public interface IServicesGrain : IGrainWithStringKey
{
    Task<string> GetGreetingAsync();
}

internal sealed class ScopedThing(Probe probe) : IDisposable
{
    public void Dispose() => probe.Add("scope ended");
}

internal sealed class ServicesGrain(Probe probe, ScopedThing thing, IGrainContext context, [FromKeyedServices("greeting")] string greeting)
    : Grain, IServicesGrain, IDisposable
{
    public Task<string> GetGreetingAsync() =>
        Task.FromResult(
            ReferenceEquals(context, GrainContext) && ReferenceEquals(thing, ServiceProvider.GetService<ScopedThing>()) ? greeting : "");

    public void Dispose() => probe.Add("grain disposed");
}

public interface IUnbuildableGrain : IGrainWithStringKey
{
    Task DoAsync();
}

internal sealed class UnbuildableGrain : Grain, IUnbuildableGrain
{
    public UnbuildableGrain() => throw new NotSupportedException("never");

    public Task DoAsync() => Task.CompletedTask;
}

public interface IServicesProbeGrain : IGrainWithStringKey
{
    Task<string?> GetCarriedAsync();
}

internal sealed class ServicesProbeGrain : Grain, IServicesProbeGrain
{
    internal static readonly AsyncLocal<string?> Carried = new();

    public Task<string?> GetCarriedAsync() => Task.FromResult(Carried.Value);
}

public interface IPropertyGrain : IGrainWithStringKey
{
    string Name { get; }
}

internal sealed class PropertyGrain : Grain, IPropertyGrain
{
    public string Name => "";
}

public interface IOrphanGrain : IGrainWithStringKey;

public interface IBusyGrain : IGrainWithStringKey
{
    Task CallUntilStoppedAsync();

    [Orleans.Concurrency.AlwaysInterleave]
    Task StopAsync();
}

internal sealed class BusyGrain : Grain, IBusyGrain
{
    private bool _stopped;

    public async Task CallUntilStoppedAsync()
    {
        var other = GrainFactory.GetGrain<INullGrain>("other");
        while (!_stopped)
            await other.AddAsync(1);
    }

    public Task StopAsync()
    {
        _stopped = true;
        return Task.CompletedTask;
    }
}
