using Orleans;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface INullGrain : IGrainWithStringKey
{
    Task DoAsync();

    Task<int> AddAsync(int number);

    ValueTask<int> AddValueAsync(int number);

    Task YieldAsync();
}

internal sealed class NullGrain : Grain, INullGrain
{
    private int _sum;

    public Task DoAsync() => Task.CompletedTask;

    public Task<int> AddAsync(int number) => Task.FromResult(_sum += number);

    public ValueTask<int> AddValueAsync(int number) => new(_sum += number);

    public async Task YieldAsync() => await Task.Yield();
}
