using Orleans;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface ITextKeyGrain : IGrainWithStringKey
{
    Task<string> GetKeyAsync();

    Task<ITextKeyGrain> GetSelfAsync();

    Task<string> GetKeyOfAsync(INumberKeyGrain other);
}

public interface INumberKeyGrain : IGrainWithIntegerKey
{
    Task<long> GetKeyAsync();
}

internal sealed class TextKeyGrain : Grain, ITextKeyGrain
{
    public Task<string> GetKeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<ITextKeyGrain> GetSelfAsync() => Task.FromResult(this.AsReference<ITextKeyGrain>());

    public async Task<string> GetKeyOfAsync(INumberKeyGrain other) =>
        $"{await other.GetKeyAsync()} {other.GetPrimaryKeyLong()} {GrainFactory.GetGrain<INumberKeyGrain>(7).GetPrimaryKeyLong()}";
}

internal sealed class NumberKeyGrain : Grain, INumberKeyGrain
{
    public Task<long> GetKeyAsync() => Task.FromResult(this.GetPrimaryKeyLong());
}
