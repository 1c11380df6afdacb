namespace OrleansCrm.Server.Hosting;

/// <summary>The silo of one process.</summary>
internal static class SiloHosting
{
    /// <summary>Whether this process has its database for itself.</summary>
    public const bool IsAlone = true;

    public static void AddSilo(IHostApplicationBuilder builder, ServerOptions options) => builder.UseOrleans(_ => { });
}
