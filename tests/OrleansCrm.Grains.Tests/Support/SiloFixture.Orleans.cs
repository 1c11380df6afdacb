using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.TestingHost;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Tests.Support;

/// <summary>The grains on a real Orleans silo in this process.</summary>
internal sealed class SiloFixture(InProcessTestCluster cluster) : IAsyncDisposable
{
    public IGrainFactory Grains => cluster.Client;

    public static async Task<SiloFixture> StartAsync(IJournal journal, PartitionOptions options, TimeProvider time)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(journal);
            silo.Services.AddSingleton(time);
            silo.Services.AddEngagementGrains(options);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new SiloFixture(cluster);
    }

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();
}
