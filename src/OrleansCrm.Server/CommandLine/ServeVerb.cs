using System.CommandLine;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>serve</c>: everything on <c>--urls</c> until it is stopped.</summary>
internal static class ServeVerb
{
    public const string Name = "serve";

    public static Command Create(IConfiguration settings)
    {
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var urls = CommonOptions.Urls();
        var proxy = CommonOptions.BehindProxy();
        var hosts = CommonOptions.AllowedHosts();
        var unlimited = CommonOptions.WithoutLimits();
        var planless = CommonOptions.WithoutTrackingPlan();
        var command = new Command(Name, "Serve engine, API, hub and console") { data, database, urls, proxy, hosts, unlimited, planless };
        command.SetAction(async (parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var options = CommonOptions.Bind(
                settings,
                parsed,
                (data, (o, v) => o.Data = v),
                (database, (o, v) => o.Database = v),
                (urls, (o, v) => o.Urls = v),
                (proxy, (o, v) => o.BehindProxy = v),
                (hosts, (o, v) => o.AllowedHosts = v));
            options.Ingest.Limits.Enabled &= !parsed.GetValue(unlimited);
            options.WithoutTrackingPlan |= parsed.GetValue(planless);
            return await RunAsync(options, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(ServerOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        await using var engine = await EngineHost.StartAsync(options, listen: true, cancellation);
        await engine.WhenReadyAsync(cancellation);
        foreach (var address in engine.Addresses)
            await output.WriteLineAsync($"Listening on {address}");
        await output.WriteLineAsync($"Data in {(options.Database is { } database ? PostgresJournal.Describe(database) : Path.GetFullPath(options.Data))}");
        if (FirstRun.FileIn(options.Data) is { } keys)
            await output.WriteLineAsync($"First keys in {Path.GetFullPath(keys)}");
        if (options.AdminPassword is { Length: > 0 } password && Accounts.PasswordFault(password, options.AdminEmail!) is { } fault)
            await error.WriteLineAsync($"ORLEANSCRM_ADMIN_PASSWORD is weak: {fault}");
        await output.FlushAsync(CancellationToken.None);
        await engine.WhenStoppingAsync(cancellation);
        return ExitCodes.Done;
    }
}
