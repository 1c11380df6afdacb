using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

/// <summary>
/// Says who sends a request: an API key, an agent's session or a customer's token, all as bearer tokens. On hub paths the token may stand in the query,
/// because browsers cannot set headers on a WebSocket.
/// </summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    KeyRing keys,
    Sessions sessions,
    CustomerTokens customers)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    /// <summary>Longest token looked at: that of a customer with the longest key fits.</summary>
    public const int TokenLengthMax = 512;

    public static string? TokenOf(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is not null && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        OpenToPages.Mark(Context);
        var token = TokenOf(Request);
        if (token is null && Request.Path.StartsWithSegments("/hubs"))
            token = Request.Query["access_token"];
        if (token is null or { Length: 0 or > TokenLengthMax })
            return AuthenticateResult.NoResult();

        if (keys.Find(token) is { Kind: KeyKinds.Api } key)
            return Success(Caller.OfKey(key), new AuthenticationProperties());
        if (await sessions.FindAsync(token, Context.RequestAborted) is { } session)
        {
            var expires = DateTimeOffset.FromUnixTimeMilliseconds(session.ExpiresMs);
            return Success(Caller.OfSession(session), new AuthenticationProperties { ExpiresUtc = expires });
        }

        if (CustomerTokens.IsOne(token) && await customers.FindAsync(token, Context.RequestAborted) is { } customer)
            return Success(Caller.OfCustomer(customer), new AuthenticationProperties { ExpiresUtc = DateTimeOffset.FromUnixTimeMilliseconds(customer.ExpiresMs) });
        return AuthenticateResult.Fail("The key or session is not known.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(Context, 401, "unauthorized", "A valid key or session is needed.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(Context, 403, "forbidden", "This key or role may not do that.");

    private static AuthenticateResult Success(ClaimsPrincipal caller, AuthenticationProperties properties) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller, properties, SchemeName));
}
