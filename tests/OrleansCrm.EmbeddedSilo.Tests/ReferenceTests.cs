using OrleansCrm.EmbeddedSilo.Tests.Grains;
using Orleans;

namespace OrleansCrm.EmbeddedSilo.Tests;

public sealed class ReferenceTests
{
    [Fact]
    public async Task References_to_the_same_grain_are_equal()
    {
        await using var silo = await SiloFixture.StartAsync();

        var one = silo.Client.GetGrain<ITextKeyGrain>("a");
        var same = silo.Client.GetGrain<ITextKeyGrain>("a");

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, silo.Client.GetGrain<ITextKeyGrain>("A"));
        Assert.Equal(silo.Client.GetGrain<INumberKeyGrain>(-1), silo.Client.GetGrain<INumberKeyGrain>(-1));
        Assert.NotEqual(silo.Client.GetGrain<INumberKeyGrain>(-1), silo.Client.GetGrain<INumberKeyGrain>(1));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("acme\u001fuser\u001fäöü/%2F +")]
    [InlineData("42")]
    public async Task Grain_and_reference_know_the_text_key(string key)
    {
        await using var silo = await SiloFixture.StartAsync();
        var grain = silo.Client.GetGrain<ITextKeyGrain>(key);

        Assert.Equal(key, await grain.GetKeyAsync());
        Assert.Equal(key, grain.GetPrimaryKeyString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(-5)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public async Task Grain_and_reference_know_the_integer_key(long key)
    {
        await using var silo = await SiloFixture.StartAsync();
        var grain = silo.Client.GetGrain<INumberKeyGrain>(key);

        Assert.Equal(key, await grain.GetKeyAsync());
        Assert.Equal(key, grain.GetPrimaryKeyLong());
    }

    [Fact]
    public async Task Reference_can_be_passed_on_and_given_back()
    {
        await using var silo = await SiloFixture.StartAsync();
        var grain = silo.Client.GetGrain<ITextKeyGrain>("a");

        Assert.Equal(grain, await grain.GetSelfAsync());
        Assert.Equal("12 12 7", await grain.GetKeyOfAsync(silo.Client.GetGrain<INumberKeyGrain>(12)));
    }

    [Fact]
    public async Task Missing_key_is_refused()
    {
        await using var silo = await SiloFixture.StartAsync();

        Assert.ThrowsAny<ArgumentException>(() => silo.Client.GetGrain<ITextKeyGrain>(null!));
    }
}
