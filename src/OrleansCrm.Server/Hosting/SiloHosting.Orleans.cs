using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;

namespace OrleansCrm.Server.Hosting;

/// <summary>A silo of a cluster: alone on this machine, or with others that find each other through PostgreSQL.</summary>
internal static class SiloHosting
{
    /// <summary>Whether this process has its database for itself; silos of a cluster share it, and epochs fence the partitions.</summary>
    public const bool IsAlone = false;

    private const string Invariant = "Npgsql";

    public static void AddSilo(IHostApplicationBuilder builder, ServerOptions options) => builder.UseOrleans(silo =>
    {
        silo.UseSystemTextJsonGrainStorageSerializer();
        if (options.Database is not { } database)
        {
            silo.UseLocalhostClustering(options.Silo.Port, options.Silo.GatewayPort);
            silo.AddMemoryGrainStorageAsDefault();
            return;
        }

        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.Silo.ClusterId;
            cluster.ServiceId = "orleanscrm";
        });
        silo.UseAdoNetClustering((AdoNetClusteringSiloOptions membership) =>
        {
            membership.Invariant = Invariant;
            membership.ConnectionString = database;
        });
        silo.AddAdoNetGrainStorageAsDefault((AdoNetGrainStorageOptions storage) =>
        {
            storage.Invariant = Invariant;
            storage.ConnectionString = database;
        });
        if (options.Silo.AdvertisedAddress is { } address)
            silo.ConfigureEndpoints(IPAddress.Parse(address), options.Silo.Port, options.Silo.GatewayPort, listenOnAnyHostAddress: true);
        else
            silo.ConfigureEndpoints(options.Silo.Port, options.Silo.GatewayPort);
    });
}
