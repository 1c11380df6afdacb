using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain class implements, by itself or by deriving from <see cref="Grain"/>.</summary>
public interface IGrainBase
{
    /// <summary>The activation this object belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first call. When it throws, the callers get that exception and the activation is dropped.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs after the last call, in an orderly end only: memory may also vanish without it.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
