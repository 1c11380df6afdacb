using OrleansCrm.EmbeddedSilo.Tests.Grains;
using Orleans;

namespace OrleansCrm.EmbeddedSilo.Tests;

public sealed class TurnTests
{
    [Fact]
    public async Task Calls_of_a_grain_run_one_after_the_other()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITurnGrain>("a");

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.AddSlowlyAsync()));

        Assert.Equal(Enumerable.Range(1, 200), results.Order());
        Assert.Equal(0, probe.Count("together"));
    }

    [Fact]
    public async Task Call_waits_while_another_awaits()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITurnGrain>("a");

        var first = grain.WaitForAsync("go");
        await probe.Until("go begun");
        var second = grain.GetNameAsync();
        Assert.Equal("b", await silo.Client.GetGrain<ITurnGrain>("b").GetNameAsync());
        Assert.False(second.IsCompleted);

        probe.Set("go");
        await first;
        Assert.Equal("a", await second);
    }

    [Fact]
    public async Task Interleaving_method_runs_while_another_call_awaits()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITurnGrain>("a");

        var first = grain.WaitForAsync("go");
        await probe.Until("go begun");
        var waiting = grain.GetNameAsync();
        Assert.Equal("a", await grain.GetNameBetweenAsync());
        Assert.False(waiting.IsCompleted);

        probe.Set("go");
        await first;
        await waiting;
    }

    [Fact]
    public async Task Read_only_methods_run_beside_each_other_and_beside_nothing_else()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITurnGrain>("a");

        var reading = grain.ReadUntilAsync("go");
        await probe.Until("go begun");
        var writing = grain.GetNameAsync();
        Assert.Equal("a", await grain.ReadNameAsync());
        Assert.False(writing.IsCompleted);

        probe.Set("go");
        await reading;
        await writing;
    }

    [Fact]
    public async Task Reentrant_grain_takes_calls_while_others_await()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<IReentrantGrain>("a");

        var first = grain.WaitForAsync("go");
        await probe.Until("go begun");
        Assert.Equal("a", await grain.GetNameAsync());
        Assert.False(first.IsCompleted);

        probe.Set("go");
        await first;
    }

    [Fact]
    public async Task Turns_of_a_reentrant_grain_never_run_at_the_same_time()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<IReentrantGrain>("a");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await Task.WhenAll(grain.AddSlowlyAsync(), grain.AddSlowlyAsync());
        })));

        Assert.Equal(0, probe.Count("together"));
    }

    [Fact]
    public async Task Method_goes_on_where_it_began_after_an_await()
    {
        await using var silo = await SiloSetup.StartAsync(new Probe());

        Assert.True(await silo.Client.GetGrain<ITurnGrain>("a").StaysOnItsSchedulerAsync());
        Assert.True(await silo.Client.GetGrain<IReentrantGrain>("a").StaysOnItsSchedulerAsync());
    }

    [Fact]
    public async Task Task_started_in_a_grain_runs_on_its_scheduler_unless_sent_away()
    {
        await using var silo = await SiloSetup.StartAsync(new Probe());

        Assert.True(await silo.Client.GetGrain<ITurnGrain>("a").StartsTasksOnItsSchedulerAsync());
    }
}
