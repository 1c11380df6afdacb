using Orleans.Hosting;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests.EmbeddedOnly;

/// <summary>The trouble that tests can order comes as ordered.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Lost_call_never_runs_and_a_call_with_a_lost_answer_does()
    {
        var probe = new Probe();
        await using (var silo = await StartAsync(probe, new FaultOptions { LostCall = 1 }))
            await Assert.ThrowsAsync<TimeoutException>(() => silo.Client.GetGrain<ICallGrain>("a").CountAsync("lost"));
        await using (var silo = await StartAsync(probe, new FaultOptions { LostAnswer = 1 }))
            await Assert.ThrowsAsync<TimeoutException>(() => silo.Client.GetGrain<ICallGrain>("a").CountAsync("ran"));

        Assert.Equal(0, probe.Count("lost"));
        Assert.Equal(1, probe.Count("ran"));
    }

    [Fact]
    public async Task Crashed_activation_forgets_without_a_word()
    {
        var probe = new Probe();
        await using var silo = await StartAsync(probe, new FaultOptions { Crash = 1 });
        var grain = silo.Client.GetGrain<ILifetimeGrain>("a");

        for (var i = 0; i < 3; i++)
            Assert.Equal(1, await grain.CountAsync());

        Assert.Equal(["activated a", "activated a", "activated a"], probe.Log);
    }

    [Fact]
    public async Task Second_activation_lives_beside_the_first()
    {
        var probe = new Probe();
        var silo = await StartAsync(probe, new FaultOptions { Double = 1 });
        var grain = silo.Client.GetGrain<ILifetimeGrain>("a");

        var running = grain.WaitForAsync("go");
        await probe.Until("go begun");
        Assert.Equal(1, await grain.CountAsync());
        probe.Set("go");
        await running;

        await silo.StopAsync();
        Assert.Equal(2, probe.Log.Count(static line => line == "deactivated a ShuttingDown in time"));
    }

    [Fact]
    public async Task Delayed_calls_all_arrive_and_a_spared_class_has_no_trouble()
    {
        var probe = new Probe();
        var faults = new FaultOptions { Delay = 0.5, LostCall = 1, Spared = { nameof(NullGrain) } };
        await using var silo = await StartAsync(probe, faults);
        await silo.Client.GetGrain<INullGrain>("a").DoAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => silo.Client.GetGrain<ICallGrain>("a").CountAsync("lost"));

        faults.LostCall = 0;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => silo.Client.GetGrain<ICallGrain>("a").CountAsync("arrived")));
        Assert.Equal(100, probe.Count("arrived"));
    }

    private static Task<SiloFixture> StartAsync(Probe probe, FaultOptions faults) =>
        SiloSetup.StartAsync(probe, configure: silo => silo.Configure<EmbeddedSiloOptions>(options => options.Faults = faults));
}
