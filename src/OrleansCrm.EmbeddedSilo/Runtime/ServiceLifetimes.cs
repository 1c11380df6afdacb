using Microsoft.Extensions.DependencyInjection;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>Knows which services are singletons, from the collection the host was built of.</summary>
internal sealed class ServiceLifetimes(IServiceCollection services)
{
    internal bool IsSingleton(Type type)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var last = services.LastOrDefault(service => !service.IsKeyedService && service.ServiceType == type)
            ?? services.LastOrDefault(service => !service.IsKeyedService && service.ServiceType == definition);
        return last?.Lifetime == ServiceLifetime.Singleton;
    }
}
