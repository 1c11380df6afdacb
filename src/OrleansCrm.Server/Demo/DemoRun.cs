using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Demo;

/// <summary>A server on a temporary directory and a shop in a process of its own. Both end together, and the directory with them.</summary>
internal sealed class DemoRun(ServerOptions options, TextWriter output, TextWriter error)
{
    private const string AgentEmail = "agent@demo.example";

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("orleanscrm-demo-").FullName;
        try
        {
            options.Data = directory;
            options.Database = null; // nothing that lasts
            options.WriteKey = Secrets.Create("wk_");
            await using var engine = await EngineHost.StartAsync(options, listen: true, cancellation);
            await engine.WhenReadyAsync(cancellation);
            var address = engine.Addresses[0];
            await output.WriteLineAsync($"Listening on {address}");
            await output.WriteLineAsync($"Data in {directory} until the demo ends");
            await using var shop = StorefrontProcess.Start(address, options.WriteKey, error);
            await output.WriteLineAsync($"Storefront runs as process {shop.Id}");
            await output.WriteLineAsync($"Sign in once with {address}/#signin={await CreateLinkAsync(engine, cancellation)}");
            await output.FlushAsync(CancellationToken.None);
            await WatchAsync(engine, shop, cancellation);
            return ExitCodes.Done;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> CreateLinkAsync(EngineHost engine, CancellationToken cancellation)
    {
        var accounts = engine.Services.GetRequiredService<Accounts>();
        var audit = engine.Services.GetRequiredService<Audit>();
        await accounts.AddAsync(
            FirstRun.Tenant,
            AgentEmail,
            Secrets.Create(""),
            Roles.Supervisor,
            id => audit.BySystem(FirstRun.Tenant, AuditActions.UserCreated, id, Roles.Supervisor),
            cancellation);
        return engine.Services.GetRequiredService<SignInLinks>().Create(AgentEmail);
    }

    private async Task WatchAsync(EngineHost engine, StorefrontProcess shop, CancellationToken cancellation)
    {
        var stopping = engine.WhenStoppingAsync(cancellation);
        if (await Task.WhenAny(stopping, shop.Ended) != stopping)
            await error.WriteLineAsync("The storefront has ended; the server goes on without it. Ctrl+C ends the demo.");
        await stopping;
    }
}
