using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo.Tests;

/// <summary>A silo for one test, on the embedded one.</summary>
internal sealed class SiloFixture : IAsyncDisposable
{
    private readonly IHost _host;

    private SiloFixture(IHost host) => _host = host;

    internal IClusterClient Client => _host.Services.GetRequiredService<IClusterClient>();

    /// <summary>The silo itself, for tests of what only the embedded one has.</summary>
    internal Silo Silo => _host.Services.GetRequiredService<Silo>();

    internal static async Task<SiloFixture> StartAsync(Action<ISiloBuilder>? configure = null, TimeSpan? responseTimeout = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            if (responseTimeout is { } timeout)
                silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = timeout);
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new SiloFixture(host);
    }

    internal async Task StopAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>Ends the grain's activation from outside and waits for that.</summary>
    internal Task DeactivateAsync(IAddressable grain)
    {
        var reference = GrainReference.Of(grain);
        if (reference.Class!.Find(reference.Text, reference.Number) is not { } activation)
            return Task.CompletedTask;
        activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "A test asked for it."));
        return activation.Deactivated;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
