namespace Orleans;

/// <summary>A grain's state on its way to or from storage.</summary>
public interface IGrainState<T>
{
    /// <summary>The state.</summary>
    T State { get; set; }

    /// <summary>Its version in storage.</summary>
    string? ETag { get; set; }

    /// <summary>Whether storage holds it.</summary>
    bool RecordExists { get; set; }
}

/// <inheritdoc cref="IGrainState{T}"/>
public sealed class GrainState<T> : IGrainState<T>
{
    /// <summary>No state.</summary>
    public GrainState()
    {
        State = default!;
    }

    /// <summary>A state without a version.</summary>
    public GrainState(T state) => State = state;

    /// <summary>A state and its version.</summary>
    public GrainState(T state, string? eTag)
    {
        State = state;
        ETag = eTag;
    }

    /// <inheritdoc/>
    public T State { get; set; }

    /// <inheritdoc/>
    public string? ETag { get; set; }

    /// <inheritdoc/>
    public bool RecordExists { get; set; }
}
