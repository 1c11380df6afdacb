using Orleans;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests;

public sealed class CallTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_reaches_the_caller_with_its_type_and_message(bool afterAwait)
    {
        await using var silo = await SiloSetup.StartAsync(new Probe());
        var grain = silo.Client.GetGrain<ICallGrain>("a");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.FailAsync("why", afterAwait));

        Assert.Equal("why", failure.Message);
        await Assert.ThrowsAsync<TimeoutException>(grain.FailWithValueAsync);
        Assert.Equal(5, await grain.AddAsync(2, 3));
    }

    [Fact]
    public async Task Methods_may_return_value_tasks()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ICallGrain>("a");

        Assert.Equal(5, await grain.AddAsync(2, 3));
        await grain.DoAsync(slowly: false);
        await grain.DoAsync(slowly: true);

        Assert.Equal(2, probe.Count("done"));
    }

    [Fact]
    public async Task Records_and_arrays_cross_whole()
    {
        await using var silo = await SiloSetup.StartAsync(new Probe());
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        var parcel = new Parcel("p", [new Item("a", 1), new Item("b", long.MaxValue)], at);

        var echoed = await silo.Client.GetGrain<ICallGrain>("a").EchoAsync(parcel);

        Assert.Equal("p!", echoed.Name);
        Assert.Equal(parcel.At, echoed.At);
        Assert.Equal(parcel.Items, echoed.Items);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_way_call_returns_before_the_method_ends_whatever_becomes_of_it(bool fails)
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ICallGrain>("a");

        await grain.TellAsync("go", fails);
        await probe.Until("go begun");
        Assert.Equal(0, probe.Count("told"));

        probe.Set("go");
        await Probe.Until(() => probe.Count("told") == 1);
        Assert.Equal(3, await grain.AddAsync(1, 2));
    }

    [Fact]
    public async Task Caller_gets_a_timeout_while_the_method_goes_on()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ICallGrain>("a");

        await Assert.ThrowsAsync<TimeoutException>(() => grain.WaitForAsync("go"));
        Assert.Equal(0, probe.Count("waited"));

        probe.Set("go");
        await Probe.Until(() => probe.Count("waited") == 1);
    }

    [Fact]
    public async Task Call_whose_caller_gave_up_before_it_began_never_runs()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe, responseTimeout: TimeSpan.FromSeconds(2));
        var grain = silo.Client.GetGrain<ICallGrain>("a");

        var blocking = grain.TellAsync("go", fails: false);
        await probe.Until("go begun");
        await Assert.ThrowsAsync<TimeoutException>(() => grain.CountAsync("late"));

        probe.Set("go");
        await blocking;
        await grain.CountAsync("in time");
        Assert.Equal(0, probe.Count("late"));
    }

    [Fact]
    public async Task Calls_in_a_circle_end_with_a_timeout()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe, responseTimeout: TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<TimeoutException>(() => silo.Client.GetGrain<ICallGrain>("a").CallInCircleAsync("b"));
    }

    [Fact]
    public async Task Calls_in_a_circle_of_reentrant_grains_are_answered()
    {
        await using var silo = await SiloSetup.StartAsync(new Probe());

        Assert.Equal("a", await silo.Client.GetGrain<IReentrantCallGrain>("a").CallInCircleAsync("b"));
    }

    [Fact]
    public async Task Cancellation_reaches_the_method_and_the_caller()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe);
        var grain = silo.Client.GetGrain<ICallGrain>("a");
        using var cancellation = new CancellationTokenSource();

        var call = grain.WaitUntilCancelledAsync("it", cancellation.Token);
        await probe.Until("it begun");
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await probe.Until("it cancelled");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await grain.WaitUntilCancelledAsync("again", cancellation.Token));
        Assert.False(probe.IsSet("again begun"));
    }
}
