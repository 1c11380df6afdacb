using System.Runtime.CompilerServices;
using System.Security.Claims;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>The scope with which an API key alone opens an endpoint. The endpoint's policy must let every such key through as well.</summary>
internal sealed record KeyScope(string Scope);

/// <summary>
/// Lets API keys straight through to endpoints that say which scope opens them. Whoever is not let through here goes the long way, which
/// knows sessions, roles and the words of a refusal: authentication and policies cost several times what a lookup does.
/// </summary>
internal sealed class KeyAccess(KeyRing keys)
{
    // The ring makes new rows when keys change; the callers of old ones go with them.
    private readonly ConditionalWeakTable<KeyRow, ClaimsPrincipal> _callers = [];

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is not { RequestDelegate: { } answer } endpoint
            || endpoint.Metadata.GetMetadata<KeyScope>() is not { } needed
            || BearerHandler.TokenOf(context.Request) is not { Length: > 0 and <= BearerHandler.TokenLengthMax } token
            || keys.Find(token) is not { Kind: KeyKinds.Api } key
            || !key.Scopes.Contains(needed.Scope))
            return next(context);
        context.User = _callers.GetValue(key, static row => Caller.OfKey(row));
        return answer(context);
    }
}
