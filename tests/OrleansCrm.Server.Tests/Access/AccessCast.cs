using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Access;

/// <summary>A server with one of everybody in it, and with something behind every path.</summary>
public sealed class AccessCast : IAsyncLifetime
{
    private readonly Dictionary<Who, string?> _tokens = [];
    private readonly Dictionary<Who, UserRow> _users = [];

    internal TestServer Server { get; private set; } = null!;

    internal string Customer { get; } = Events.NewCustomer();

    internal string Alert { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Server = await TestServer.StartAsync(configure: o =>
        {
            o.Partition.WakeQuiet = TimeSpan.FromMilliseconds(100);
            o.Decisions.Budget = TimeSpan.FromSeconds(10);
        });
        await Server.IngestAsync(Events.SilentCustomer(Customer));
        Alert = await WaitForAlertAsync();

        _tokens[Who.Anonymous] = null;
        _tokens[Who.ServerKey] = TestServer.WriteKey;
        _tokens[Who.BrowserKey] = await NewKeyAsync("""{"kind":"write-browser"}""");
        foreach (var scope in new[] { Who.ReadKey, Who.DecideKey, Who.RedeemKey, Who.PrivacyKey, Who.ProgramKey, Who.AdminKey })
            _tokens[scope] = await NewKeyAsync($$"""{"scopes":["{{scope.ToString()[..^"Key".Length].ToLowerInvariant()}}"]}""");
        var token = await Server.PostAsync(
            $"/v1/customers/{Customer}/tokens", """{"scopes":["decisions","redeem","self"]}""", TestServer.ApiKey);
        _tokens[Who.Customer] = token.Json["token"].GetString();
        _tokens[Who.ForeignKey] = await Server.NewTenantAsync();
        foreach (var role in new[] { Who.Agent, Who.Supervisor, Who.Admin })
            _users[role] = await NewUserAsync("default", role.ToString().ToLowerInvariant());
        _users[Who.ForeignAdmin] = await NewUserAsync(Server.Engine.Services.GetRequiredService<KeyRing>().Find(_tokens[Who.ForeignKey]!)!.Tenant, "admin");
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>The bearer token of a caller. People sign in anew each time: one of the things that are tried ends the session.</summary>
    internal async Task<string?> TokenOfAsync(Who who) => who switch
    {
        Who.Agent or Who.Supervisor or Who.Admin or Who.ForeignAdmin =>
            (await Server.Engine.Services.GetRequiredService<Sessions>().OpenAsync(_users[who], CancellationToken.None)).Token,
        _ => _tokens[who],
    };

    /// <summary>A path of the pattern, with something in it that exists in the tenant of all who are not foreign.</summary>
    /// <param name="isLast">Nobody finds it after this.</param>
    internal async Task<string> PathOfAsync(string pattern, bool isLast) => pattern
        .Replace("{name}", pattern.Contains("{name}") ? await NewImportAsync() : "")
        .Replace("{desk}", "default")
        .Replace("{hold}", "0-0")
        .Replace("{code}", "NONE-1")
        .Replace("{writeKey}", TestServer.WriteKey)
        .Replace("{id}", pattern.Split('/').ElementAtOrDefault(2) switch
        {
            "customers" => isLast ? await NewCustomerAsync() : Customer,
            "alerts" => Alert,
            "offers" => "none",
            "decisions" => await NewDecisionAsync(),
            "keys" => await NewIdAsync("/v1/keys", "{}"),
            "quarantine" => await NewQuarantinedAsync(),
            "users" => (await NewUserAsync("default", "agent")).Id,
            "tenants" => await NewIdAsync("/v1/tenants", $$"""{"id":"t{{Guid.NewGuid():N}}"}"""),
            var other when pattern.Contains("{id}") => throw new InvalidOperationException($"Nothing is known that /v1/{other}/{{id}} could name."),
            _ => "",
        });

    /// <summary>What only the tenant of the cast may see. The alert's id as JSON has it: without its quotes it could be part of a date.</summary>
    internal string[] Secrets => [Customer, $"\"{Alert}\"", TestServer.AdminEmail, TestServer.ApiKey];

    // Without a password: hashing hundreds of them on purpose takes minutes.
    private async Task<UserRow> NewUserAsync(string tenant, string role)
    {
        var user = new UserRow(Guid.NewGuid().ToString("N"), tenant, $"{Guid.NewGuid():N}@people.example", "none", role, 0);
        var services = Server.Engine.Services;
        var note = services.GetRequiredService<Audit>().BySystem(tenant, AuditActions.UserCreated, user.Id);
        Assert.True(await services.GetRequiredService<IAccountStore>().AddUserAsync(user, note, CancellationToken.None));
        return user;
    }

    private async Task<string> NewCustomerAsync()
    {
        var customer = Events.NewCustomer();
        Assert.Equal(200, (await Server.IngestAsync(Events.Track(customer))).Status);
        return customer;
    }

    private async Task<string> NewDecisionAsync() =>
        (await Server.PostAsync($"/v1/customers/{Customer}/decisions", "{}", TestServer.ApiKey)).Json["decisionId"].GetString()!;

    private async Task<string> NewQuarantinedAsync()
    {
        Assert.Equal(200, (await Server.IngestAsync($$"""{"type":"track","event":"{{Guid.NewGuid():N}}"}""")).Status);
        return (await Server.GetAsync("/v1/quarantine?limit=1")).Json["items"][0].GetProperty("id").GetString()!;
    }

    private async Task<string> NewImportAsync()
    {
        var name = Guid.NewGuid().ToString("N");
        Assert.Equal(200, (await Server.PostAsync($"/v1/imports/{name}/start", "{}", TestServer.ApiKey)).Status);
        return name;
    }

    private async Task<string> NewKeyAsync(string body) => (await Server.PostAsync("/v1/keys", body, TestServer.ApiKey)).Json["key"].GetString()!;

    private async Task<string> NewIdAsync(string path, string body) => (await Server.PostAsync(path, body, TestServer.ApiKey)).Json["id"].GetString()!;

    private async Task<string> WaitForAlertAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var open = (await Server.GetAsync("/v1/desks/default/alerts")).Json["items"].EnumerateArray().ToArray();
            if (open.Length > 0)
                return open[0].GetProperty("id").GetString()!;
            await Task.Delay(20, deadline.Token);
        }
    }
}
