using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A stored state that is a parameter of the grain's constructor; it is read before the grain activates.</summary>
public interface IPersistentState<TState> : IStorage<TState>;

/// <summary>Which stored state a constructor parameter is.</summary>
/// <param name="stateName">The name of the state within the grain.</param>
/// <param name="storageName">The name of the registered storage; null for the default one.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    /// <summary>The name of the state within the grain.</summary>
    public string StateName { get; } = stateName;

    /// <summary>The name of the registered storage; null for the default one.</summary>
    public string? StorageName { get; } = storageName;
}
