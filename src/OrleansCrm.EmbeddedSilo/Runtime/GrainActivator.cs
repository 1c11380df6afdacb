using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>Builds the objects of one grain class. Singletons among the constructor's parameters are looked up once; an
/// activation gets a service scope of its own only if it has others, for a scope is larger than an idle activation.</summary>
internal sealed class GrainActivator
{
    private readonly ConstructorInvoker _constructor;
    private readonly object?[] _constants;
    private readonly Func<Activation, object?>?[] _perActivation;

    internal GrainActivator(Silo silo, Type type)
    {
        var constructor = type.GetConstructors().MaxBy(static constructor => constructor.GetParameters().Length)
            ?? throw new ArgumentException($"{type} has no public constructor.", nameof(type));
        var parameters = constructor.GetParameters();
        _constructor = ConstructorInvoker.Create(constructor);
        _constants = new object?[parameters.Length];
        _perActivation = new Func<Activation, object?>?[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            _perActivation[i] = SourceOf(silo, type, parameters[i]);
            if (_perActivation[i] is null)
                _constants[i] = silo.Services.GetRequiredService(parameters[i].ParameterType);
        }
    }

    internal object Create(Activation activation)
    {
        var arguments = _constants;
        for (var i = 0; i < _perActivation.Length; i++)
        {
            if (_perActivation[i] is not { } source)
                continue;
            if (ReferenceEquals(arguments, _constants))
                arguments = (object?[])_constants.Clone();
            arguments[i] = source(activation);
        }

        return _constructor.Invoke(arguments.AsSpan());
    }

    /// <summary>Where a parameter's value comes from for each activation; null for a singleton.</summary>
    private static Func<Activation, object?>? SourceOf(Silo silo, Type grain, ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(IGrainContext))
            return static activation => activation;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
            return StateBridge.FactoryFor(silo, grain, type, state);
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            return activation => activation.ActivationServices.GetRequiredKeyedService(type, keyed.Key);
        if (silo.Lifetimes.IsSingleton(type))
            return null;
        if (parameter.HasDefaultValue)
            return activation => activation.ActivationServices.GetService(type) ?? parameter.DefaultValue;
        return activation => activation.ActivationServices.GetRequiredService(type);
    }
}
