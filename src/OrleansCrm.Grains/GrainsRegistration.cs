using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansCrm.Grains.Customers;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Grains.Desks;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Grains.Program;

namespace OrleansCrm.Grains;

public static class GrainsRegistration
{
    /// <summary>What the grains ask for, and the keeper. The host brings the journal.</summary>
    public static IServiceCollection AddEngagementGrains(this IServiceCollection services, PartitionOptions? partitions = null, DeskOptions? desks = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(partitions ?? new PartitionOptions());
        services.AddSingleton(desks ?? new DeskOptions());
        services.AddMetrics();
        services.AddSingleton<EngineMeter>();
        services.AddSingleton<ProgramCatalog>();
        services.AddSingleton<DecisionBoard>();
        services.AddSingleton<ProductFeed>();
        services.AddSingleton<RenderedProfiles>();
        services.AddSingleton<JournalWatch>();
        services.AddSingleton<FoldOutputPool>();
        services.AddSingleton<PartitionKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<PartitionKeeper>());
        return services;
    }
}
