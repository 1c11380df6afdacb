using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests;

public sealed class LifetimeTests
{
    [Fact]
    public async Task First_call_activates_and_a_reference_alone_does_not()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ILifetimeGrain>("a");
        Assert.Empty(probe.Log);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => grain.CountAsync()));

        Assert.Equal(51, await grain.CountAsync());
        Assert.Equal(["activated a"], probe.Log);
    }

    [Fact]
    public async Task Failure_to_activate_reaches_the_caller_and_the_next_call_tries_afresh()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<IFailingGrain>("a");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(grain.GetActivationsAsync);

        Assert.Equal("not yet", failure.Message);
        Assert.Equal(2, await grain.GetActivationsAsync());
    }

    [Fact]
    public async Task Loop_started_in_OnActivate_runs_on_the_grains_scheduler_until_it_is_ended()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ILoopGrain>("a");

        var before = await grain.GetTicksAsync();
        while (await grain.GetTicksAsync() < before + 3)
            await Task.Delay(1);

        Assert.True(await grain.LoopRunsHereAsync());
        await silo.DeactivateAsync(grain);
        await probe.Until("loop ended");
    }

    [Fact]
    public async Task Grain_that_ends_itself_answers_first_and_the_next_call_finds_a_fresh_one()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ILifetimeGrain>("a");
        await grain.CountAsync();

        Assert.Equal(2, await grain.CountAndEndAsync());
        await probe.Until("deactivated a");

        Assert.Equal(1, await grain.CountAsync());
        Assert.Equal(["activated a", "deactivated a ApplicationRequested in time", "activated a"], probe.Log);
    }

    [Fact]
    public async Task Deactivation_waits_for_the_call_that_runs_and_sends_the_waiting_one_to_a_fresh_activation()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ILifetimeGrain>("a");
        await grain.CountAsync();

        var running = grain.WaitForAsync("go");
        await probe.Until("go begun");
        var ending = silo.DeactivateAsync(grain);
        var waiting = grain.CountAsync();
        Assert.False(ending.IsCompleted);

        probe.Set("go");
        await running;
        await ending;
        Assert.Equal(1, await waiting);
        Assert.Equal(["activated a", "go", "deactivated a ApplicationRequested in time", "activated a"], probe.Log);
    }

    [Fact]
    public async Task Calls_that_race_with_deactivation_are_all_answered()
    {
        var probe = new Probe();
        var silo = await SiloSetup.StartAsync(probe);
        const int Grains = 20, Rounds = 100;

        await Task.WhenAll(Enumerable.Range(0, Grains).Select(i => Task.Run(async () =>
        {
            var grain = silo.Client.GetGrain<ILifetimeGrain>($"g{i}");
            for (var round = 0; round < Rounds; round++)
                await Task.WhenAll(grain.CountAndEndAsync(), grain.CountAsync());
        })));
        await silo.StopAsync();

        Assert.Equal(Grains * Rounds * 2, probe.Count("counted"));
    }

    [Fact]
    public async Task Ten_thousand_grains_can_be_called_at_once()
    {
        var probe = new Probe();
        var silo = await SiloSetup.StartAsync(probe);

        var counts = await Task.WhenAll(
            Enumerable.Range(0, 10_000).Select(i => silo.Client.GetGrain<ILifetimeGrain>($"g{i}").CountAsync()));
        await silo.StopAsync();

        Assert.All(counts, count => Assert.Equal(1, count));
        Assert.Equal(10_000, probe.Count("counted"));
    }

    [Fact]
    public async Task Idle_grain_is_collected_unless_it_is_kept_or_asked_to_stay()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe, configure: CollectQuickly);
        await silo.Client.GetGrain<IKeptGrain>("kept").CountAsync();
        await silo.Client.GetGrain<ILifetimeGrain>("staying").StayAsync(TimeSpan.FromMinutes(5));
        await silo.Client.GetGrain<ILifetimeGrain>("idle").CountAsync();

        await probe.Until("deactivated idle");
        Assert.Contains("deactivated idle ActivationIdle in time", probe.Log);

        // One more is collected after them: their turn to go would have come.
        await silo.Client.GetGrain<ILifetimeGrain>("idle too").CountAsync();
        await probe.Until("deactivated idle too");
        Assert.False(probe.IsSet("deactivated kept"));
        Assert.False(probe.IsSet("deactivated staying"));
    }

    [Fact]
    public async Task Collection_under_load_loses_no_call_and_no_activation_without_its_end()
    {
        var probe = new Probe();
        var silo = await SiloSetup.StartAsync(probe, configure: CollectQuickly);
        var calls = 0;
        var begun = Environment.TickCount64;
        var hasCollected = false;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            // Some grains are called again and again, some now and then around their age, and new ones come all the time.
            var random = new Random(worker);
            // On a busy machine it takes longer until the first has been idle for its age.
            while (Environment.TickCount64 < begun + 6_000 || (!Volatile.Read(ref hasCollected) && Environment.TickCount64 < begun + 60_000))
            {
                var newest = Volatile.Read(ref calls) / 50;
                var key = random.Next(1_000) switch { < 20 => newest, < 25 => random.Next(newest + 1), _ => random.Next(10) };
                await silo.Client.GetGrain<ILifetimeGrain>($"g{key}").CountAsync();
                if (Interlocked.Increment(ref calls) % 64 == 0)
                {
                    await Task.Delay(1);
                    Volatile.Write(ref hasCollected, probe.Log.Any(IsOfIdle));
                }
            }
        })));

        Assert.Contains(probe.Log, IsOfIdle);
        await silo.StopAsync();
        Assert.Equal(calls, probe.Count("counted"));

        static bool IsOfIdle(string line) => line.EndsWith("ActivationIdle in time", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_ends_every_activation_before_the_services_are_disposed()
    {
        var probe = new Probe();
        var silo = await SiloSetup.StartAsync(probe);
        for (var i = 0; i < 20; i++)
            await silo.Client.GetGrain<ILifetimeGrain>($"g{i}").CountAsync();
        await silo.Client.GetGrain<IKeptGrain>("kept").CountAsync();

        await silo.StopAsync();

        Assert.Equal(21, probe.Log.Count(static line => line.EndsWith("ShuttingDown in time", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Stopping_waits_for_the_call_that_runs()
    {
        var probe = new Probe();
        var silo = await SiloSetup.StartAsync(probe);
        _ = silo.Client.GetGrain<ILifetimeGrain>("a").WaitForAsync("go");
        await probe.Until("go begun");

        var stopping = silo.StopAsync();
        probe.Set("go");
        await stopping;

        Assert.Equal(["activated a", "go", "deactivated a ShuttingDown in time"], probe.Log);
    }

    private static void CollectQuickly(ISiloBuilder silo) => silo.Configure<GrainCollectionOptions>(options =>
    {
        options.CollectionQuantum = TimeSpan.FromSeconds(1);
        options.CollectionAge = TimeSpan.FromSeconds(2);
    });
}
