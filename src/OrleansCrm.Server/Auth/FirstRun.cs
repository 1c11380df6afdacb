using System.Text;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Auth;

/// <summary>Gives an empty database its first tenant and keys, and adds what the environment names.</summary>
internal sealed class FirstRun(IAccountStore store, Accounts accounts, KeyRing keys, NewKeys newKeys, Audit audit, TimeProvider time)
{
    public const string Tenant = "default";

    private const string FileName = "first-keys.txt";

    /// <summary>Where the first keys were written, when there are any.</summary>
    public static string? FileIn(string data)
    {
        var file = Path.Combine(data, FileName);
        return File.Exists(file) ? file : null;
    }

    public async Task PrepareAsync(ServerOptions options, CancellationToken cancellation)
    {
        await keys.ReloadAsync(cancellation);
        if ((await store.ReadTenantsAsync(cancellation)).Length == 0)
            await AddFirstKeysAsync(options.Data, cancellation);
        if (options.WriteKey is { Length: > 0 } writeKey)
            await AddIfMissingAsync(writeKey, KeyKinds.ServerWrite, [], "ORLEANSCRM_WRITE_KEY", cancellation);
        if (options.ApiKey is { Length: > 0 } apiKey)
            await AddIfMissingAsync(apiKey, KeyKinds.Api, Scopes.All, "ORLEANSCRM_API_KEY", cancellation);
        if (options is { AdminEmail: { Length: > 0 } email, AdminPassword: { Length: > 0 } password }
            && await store.FindUserAsync(email, cancellation) is null)
            await accounts.AddAsync(Tenant, email, password, Roles.Admin, id => audit.BySystem(Tenant, AuditActions.UserCreated, id, Roles.Admin), cancellation);
    }

    // The file comes first: keys that are stored and in no file could never be used. The tenant comes last: it says that all of this is done.
    private async Task AddFirstKeysAsync(string data, CancellationToken cancellation)
    {
        foreach (var key in keys.KeysOf(Tenant))
            await keys.DeleteAsync(Tenant, key.Id, audit.BySystem(Tenant, AuditActions.KeyRevoked, key.Id), cancellation);
        var writeKey = Secrets.Create("wk_");
        var apiKey = Secrets.Create("ak_");
        var text = $"""
            # The first keys of this installation. Whoever has them can send events and read customers.
            write-key {writeKey}
            api-key {apiKey}

            """;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(data);
        else if (!Directory.Exists(data)) // a PostgreSQL database needs none
            Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var path = Path.Combine(data, FileName);
        File.Delete(path);
        await using (var file = new FileStream(path, create))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
            file.Flush(flushToDisk: true);
        }

        await AddAsync(writeKey, KeyKinds.ServerWrite, [], "first write key", cancellation);
        await AddAsync(apiKey, KeyKinds.Api, Scopes.All, "first API key", cancellation);
        var tenant = new TenantRow(Tenant, "Default", time.GetUtcNow().ToUnixTimeMilliseconds());
        await keys.AddTenantAsync(tenant, audit.BySystem(Tenant, AuditActions.TenantCreated, Tenant), cancellation);
    }

    private async Task AddIfMissingAsync(string secret, string kind, string[] scopes, string name, CancellationToken cancellation)
    {
        if (keys.Find(secret) is null)
            await AddAsync(secret, kind, scopes, name, cancellation);
        else if (keys.Find(secret)!.Kind != kind)
            throw new StartException($"{name} is already a key of another kind");
    }

    private Task AddAsync(string secret, string kind, string[] scopes, string name, CancellationToken cancellation) => newKeys.AddKnownAsync(
        Tenant, kind, scopes, name, secret, id => audit.BySystem(Tenant, AuditActions.KeyCreated, id, NewKeys.Describe(kind, scopes)), cancellation);
}
