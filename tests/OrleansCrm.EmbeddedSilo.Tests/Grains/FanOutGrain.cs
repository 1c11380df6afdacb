using Orleans;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface IFanOutGrain : IGrainWithStringKey
{
    /// <summary>Calls so many grains at once, so many times, and says how many calls that were.</summary>
    Task<int> CallAllAsync(int grains, int times);
}

internal sealed class FanOutGrain : Grain, IFanOutGrain
{
    public async Task<int> CallAllAsync(int grains, int times)
    {
        var calls = new Task<int>[grains];
        for (var time = 0; time < times; time++)
        {
            for (var i = 0; i < grains; i++)
                calls[i] = GrainFactory.GetGrain<INullGrain>($"fan-{i}").AddAsync(1);
            await Task.WhenAll(calls);
        }

        return grains * times;
    }
}
