using Orleans;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface IStateGrain : IGrainWithStringKey
{
    Task<int> AddAndWriteAsync(int number);

    Task AddWithoutWritingAsync(int number);

    Task<int> GetAsync();

    Task<bool> ExistsAsync();

    Task ClearAsync();

    Task EndAsync();
}

[GenerateSerializer]
[Alias("tests.CounterState")]
public sealed class CounterState
{
    [Id(0)]
    public int Number { get; set; }

    [Id(1)]
    public List<string> History { get; set; } = [];
}

internal sealed class StateGrain(Probe probe, [PersistentState("counter", "counters")] IPersistentState<CounterState> counter)
    : Grain, IStateGrain
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Log.Enqueue($"deactivated {reason.ReasonCode}");
        probe.Set($"deactivated {probe.Add("ends")}");
        return Task.CompletedTask;
    }

    public async Task<int> AddAndWriteAsync(int number)
    {
        await AddWithoutWritingAsync(number);
        await counter.WriteStateAsync();
        return counter.State.Number;
    }

    public Task AddWithoutWritingAsync(int number)
    {
        counter.State.Number += number;
        counter.State.History.Add($"+{number}");
        return Task.CompletedTask;
    }

    public Task<int> GetAsync() => Task.FromResult(counter.State.Number);

    public Task<bool> ExistsAsync() => Task.FromResult(counter.RecordExists);

    public Task ClearAsync() => counter.ClearStateAsync();

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
