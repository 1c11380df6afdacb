using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Tests.Support;

/// <summary>The grains on the embedded silo.</summary>
internal sealed class SiloFixture(IHost host) : IAsyncDisposable
{
    public IGrainFactory Grains { get; } = host.Services.GetRequiredService<IGrainFactory>();

    public static async Task<SiloFixture> StartAsync(IJournal journal, PartitionOptions options, TimeProvider time)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(journal);
        builder.Services.AddSingleton(time);
        builder.UseOrleans(_ => { });
        builder.Services.AddEngagementGrains(options);
        var host = builder.Build();
        await host.StartAsync();
        return new SiloFixture(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
