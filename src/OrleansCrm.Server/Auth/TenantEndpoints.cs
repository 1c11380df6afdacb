using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

/// <summary>The tenants of the installation, for whoever administers its first one.</summary>
internal static class TenantEndpoints
{
    private const int IdLengthMax = 63;

    public static void MapTenants(this IEndpointRouteBuilder routes)
    {
        var tenants = routes.MapGroup("/v1/tenants").RequireAuthorization(Policies.Installation);
        tenants.MapPost("", AddAsync);
        tenants.MapGet("", ListAsync);
        tenants.MapPatch("/{id}", ChangeAsync);
        tenants.MapPost("/{id}/keys", AddKeyAsync);
    }

    private static async Task AddAsync(
        HttpContext context, IAccountStore store, KeyRing ring, NewKeys keys, Audit audit, AccessOptions options, TimeProvider time)
    {
        if (await JsonBodies.ReadAsync<TenantRequest>(context) is not { } request)
            return;
        var (id, name) = (request.Id ?? "", (request.Name ?? request.Id ?? "").Trim());
        if ((IsId(id) ? KeyFault.OfName(name) : ("invalid_id", $"The id of a tenant has 1 to {IdLengthMax} lower-case letters, digits or dashes, and starts with no dash.")) is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        if ((await store.ReadTenantsAsync(context.RequestAborted)).Length >= options.TenantsMax)
        {
            await Problems.WriteAsync(context, 409, "too_many_tenants", $"An installation has at most {options.TenantsMax} tenants.");
            return;
        }

        var tenant = new TenantRow(id, name, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (!await ring.AddTenantAsync(tenant, audit.By(context.User, AuditActions.TenantCreated, id), context.RequestAborted))
        {
            await Problems.WriteAsync(context, 409, "tenant_exists", "There is a tenant with this id.");
            return;
        }

        if (await AddFirstKeyAsync(context, id, keys, audit) is var (key, secret))
            await JsonBodies.WriteAsync(context, 201, new { id, name, disabled = false, createdAt = JsonBodies.Instant(tenant.CreatedMs), keyId = key.Id, key = secret });
        else
            await Problems.WriteAsync(context, 409, "too_many_keys", "The tenant was made, and has as many keys as it may have.");
    }

    private static async Task ListAsync(HttpContext context, IAccountStore store) =>
        await Paging.WriteAsync(context, await store.ReadTenantsAsync(context.RequestAborted), tenant => tenant.Id, Shown);

    private static async Task ChangeAsync(
        HttpContext context, string id, IAccountStore store, KeyRing ring, AgentConnections connections, Audit audit)
    {
        if (await JsonBodies.ReadAsync<TenantChangeRequest>(context) is not { } request)
            return;
        if (KeyFault.OfName(request.Name?.Trim() ?? "") is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        if (id == FirstRun.Tenant && request.Disabled == true)
        {
            await Problems.WriteAsync(context, 409, "first_tenant", "The first tenant administers the installation and stays.");
            return;
        }

        var known = await FindAsync(store, id, context.RequestAborted);
        var changed = known is null ? null : known with { Name = request.Name?.Trim() ?? known.Name, IsDisabled = request.Disabled ?? known.IsDisabled };
        var note = audit.By(context.User, AuditActions.TenantChanged, id, changed is { IsDisabled: true } ? "disabled" : "enabled");
        if (changed is null || !await ring.UpdateTenantAsync(changed, note, context.RequestAborted))
        {
            await WriteNotFoundAsync(context);
            return;
        }

        if (changed.IsDisabled)
            connections.CloseTenant(id);
        await JsonBodies.WriteAsync(context, 200, Shown(changed));
    }

    /// <summary>For a tenant that has lost its keys.</summary>
    private static async Task AddKeyAsync(HttpContext context, string id, IAccountStore store, NewKeys keys, Audit audit)
    {
        if (await FindAsync(store, id, context.RequestAborted) is null)
            await WriteNotFoundAsync(context);
        else if (await AddFirstKeyAsync(context, id, keys, audit) is var (key, secret))
            await JsonBodies.WriteAsync(context, 201, new { id = key.Id, key = secret });
        else
            await Problems.WriteAsync(context, 409, "too_many_keys", "The tenant has as many keys as it may have.");
    }

    private static Task<(KeyRow Row, string Secret)?> AddFirstKeyAsync(HttpContext context, string tenant, NewKeys keys, Audit audit) => keys.AddAsync(
        tenant,
        KeyKinds.Api,
        Scopes.All,
        "first API key",
        null,
        id => audit.ByOther(context.User, tenant, AuditActions.KeyCreated, id, NewKeys.Describe(KeyKinds.Api, Scopes.All)),
        context.RequestAborted);

    private static async Task<TenantRow?> FindAsync(IAccountStore store, string id, CancellationToken cancellation) =>
        Array.Find(await store.ReadTenantsAsync(cancellation), tenant => tenant.Id == id);

    private static Task WriteNotFoundAsync(HttpContext context) => Problems.WriteAsync(context, 404, "tenant_not_found", "There is no such tenant.");

    // It is part of every customer's key, and of the names of desks: no slash, nothing that a name could end in another.
    private static bool IsId(string id) =>
        id.Length is > 0 and <= IdLengthMax && id[0] != '-' && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static object Shown(TenantRow tenant) =>
        new { id = tenant.Id, name = tenant.Name, disabled = tenant.IsDisabled, createdAt = JsonBodies.Instant(tenant.CreatedMs) };

    private sealed record TenantRequest(string? Id, string? Name);

    private sealed record TenantChangeRequest(string? Name, bool? Disabled);
}
