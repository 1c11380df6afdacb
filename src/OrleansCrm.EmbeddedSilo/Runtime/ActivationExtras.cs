using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>What most activations never need.</summary>
internal sealed class ActivationExtras
{
    private readonly Lock _lock = new();
    private AsyncServiceScope? _scope;

    internal TaskCompletionSource Deactivated { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal HashSet<GrainTimer>? Timers { get; set; }

    internal List<IStateBridge>? States { get; set; }

    /// <summary>Cancels an activation that is asked to end before it was ready.</summary>
    internal CancellationTokenSource? Activating { get; set; }

    internal DeactivationReason Reason { get; set; }

    internal CancellationToken Deactivating { get; set; }

    internal bool WasValid { get; set; }

    /// <summary>Before this moment, in milliseconds of <see cref="Environment.TickCount64"/>, it is not collected.</summary>
    internal long KeptUntil { get; set; }

    internal IServiceProvider Services(Silo silo)
    {
        lock (_lock)
        {
            _scope ??= silo.Services.CreateAsyncScope();
            return _scope.Value.ServiceProvider;
        }
    }

    internal ValueTask DisposeServicesAsync() => _scope?.DisposeAsync() ?? ValueTask.CompletedTask;
}
