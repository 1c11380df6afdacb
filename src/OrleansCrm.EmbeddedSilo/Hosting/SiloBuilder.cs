using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;

namespace OrleansCrm.EmbeddedSilo;

internal sealed class SiloBuilder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
{
    public IServiceCollection Services { get; } = services;

    public IConfiguration Configuration { get; } = configuration;

    internal static SiloBuilder In(IServiceCollection services, IConfiguration configuration)
    {
        if (services.All(static service => service.ServiceType != typeof(Silo)))
        {
            services.AddLogging().AddOptions();
            services.AddSingleton(new ServiceLifetimes(services));
            services.AddSingleton<Silo>();
            services.AddSingleton<IClusterClient>(static provider => provider.GetRequiredService<Silo>().GrainFactory);
            services.AddSingleton<IGrainFactory>(static provider => provider.GetRequiredService<Silo>().GrainFactory);
            services.AddHostedService<SiloHost>();
        }

        return new SiloBuilder(services, configuration);
    }
}
