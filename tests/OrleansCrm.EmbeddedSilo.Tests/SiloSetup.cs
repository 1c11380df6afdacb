using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace OrleansCrm.EmbeddedSilo.Tests;

internal static class SiloSetup
{
    internal static Task<SiloFixture> StartAsync(Probe probe, TimeSpan? responseTimeout = null, Action<ISiloBuilder>? configure = null) =>
        SiloFixture.StartAsync(
            silo =>
            {
                silo.Services.AddSingleton(_ => probe);
                configure?.Invoke(silo);
            },
            responseTimeout);
}
