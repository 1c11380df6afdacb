using Orleans;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests;

public sealed class PersistentStateTests
{
    [Fact]
    public async Task Written_state_outlives_the_activation_and_unwritten_state_does_not()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe, configure: static silo => silo.AddMemoryGrainStorage("counters"));
        var grain = silo.Client.GetGrain<IStateGrain>("a");
        Assert.Equal(0, await grain.GetAsync());
        Assert.False(await grain.ExistsAsync());

        Assert.Equal(3, await grain.AddAndWriteAsync(3));
        Assert.True(await grain.ExistsAsync());
        await grain.AddWithoutWritingAsync(4);
        await grain.EndAsync();
        await probe.Until("deactivated 1");

        Assert.Equal(3, await grain.GetAsync());
        Assert.Equal(8, await grain.AddAndWriteAsync(5));
        Assert.Equal(0, await silo.Client.GetGrain<IStateGrain>("b").GetAsync());
    }

    [Fact]
    public async Task Cleared_state_is_new_again()
    {
        var probe = new Probe();
        await using var silo = await SiloSetup.StartAsync(probe, configure: static silo => silo.AddMemoryGrainStorage("counters"));
        var grain = silo.Client.GetGrain<IStateGrain>("a");
        await grain.AddAndWriteAsync(3);

        await grain.ClearAsync();

        Assert.Equal(0, await grain.GetAsync());
        Assert.False(await grain.ExistsAsync());
        Assert.Equal(2, await grain.AddAndWriteAsync(2));
    }

    [Fact]
    public async Task Writer_that_was_not_first_fails_and_begins_again_from_what_is_stored()
    {
        var probe = new Probe();
        var storage = new ConflictingStorage();
        await using var silo = await SiloSetup.StartAsync(
            probe, configure: silo => silo.Services.AddGrainStorage("counters", (_, _) => storage));
        var grain = silo.Client.GetGrain<IStateGrain>("a");
        await grain.AddAndWriteAsync(1);

        storage.OverwriteAll(100);
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.AddAndWriteAsync(1));
        await probe.Until("deactivated 1");

        Assert.Equal(101, await grain.AddAndWriteAsync(1));
        Assert.Equal(["deactivated ApplicationError"], probe.Log);
    }
}
