using Orleans;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests;

public sealed class TimerTests
{
    [Fact]
    public async Task Timer_ticks_on_the_grains_scheduler_until_it_is_stopped()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITimerGrain>("a");

        await grain.StartAsync(interleave: false, fails: false);
        await Probe.Until(() => probe.Count("a") >= 3);
        await grain.StopTimerAsync();

        var stopped = probe.Count("a");
        await OtherTimerTicksAsync(silo, probe, "other");
        Assert.Equal(stopped, probe.Count("a"));
        Assert.Equal(0, probe.Count("elsewhere"));
    }

    [Fact]
    public async Task Tick_waits_for_the_call_that_runs()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(interleave: false, fails: false);

        var running = grain.WaitForAsync("go");
        await probe.Until("go begun");
        var before = probe.Count("a");
        await OtherTimerTicksAsync(silo, probe, "other");
        Assert.Equal(before, probe.Count("a"));

        probe.Set("go");
        await running;
        await Probe.Until(() => probe.Count("a") > before);
    }

    [Fact]
    public async Task Interleaving_tick_runs_while_a_call_awaits()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(interleave: true, fails: false);

        var running = grain.WaitForAsync("go");
        await probe.Until("go begun");
        var before = probe.Count("a");
        await Probe.Until(() => probe.Count("a") >= before + 2);

        probe.Set("go");
        await running;
    }

    [Fact]
    public async Task Next_period_begins_when_the_tick_has_ended()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);

        await silo.Client.GetGrain<ITimerGrain>("a").StartSlowAsync();
        await Probe.Until(() => probe.Count("a") >= 5);

        Assert.Equal(0, probe.Count("together"));
    }

    [Fact]
    public async Task Failing_tick_does_not_stop_the_timer()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);

        await silo.Client.GetGrain<ITimerGrain>("a").StartAsync(interleave: false, fails: true);

        await Probe.Until(() => probe.Count("a") >= 3);
    }

    [Fact]
    public async Task No_tick_comes_after_deactivation()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(interleave: true, fails: false);
        await Probe.Until(() => probe.Count("a") >= 1);

        await grain.EndAsync();
        await probe.Until("deactivated a");
        var ended = probe.Count("a");

        await OtherTimerTicksAsync(silo, probe, "other");
        Assert.Equal(ended, probe.Count("a"));
    }

    [Fact]
    public async Task Timer_can_be_set_anew()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ITimerGrain>("a");
        await grain.StartAsync(interleave: false, fails: false);
        await Probe.Until(() => probe.Count("a") >= 1);

        await grain.ChangeAsync(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var paused = probe.Count("a");
        await OtherTimerTicksAsync(silo, probe, "other");
        Assert.Equal(paused, probe.Count("a"));

        await grain.ChangeAsync(TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        await Probe.Until(() => probe.Count("a") >= paused + 2);
    }

    /// <summary>Lets time pass in which the timer under test would have ticked several times.</summary>
    private static async Task OtherTimerTicksAsync(SiloFixture silo, Probe probe, string key)
    {
        await silo.Client.GetGrain<ITimerGrain>(key).StartAsync(interleave: false, fails: false);
        await Probe.Until(() => probe.Count(key) >= 5);
    }
}
