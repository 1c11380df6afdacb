using Orleans;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests;

public sealed class ObserverTests
{
    [Fact]
    public async Task Observers_hear_what_the_grain_tells_them_until_they_unsubscribe()
    {
        var probe = new Probe();
        await using var silo = await SiloFixture.StartAsync();
        var grain = silo.Client.GetGrain<INewsGrain>("a");
        var (one, two) = (new NewsReader(probe, "one"), new NewsReader(probe, "two"));
        var first = silo.Client.CreateObjectReference<INewsObserver>(one);
        var second = silo.Client.CreateObjectReference<INewsObserver>(two);

        await grain.SubscribeAsync(first);
        await grain.SubscribeAsync(second);
        await grain.SubscribeAsync(second);
        await grain.PublishAsync("x");
        await grain.UnsubscribeAsync(first);
        await grain.PublishAsync("y");
        await grain.SpreadAsync("z");
        await probe.Until("two heard of z");

        Assert.Equal(["one heard x", "two heard x", "two heard y"], probe.Log.Order());
        Assert.NotEqual(first, second);
        GC.KeepAlive(one);
        GC.KeepAlive(two);
    }

    [Fact]
    public async Task Observer_that_fails_or_does_not_renew_is_dropped()
    {
        var probe = new Probe();
        await using var silo = await SiloFixture.StartAsync();
        var grain = silo.Client.GetGrain<INewsGrain>("a");
        var reader = new NewsReader(probe, "one");
        var reference = silo.Client.CreateObjectReference<INewsObserver>(reader);

        await grain.SubscribeAsync(reference);
        await grain.PublishAsync("bad");
        Assert.Equal(0, await grain.GetObserversAsync());

        await grain.SubscribeAsync(reference);
        await grain.AdvanceAsync(TimeSpan.FromSeconds(9));
        await grain.SubscribeAsync(reference);
        await grain.AdvanceAsync(TimeSpan.FromSeconds(9));
        await grain.PublishAsync("x");
        Assert.Equal(1, await grain.GetObserversAsync());
        await grain.AdvanceAsync(TimeSpan.FromSeconds(2));
        await grain.PublishAsync("y");
        Assert.Equal(0, await grain.GetObserversAsync());

        Assert.Equal(["one heard bad", "one heard x"], probe.Log);
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task Deleted_observer_is_not_called_and_a_one_way_call_to_it_harms_nobody()
    {
        var probe = new Probe();
        await using var silo = await SiloFixture.StartAsync();
        var grain = silo.Client.GetGrain<INewsGrain>("a");
        var (one, two) = (new NewsReader(probe, "one"), new NewsReader(probe, "two"));
        var first = silo.Client.CreateObjectReference<INewsObserver>(one);
        await grain.SubscribeAsync(first);
        await grain.SubscribeAsync(silo.Client.CreateObjectReference<INewsObserver>(two));

        silo.Client.DeleteObjectReference<INewsObserver>(first);
        await grain.SpreadAsync("x");
        await probe.Until("two heard of x");

        Assert.False(probe.IsSet("one heard of x"));
        GC.KeepAlive(one);
        GC.KeepAlive(two);
    }
}
