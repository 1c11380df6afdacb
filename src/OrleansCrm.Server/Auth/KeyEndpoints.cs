using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

internal static class KeyEndpoints
{
    private const int NameLengthMax = 100;

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").RequireAuthorization(Policies.Admin);
        keys.MapPost("", AddAsync);
        keys.MapGet("", ListAsync);
        keys.MapDelete("/{id}", DeleteAsync);
    }

    private static async Task AddAsync(HttpContext context, KeyRing ring)
    {
        if (await JsonBodies.ReadAsync<KeyRequest>(context) is not { } request)
            return;
        var kind = request.Kind ?? KeyKinds.Api;
        var name = request.Name?.Trim() ?? "";
        var scopes = kind == KeyKinds.Api ? request.Scopes ?? Scopes.Default : request.Scopes ?? [];
        if (FaultOf(kind, name, scopes) is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        var secret = Secrets.Create(kind == KeyKinds.Api ? "ak_" : "wk_");
        scopes = [.. scopes.Distinct().Order(StringComparer.Ordinal)];
        if (await ring.AddAsync(context.User.Tenant(), kind, scopes, name, secret, context.RequestAborted) is not { } key)
        {
            await Problems.WriteAsync(context, 409, "too_many_keys", $"A tenant has at most {KeyRing.KeysPerTenantMax} keys; delete some.");
            return;
        }

        await JsonBodies.WriteAsync(context, 201, new { id = key.Id, key = secret, kind, scopes, name });
    }

    private static Task ListAsync(HttpContext context, KeyRing ring) =>
        JsonBodies.WriteListAsync(context, ring.KeysOf(context.User.Tenant()).Select(Shown));

    private static async Task DeleteAsync(HttpContext context, string id, KeyRing ring)
    {
        if (await ring.DeleteAsync(context.User.Tenant(), id, context.RequestAborted))
            context.Response.StatusCode = 204;
        else
            await Problems.WriteAsync(context, 404, "key_not_found", "There is no such key.");
    }

    private static (string Code, string Detail)? FaultOf(string kind, string name, string[] scopes)
    {
        if (kind is not (KeyKinds.Api or KeyKinds.ServerWrite or KeyKinds.BrowserWrite))
            return ("invalid_kind", $"A key is of the kind {KeyKinds.Api}, {KeyKinds.ServerWrite} or {KeyKinds.BrowserWrite}.");
        if (name.Length > NameLengthMax || name.Any(char.IsControl))
            return ("invalid_name", $"A name has at most {NameLengthMax} characters, none of them for control.");
        if (kind != KeyKinds.Api && scopes.Length > 0)
            return ("invalid_scopes", "Only an API key has scopes.");
        return scopes.All(Scopes.All.Contains) ? null : ("invalid_scopes", $"A scope is one of {string.Join(", ", Scopes.All)}.");
    }

    private static object Shown(KeyRow key) => new
    {
        id = key.Id,
        kind = key.Kind,
        scopes = key.Scopes,
        name = key.Name,
        createdAt = DateTimeOffset.FromUnixTimeMilliseconds(key.CreatedMs).UtcDateTime,
    };

    private sealed record KeyRequest(string? Kind, string[]? Scopes, string? Name);
}
