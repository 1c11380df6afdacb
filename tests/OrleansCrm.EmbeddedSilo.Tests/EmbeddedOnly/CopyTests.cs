using Orleans;
using Orleans.Hosting;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests.EmbeddedOnly;

/// <summary>With copies on, values cross as they would between processes.</summary>
public sealed class CopyTests
{
    [Fact]
    public async Task Argument_and_result_are_copies()
    {
        await using var silo = await StartAsync();
        var grain = silo.Client.GetGrain<ICopyGrain>("a");
        var numbers = new List<int[]> { new[] { 1 }, new[] { 2 } };

        var kept = await grain.KeepAsync(numbers);
        numbers[0][0] = 100;
        kept[1][0] = 200;

        Assert.Equal(new[] { 1, 2 }, await grain.GetSumsAsync());
    }

    [Fact]
    public async Task Immutable_argument_is_passed_as_it_is()
    {
        await using var silo = await StartAsync();
        var grain = silo.Client.GetGrain<ICopyGrain>("a");
        var bytes = new byte[] { 1, 2, 3 };

        Assert.True(await grain.IsSameAsync(bytes, bytes));
        Assert.False(await grain.IsSameAsync(bytes, [1, 2, 3]));
    }

    [Fact]
    public async Task Type_that_cannot_cross_is_refused()
    {
        await using var silo = await StartAsync();
        var grain = silo.Client.GetGrain<ICopyGrain>("a");

        await Assert.ThrowsAsync<NotSupportedException>(() => grain.TakeAsync(new Undeclared()));
        await Assert.ThrowsAsync<NotSupportedException>(grain.GiveAsync);
    }

    [Fact]
    public void Copy_keeps_shared_and_circular_parts()
    {
        var node = new CopyNode { Names = new Dictionary<string, List<string>> { ["a"] = ["b"] } };
        node.Self = node;

        var copy = (CopyNode)DeepCopier.Strict.Copy(node)!;

        Assert.NotSame(node, copy);
        Assert.Same(copy, copy.Self);
        Assert.Equal(["b"], copy.Names["a"]);
        Assert.NotSame(node.Names["a"], copy.Names["a"]);
    }

    private static Task<SiloFixture> StartAsync() =>
        SiloFixture.StartAsync(static silo => silo.Configure<EmbeddedSiloOptions>(static options => options.CopiesValues = true));
}

public interface ICopyGrain : IGrainWithStringKey
{
    Task<List<int[]>> KeepAsync(List<int[]> numbers);

    Task<int[]> GetSumsAsync();

    Task<bool> IsSameAsync([Immutable] byte[] one, [Immutable] byte[] other);

    Task TakeAsync(Undeclared value);

    Task<Undeclared> GiveAsync();
}

public sealed class Undeclared
{
    public int Number { get; set; }
}

[GenerateSerializer]
internal sealed class CopyNode
{
    public CopyNode? Self { get; set; }

    public Dictionary<string, List<string>> Names { get; set; } = [];
}

internal sealed class CopyGrain : Grain, ICopyGrain
{
    private List<int[]> _numbers = [];

    public Task<List<int[]>> KeepAsync(List<int[]> numbers)
    {
        _numbers = numbers;
        return Task.FromResult(numbers);
    }

    public Task<int[]> GetSumsAsync() => Task.FromResult(_numbers.Select(static each => each.Sum()).ToArray());

    public Task<bool> IsSameAsync(byte[] one, byte[] other) => Task.FromResult(ReferenceEquals(one, other));

    public Task TakeAsync(Undeclared value) => Task.CompletedTask;

    public Task<Undeclared> GiveAsync() => Task.FromResult(new Undeclared());
}
