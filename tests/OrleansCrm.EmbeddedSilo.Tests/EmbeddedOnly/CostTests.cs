using System.Diagnostics;
using Orleans;
using OrleansCrm.EmbeddedSilo.Tests.Grains;
using Xunit.Abstractions;

namespace OrleansCrm.EmbeddedSilo.Tests.EmbeddedOnly;

/// <summary>What a call and an idle activation cost. Time is printed and not judged; bytes are, for they do not depend on
/// how busy the machine is. They are those of the whole process, so no other test may run beside these.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CostTests(ITestOutputHelper output)
{
    private const string Name = "alone";
    private const int CallsPerRun = 200_000;
    private const int BytesMax = 400;
    private const int RoundsMax = 20;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 1)]
    [InlineData(64, 64)]
    public async Task Call_to_an_active_grain_allocates_little(int callers, int grains)
    {
        await using var silo = await SiloFixture.StartAsync();
        var targets = Enumerable.Range(0, grains).Select(i => silo.Client.GetGrain<INullGrain>($"g{i}")).ToArray();
        var perCaller = CallsPerRun / callers;

        // The first rounds run code that is not yet optimised, on a busy machine some more of them.
        var least = long.MaxValue;
        for (var round = 0; round < 4 || (least > BytesMax && round < RoundsMax); round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
            {
                var grain = targets[caller % grains];
                for (var i = 0; i < perCaller; i++)
                    await grain.AddAsync(1);
            })));
            clock.Stop();
            var bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / (perCaller * callers);
            var nanoseconds = clock.Elapsed.TotalNanoseconds / (perCaller * callers);
            output.WriteLine($"{callers} callers, {grains} grains: {nanoseconds:F0} ns and {bytes} bytes a call");
            least = Math.Min(least, bytes);
        }

        Assert.InRange(least, 0, BytesMax);
    }

    [Fact]
    public async Task Grain_calls_a_hundred_others_and_waits_for_all()
    {
        await using var silo = await SiloFixture.StartAsync();
        var caller = silo.Client.GetGrain<IFanOutGrain>("caller");
        for (var round = 0; round < 4; round++)
        {
            var clock = Stopwatch.StartNew();
            var calls = await caller.CallAllAsync(100, 1_000);
            output.WriteLine($"100 grains at once: {clock.Elapsed.TotalNanoseconds / calls:F0} ns a call");
        }
    }

    [Fact]
    public async Task Idle_activation_costs_a_few_hundred_bytes()
    {
        const int Count = 100_000;
        await using var silo = await SiloFixture.StartAsync();
        var keys = Enumerable.Range(0, Count).Select(static i => $"customer-{i}").ToArray();
        await silo.Client.GetGrain<INullGrain>("warm").AddAsync(1);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var clock = Stopwatch.StartNew();
        foreach (var chunk in keys.Chunk(1_000))
            await Task.WhenAll(chunk.Select(key => silo.Client.GetGrain<INullGrain>(key).DoAsync()));
        clock.Stop();

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        GC.KeepAlive(keys);
        output.WriteLine($"{bytes} bytes an idle activation, its grain included and its key not");
        output.WriteLine($"{Count / clock.Elapsed.TotalSeconds:F0} activations a second");
        Assert.InRange(bytes, 0, BytesMax);
    }
}
