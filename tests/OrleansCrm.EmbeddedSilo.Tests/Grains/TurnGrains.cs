using Orleans;
using Orleans.Concurrency;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Adds one, with awaits in the middle that would let another call in.</summary>
    Task<int> AddSlowlyAsync();

    /// <summary>Says that it has begun and waits for a signal.</summary>
    Task WaitForAsync(string signal);

    Task<string> GetNameAsync();

    [AlwaysInterleave]
    Task<string> GetNameBetweenAsync();

    [ReadOnly]
    Task ReadUntilAsync(string signal);

    [ReadOnly]
    Task<string> ReadNameAsync();

    Task<bool> StaysOnItsSchedulerAsync();

    Task<bool> StartsTasksOnItsSchedulerAsync();
}

public interface IReentrantGrain : ITurnGrain;

/// <summary>Counts how many threads are inside at once; there may never be two.</summary>
internal abstract class TurnGrainBase(Probe probe) : Grain
{
    private int _inside;
    private int _count;

    public async Task<int> AddSlowlyAsync()
    {
        var before = _count;
        for (var i = 0; i < 3; i++)
        {
            Enter();
            Thread.SpinWait(50);
            Leave();
            await Task.Yield();
        }

        return _count = before + 1;
    }

    public async Task WaitForAsync(string signal)
    {
        Enter();
        probe.Set(signal + " begun");
        Leave();
        await probe.Until(signal);
        Enter();
        Leave();
    }

    public Task<string> GetNameAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> GetNameBetweenAsync() => GetNameAsync();

    public Task ReadUntilAsync(string signal) => WaitForAsync(signal);

    public Task<string> ReadNameAsync() => GetNameAsync();

    public async Task<bool> StaysOnItsSchedulerAsync()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        var afterYield = TaskScheduler.Current;
        await Task.Delay(1);
        var afterDelay = TaskScheduler.Current;
        return scheduler != TaskScheduler.Default && scheduler == afterYield && scheduler == afterDelay;
    }

    public async Task<bool> StartsTasksOnItsSchedulerAsync()
    {
        var scheduler = TaskScheduler.Current;
        var started = await Task.Factory.StartNew(static () => TaskScheduler.Current);
        var away = await Task.Run(static () => TaskScheduler.Current);
        return scheduler == started && away == TaskScheduler.Default && TaskScheduler.Current == scheduler;
    }

    protected void Enter()
    {
        if (Interlocked.Increment(ref _inside) != 1)
            probe.Add("together");
    }

    protected void Leave() => Interlocked.Decrement(ref _inside);
}

internal sealed class TurnGrain(Probe probe) : TurnGrainBase(probe), ITurnGrain;

[Reentrant]
internal sealed class ReentrantGrain(Probe probe) : TurnGrainBase(probe), IReentrantGrain;
