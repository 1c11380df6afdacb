namespace Orleans.Core;

/// <summary>The stored state of one grain, read and written as a whole.</summary>
public interface IStorage
{
    /// <summary>The version of the state last read or written; null when there is none.</summary>
    string? Etag { get; }

    /// <summary>Whether there is a stored state.</summary>
    bool RecordExists { get; }

    /// <summary>Removes the stored state.</summary>
    Task ClearStateAsync();

    /// <summary>Writes the state.</summary>
    /// <exception cref="Storage.InconsistentStateException">Another writer was first.</exception>
    Task WriteStateAsync();

    /// <summary>Reads the state; a fresh one when there is none.</summary>
    Task ReadStateAsync();

    /// <inheritdoc cref="ClearStateAsync()"/>
    Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

    /// <inheritdoc cref="WriteStateAsync()"/>
    Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    /// <inheritdoc cref="ReadStateAsync()"/>
    Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
}

/// <summary>The stored state of one grain, read and written as a whole.</summary>
public interface IStorage<TState> : IStorage
{
    /// <summary>The state in memory.</summary>
    TState State { get; set; }
}
