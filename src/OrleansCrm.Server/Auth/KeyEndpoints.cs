using System.Text.Json;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").RequireAuthorization(Policies.Admin);
        keys.MapPost("", AddAsync);
        keys.MapGet("", ListAsync);
        keys.MapPatch("/{id}", ChangeAsync);
        keys.MapDelete("/{id}", DeleteAsync);
    }

    private static async Task AddAsync(HttpContext context, NewKeys keys, Audit audit)
    {
        if (await JsonBodies.ReadAsync<KeyRequest>(context) is not { } request)
            return;
        var kind = request.Kind ?? KeyKinds.Api;
        var name = request.Name?.Trim() ?? "";
        var scopes = kind == KeyKinds.Api ? request.Scopes ?? Scopes.Default : request.Scopes ?? [];
        if ((KeyFault.OfKind(kind, scopes) ?? KeyFault.OfName(name) ?? keys.FaultOfEnd(request.ExpiresAt)) is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        var added = await keys.AddAsync(
            context.User.Tenant(), kind, scopes, name, request.ExpiresAt, id => audit.By(context.User, AuditActions.KeyCreated, id, NewKeys.Describe(kind, scopes)), context.RequestAborted);
        if (added is var (key, secret))
            await JsonBodies.WriteAsync(context, 201, Shown(key, secret));
        else
            await Problems.WriteAsync(context, 409, "too_many_keys", "This tenant has as many keys as it may have; delete some.");
    }

    private static Task ListAsync(HttpContext context, KeyRing ring) =>
        Paging.WriteAsync(context, ring.KeysOf(context.User.Tenant()), key => key.Id, key => Shown(key, null));

    private static async Task ChangeAsync(HttpContext context, string id, KeyRing ring, NewKeys keys, Audit audit)
    {
        if (await JsonBodies.ReadAsync<KeyChangeRequest>(context) is not { } request)
            return;
        var given = request.ExpiresAt;
        var end = given.ValueKind == JsonValueKind.String ? InstantOf(given) : null;
        var isFaulty = end is null && given.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
        if ((isFaulty ? KeyFault.OfEnd : KeyFault.OfName(request.Name?.Trim() ?? "") ?? keys.FaultOfEnd(end)) is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        if (Array.Find(ring.KeysOf(context.User.Tenant()), key => key.Id == id) is { } known)
        {
            var changed = known with
            {
                Name = request.Name?.Trim() ?? known.Name,
                ExpiresMs = given.ValueKind == JsonValueKind.Undefined ? known.ExpiresMs : end?.ToUnixTimeMilliseconds() ?? 0,
            };
            var note = audit.By(context.User, AuditActions.KeyChanged, id, end is null ? "" : "ends " + InstantJson.Text(end.Value));
            if (await ring.UpdateAsync(changed, note, context.RequestAborted))
            {
                await JsonBodies.WriteAsync(context, 200, Shown(changed, null));
                return;
            }
        }

        await WriteNotFoundAsync(context);
    }

    private static async Task DeleteAsync(HttpContext context, string id, KeyRing ring, Audit audit)
    {
        if (await ring.DeleteAsync(context.User.Tenant(), id, audit.By(context.User, AuditActions.KeyRevoked, id), context.RequestAborted))
            context.Response.StatusCode = 204;
        else
            await WriteNotFoundAsync(context);
    }

    private static DateTimeOffset? InstantOf(JsonElement text)
    {
        try
        {
            return text.TryGetDateTimeOffset(out var instant) ? instant : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair is no part of a date
        }
    }

    private static Task WriteNotFoundAsync(HttpContext context) => Problems.WriteAsync(context, 404, "key_not_found", "There is no such key.");

    private static KeyResponse Shown(KeyRow key, string? secret) => new(
        key.Id,
        secret,
        key.Kind,
        key.Scopes,
        key.Name,
        JsonBodies.Instant(key.CreatedMs),
        key.ExpiresMs > 0 ? JsonBodies.Instant(key.ExpiresMs) : null,
        key.LastUsedMs > 0 ? JsonBodies.Instant(key.LastUsedMs) : null);

    private sealed record KeyRequest(string? Kind, string[]? Scopes, string? Name, DateTimeOffset? ExpiresAt);

    /// <param name="ExpiresAt">Absent: stays. Null: never.</param>
    private sealed record KeyChangeRequest(string? Name, JsonElement ExpiresAt);
}

/// <param name="Key">The secret, in the one answer that shows it.</param>
internal sealed record KeyResponse(
    string Id,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? Key,
    string Kind,
    string[] Scopes,
    string Name,
    DateTime CreatedAt,
    DateTime? ExpiresAt,
    DateTime? LastUsedAt);
