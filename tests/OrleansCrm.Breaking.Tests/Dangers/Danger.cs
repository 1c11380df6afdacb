namespace OrleansCrm.Breaking.Tests.Dangers;

/// <summary>Something worse than a kill that goes with one.</summary>
internal abstract class Danger
{
    public abstract string Name { get; }

    /// <summary>What happens before the kill. Server and clients are at work, and are so again when it returns.</summary>
    public virtual Task StrikeAsync(Scene scene) => Task.CompletedTask;

    /// <summary>Kills the server.</summary>
    public virtual Task KillAsync(Scene scene) => scene.KillServerAsync();
}
