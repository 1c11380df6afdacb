using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace OrleansCrm.EmbeddedSilo.Tests;

/// <summary>A silo for one test, on Orleans itself.</summary>
internal sealed class SiloFixture : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private SiloFixture(InProcessTestCluster cluster) => _cluster = cluster;

    internal IClusterClient Client => _cluster.Client;

    internal static async Task<SiloFixture> StartAsync(Action<ISiloBuilder>? configure = null, TimeSpan? responseTimeout = null)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            if (responseTimeout is { } timeout)
                silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = timeout);
            configure?.Invoke(silo);
        });
        if (responseTimeout is { } clientTimeout)
            builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = clientTimeout));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new SiloFixture(cluster);
    }

    internal Task StopAsync() => _cluster.StopAllSilosAsync();

    /// <summary>Ends the grain's activation from outside and waits for that.</summary>
    internal Task DeactivateAsync(IAddressable grain) => _cluster.DeactivateAsync(grain);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
