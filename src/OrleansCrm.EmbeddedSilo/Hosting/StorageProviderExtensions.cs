using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Storage;
using OrleansCrm.EmbeddedSilo;

namespace Orleans.Runtime.Hosting;

/// <summary>Registers storages of grain state.</summary>
public static class StorageProviderExtensions
{
    /// <summary>Registers a storage under a name; "Default" is the one grains use when they name none.</summary>
    public static IServiceCollection AddGrainStorage<T>(
        this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory)
        where T : IGrainStorage
    {
        collection.AddKeyedSingleton<IGrainStorage>(name, (services, key) => implementationFactory(services, (string)key!));
        if (name == StorageNames.Default)
            collection.TryAddSingleton(static services => services.GetRequiredKeyedService<IGrainStorage>(StorageNames.Default));
        return collection;
    }
}
