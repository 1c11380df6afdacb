namespace OrleansCrm.Server.Hosting;

/// <summary>The silo of one process.</summary>
internal static class SiloHosting
{
    public static void AddSilo(IHostApplicationBuilder builder, ServerOptions options) => builder.UseOrleans(_ => { });
}
