using Orleans;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer of 20 ms; its ticks are counted under the grain's key.</summary>
    Task StartAsync(bool interleave, bool fails);

    /// <summary>Starts a timer whose ticks last longer than its period of 10 ms.</summary>
    Task StartSlowAsync();

    Task ChangeAsync(TimeSpan dueTime, TimeSpan period);

    Task StopTimerAsync();

    Task WaitForAsync(string signal);

    Task EndAsync();
}

internal sealed class TimerGrain(Probe probe) : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _ticking;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Set($"deactivated {Key}");
        return Task.CompletedTask;
    }

    public Task StartAsync(bool interleave, bool fails)
    {
        _timer = this.RegisterGrainTimer(TickAsync, fails, new GrainTimerCreationOptions
        {
            DueTime = TimeSpan.FromMilliseconds(20),
            Period = TimeSpan.FromMilliseconds(20),
            Interleave = interleave,
        });
        return Task.CompletedTask;
    }

    public Task StartSlowAsync()
    {
        _timer = this.RegisterGrainTimer(
            async cancellationToken =>
            {
                if (Interlocked.Increment(ref _ticking) != 1)
                    probe.Add("together");
                await Task.Delay(30, cancellationToken);
                Interlocked.Decrement(ref _ticking);
                probe.Add(Key);
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(10)) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task ChangeAsync(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task StopTimerAsync()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task WaitForAsync(string signal)
    {
        probe.Set(signal + " begun");
        await probe.Until(signal);
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private Task TickAsync(bool fails)
    {
        probe.Add(Key);
        if (TaskScheduler.Current == TaskScheduler.Default)
            probe.Add("elsewhere");
        return fails ? throw new InvalidOperationException("tick") : Task.CompletedTask;
    }
}
