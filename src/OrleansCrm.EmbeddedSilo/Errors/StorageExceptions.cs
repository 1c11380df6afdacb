using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>The stored state is not the one this activation has read: somebody else wrote. When it escapes from a grain's
/// method that activation ends, so that the next call reads afresh.</summary>
public class InconsistentStateException : OrleansException
{
    /// <summary>A conflict without a text.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>A conflict with a text.</summary>
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>A conflict with a text and what caused it.</summary>
    public InconsistentStateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A conflict between two ETags.</summary>
    public InconsistentStateException(string errorMsg, string storedEtag, string currentEtag)
        : this(errorMsg, storedEtag, currentEtag, null)
    {
    }

    /// <summary>A conflict between two ETags, and what caused it.</summary>
    public InconsistentStateException(string errorMsg, string storedEtag, string currentEtag, Exception? storageException)
        : base(errorMsg, storageException)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>The ETag in storage.</summary>
    public string? StoredEtag { get; private set; }

    /// <summary>The ETag the writer held.</summary>
    public string? CurrentEtag { get; private set; }

    /// <summary>Whether it has not yet ended an activation: only the one that met the conflict ends, not its callers.</summary>
    internal bool IsSourceActivation { get; set; } = true;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{GetType().Name}: {Message} Expected Etag={CurrentEtag} Received Etag={StoredEtag} {InnerException}";
}

/// <summary>A grain names a storage that is not registered.</summary>
public sealed class BadProviderConfigException : OrleansException
{
    /// <summary>A failure without a text.</summary>
    public BadProviderConfigException()
    {
    }

    /// <summary>A failure with a text.</summary>
    public BadProviderConfigException(string msg)
        : base(msg)
    {
    }

    /// <summary>A failure with a text and what caused it.</summary>
    public BadProviderConfigException(string msg, Exception exc)
        : base(msg, exc)
    {
    }
}
