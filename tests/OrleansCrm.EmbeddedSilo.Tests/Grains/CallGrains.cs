using Orleans;
using Orleans.Concurrency;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface ICallGrain : IGrainWithStringKey
{
    Task FailAsync(string message, bool afterAwait);

    Task<int> FailWithValueAsync();

    ValueTask<int> AddAsync(int a, int b);

    ValueTask DoAsync(bool slowly);

    Task<Parcel> EchoAsync(Parcel parcel);

    [OneWay]
    Task TellAsync(string signal, bool fails);

    [ResponseTimeout("00:00:00.5")]
    Task WaitForAsync(string signal);

    Task CountAsync(string name);

    Task WaitUntilCancelledAsync(string name, CancellationToken cancellationToken);

    /// <summary>Calls the other, which calls back.</summary>
    Task<string> CallInCircleAsync(string other);

    Task<string> CallBackAsync(string caller);
}

public interface IReentrantCallGrain : IGrainWithStringKey
{
    Task<string> CallInCircleAsync(string other);

    Task<string> CallBackAsync(string caller);

    Task<string> GetNameAsync();
}

[GenerateSerializer]
[Alias("tests.Parcel")]
public sealed record Parcel([property: Id(0)] string Name, [property: Id(1)] Item[] Items, [property: Id(2)] DateTimeOffset At);

[GenerateSerializer]
[Alias("tests.Item")]
public sealed record Item([property: Id(0)] string Sku, [property: Id(1)] long Quantity);

internal sealed class CallGrain(Probe probe) : Grain, ICallGrain
{
    public async Task FailAsync(string message, bool afterAwait)
    {
        if (afterAwait)
            await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task<int> FailWithValueAsync() => throw new TimeoutException("not ours");

    public ValueTask<int> AddAsync(int a, int b) => new(a + b);

    public async ValueTask DoAsync(bool slowly)
    {
        if (slowly)
            await Task.Delay(1);
        probe.Add("done");
    }

    public Task<Parcel> EchoAsync(Parcel parcel) => Task.FromResult(parcel with { Name = parcel.Name + "!" });

    public async Task TellAsync(string signal, bool fails)
    {
        probe.Set(signal + " begun");
        await probe.Until(signal);
        probe.Add("told");
        if (fails)
            throw new InvalidOperationException("nobody hears this");
    }

    public async Task WaitForAsync(string signal)
    {
        probe.Set(signal + " begun");
        await probe.Until(signal);
        probe.Add("waited");
    }

    public Task CountAsync(string name)
    {
        probe.Add(name);
        return Task.CompletedTask;
    }

    public async Task WaitUntilCancelledAsync(string name, CancellationToken cancellationToken)
    {
        probe.Set(name + " begun");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        finally
        {
            probe.Set(name + " cancelled");
        }
    }

    public Task<string> CallInCircleAsync(string other) =>
        GrainFactory.GetGrain<ICallGrain>(other).CallBackAsync(this.GetPrimaryKeyString());

    public async Task<string> CallBackAsync(string caller)
    {
        await GrainFactory.GetGrain<ICallGrain>(caller).CountAsync("called back");
        return "never";
    }
}

[Reentrant]
internal sealed class ReentrantCallGrain : Grain, IReentrantCallGrain
{
    public Task<string> CallInCircleAsync(string other) =>
        GrainFactory.GetGrain<IReentrantCallGrain>(other).CallBackAsync(this.GetPrimaryKeyString());

    public Task<string> CallBackAsync(string caller) => GrainFactory.GetGrain<IReentrantCallGrain>(caller).GetNameAsync();

    public Task<string> GetNameAsync() => Task.FromResult(this.GetPrimaryKeyString());
}
