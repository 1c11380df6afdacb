using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface ILifetimeGrain : IGrainWithStringKey
{
    /// <summary>Counts in memory; begins again at one when the activation is new.</summary>
    Task<int> CountAsync();

    Task<int> CountAndEndAsync();

    Task WaitForAsync(string signal);

    Task StayAsync(TimeSpan time);
}

public interface IKeptGrain : ILifetimeGrain;

public interface IFailingGrain : IGrainWithStringKey
{
    Task<int> GetActivationsAsync();
}

public interface ILoopGrain : IGrainWithStringKey
{
    Task<int> GetTicksAsync();

    Task<bool> LoopRunsHereAsync();
}

internal abstract class LifetimeGrainBase(Probe probe) : Grain
{
    private int _count;

    protected Probe Probe => probe;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Log.Enqueue($"activated {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        probe.Add("counted", _count);
        probe.Log.Enqueue($"deactivated {this.GetPrimaryKeyString()} {reason.ReasonCode} {(probe.IsDisposed ? "too late" : "in time")}");
        probe.Set($"deactivated {this.GetPrimaryKeyString()}");
    }

    public Task<int> CountAsync() => Task.FromResult(++_count);

    public Task<int> CountAndEndAsync()
    {
        DeactivateOnIdle();
        return CountAsync();
    }

    public async Task WaitForAsync(string signal)
    {
        probe.Set(signal + " begun");
        await probe.Until(signal);
        probe.Log.Enqueue(signal);
    }

    public Task StayAsync(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }
}

internal sealed class LifetimeGrain(Probe probe) : LifetimeGrainBase(probe), ILifetimeGrain;

[KeepAlive]
internal sealed class KeptGrain(Probe probe) : LifetimeGrainBase(probe), IKeptGrain;

internal sealed class FailingGrain(Probe probe) : Grain, IFailingGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (probe.Add("activations") == 1)
            throw new InvalidOperationException("not yet");
    }

    public Task<int> GetActivationsAsync() => Task.FromResult(probe.Count("activations"));
}

[Reentrant]
internal sealed class LoopGrain(Probe probe) : Grain, ILoopGrain
{
    private readonly CancellationTokenSource _ended = new();
    private Task _loop = Task.CompletedTask;
    private TaskScheduler? _loopScheduler;
    private int _ticks;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _loop = LoopAsync();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await _loop;
        probe.Set("loop ended");
    }

    public Task<int> GetTicksAsync() => Task.FromResult(_ticks);

    public Task<bool> LoopRunsHereAsync() => Task.FromResult(ReferenceEquals(_loopScheduler, TaskScheduler.Current));

    private async Task LoopAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            await Task.Delay(1);
            _loopScheduler = TaskScheduler.Current;
            _ticks++;
        }
    }
}
