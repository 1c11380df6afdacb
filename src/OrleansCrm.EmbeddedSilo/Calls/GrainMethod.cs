using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>What the runtime needs to know of a method of a grain interface.</summary>
internal sealed class GrainMethod
{
    internal GrainMethod(MethodInfo method)
    {
        var parameters = method.GetParameters();
        Name = $"{method.DeclaringType!.Name}.{method.Name}";
        OneWay = method.ReturnType == typeof(void) || method.IsDefined(typeof(OneWayAttribute));
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        IsImmutable = [.. parameters.Select(static parameter => parameter.IsDefined(typeof(ImmutableAttribute)))];
        IsResultImmutable = method.ReturnParameter.IsDefined(typeof(ImmutableAttribute));
        Cancellable = parameters.Any(static parameter => parameter.ParameterType == typeof(CancellationToken));
    }

    internal GrainMethod(string name, bool alwaysInterleave)
    {
        Name = name;
        OneWay = true;
        AlwaysInterleave = alwaysInterleave;
        IsImmutable = [];
    }

    internal string Name { get; }

    internal bool OneWay { get; }

    internal bool AlwaysInterleave { get; }

    internal bool ReadOnly { get; }

    internal bool Cancellable { get; }

    internal TimeSpan? ResponseTimeout { get; }

    /// <summary>For each parameter whether it need not be copied.</summary>
    internal bool[] IsImmutable { get; }

    internal bool IsResultImmutable { get; }
}
