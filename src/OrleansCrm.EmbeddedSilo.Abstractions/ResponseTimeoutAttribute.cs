using System.Globalization;

namespace Orleans;

/// <summary>How long a caller of this method waits for the answer before it gets a <see cref="TimeoutException"/>, as
/// <c>hh:mm:ss</c>. A timeout says nothing about whether the method ran.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    /// <summary>The time to wait.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
}
