namespace Orleans.Runtime;

/// <summary>Base of the runtime's own failures.</summary>
public class OrleansException : Exception
{
    /// <summary>A failure without a text.</summary>
    public OrleansException()
        : base("Unexpected error.")
    {
    }

    /// <summary>A failure with a text.</summary>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with a text and what caused it.</summary>
    public OrleansException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The call was refused before it ran.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message)
        : base(message)
    {
    }

    internal OrleansMessageRejectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The silo is not there: not yet started, stopping, or gone.</summary>
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>A failure without a text.</summary>
    public SiloUnavailableException()
        : base("The silo is unavailable.")
    {
    }

    /// <summary>A failure with a text.</summary>
    public SiloUnavailableException(string msg)
        : base(msg)
    {
    }

    /// <summary>A failure with a text and what caused it.</summary>
    public SiloUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
