using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/sessions", SignInAsync).AllowAnonymous();
        routes.MapPost("/v1/sessions/link", RedeemLinkAsync).AllowAnonymous();
        routes.MapPost("/v1/sessions/renew", RenewAsync).RequireAuthorization(Policies.Agent);
        routes.MapDelete("/v1/sessions", SignOutAsync).RequireAuthorization(Policies.Agent);
        routes.MapDelete("/v1/sessions/all", SignOutEverywhereAsync).RequireAuthorization(Policies.Agent);
    }

    private static async Task SignInAsync(HttpContext context, Sessions sessions)
    {
        if (await JsonBodies.ReadAsync<SignInRequest>(context) is not { } request)
            return;
        if (request is not { Email: { Length: > 0 and <= 254 } email, Password: { Length: > 0 } password })
        {
            await Problems.WriteAsync(context, 400, "invalid_shape", "The body has an email and a password.");
            return;
        }

        await AnswerAsync(context, await sessions.SignInAsync(email.Trim(), password, context.RequestAborted));
    }

    private static async Task RedeemLinkAsync(HttpContext context, Sessions sessions, SignInLinks links, IAccountStore store)
    {
        if (await JsonBodies.ReadAsync<LinkRequest>(context) is not { } request)
            return;
        if (request.Token is not { Length: > 0 } token)
        {
            await Problems.WriteAsync(context, 400, "invalid_shape", "The body has a token.");
            return;
        }

        var user = links.Redeem(token) is { } email ? await store.FindUserAsync(email, context.RequestAborted) : null;
        await AnswerAsync(context, user is null ? new SignIn(SignInStatus.Refused) : await sessions.OpenAsync(user, context.RequestAborted));
    }

    // The old token ends at once: of two that are good, one would be nobody's to watch.
    private static async Task RenewAsync(HttpContext context, Sessions sessions, AgentConnections connections, IAccountStore store)
    {
        var user = await store.FindUserAsync(context.User.Email(), context.RequestAborted);
        var renewed = user is null ? new SignIn(SignInStatus.Refused) : await sessions.OpenAsync(user, CancellationToken.None);
        if (renewed.Status == SignInStatus.Done)
        {
            var session = context.User.SessionHash();
            await sessions.SignOutAsync(session, CancellationToken.None);
            connections.CloseSession(session);
        }

        await AnswerAsync(context, renewed);
    }

    private static async Task SignOutEverywhereAsync(HttpContext context, IAccountStore store, AgentConnections connections, Audit audit)
    {
        var user = context.User.UserId();
        await store.DeleteSessionsAsync(
            context.User.Tenant(), user, audit.By(context.User, AuditActions.SessionsEnded, user), CancellationToken.None);
        connections.CloseUser(user);
        context.Response.StatusCode = 204;
    }

    private static async Task SignOutAsync(HttpContext context, Sessions sessions, AgentConnections connections)
    {
        var session = context.User.SessionHash();
        await sessions.SignOutAsync(session, context.RequestAborted);
        connections.CloseSession(session);
        context.Response.StatusCode = 204;
    }

    private static Task AnswerAsync(HttpContext context, SignIn signIn) => signIn.Status switch
    {
        SignInStatus.Done => JsonBodies.WriteAsync(
            context, 200, new { accessToken = signIn.Token, expiresIn = signIn.ExpiresInSeconds, role = signIn.Role, email = signIn.Email }),
        SignInStatus.TooMany => Problems.WriteAsync(
            context, 429, "too_many_attempts", "Too many attempts; wait.", (int)Math.Ceiling(signIn.RetryAfter.TotalSeconds)),
        _ => Problems.WriteAsync(context, 401, "invalid_credentials", "This address, password or link opens no session."),
    };

    private sealed record SignInRequest(string? Email, string? Password);

    private sealed record LinkRequest(string? Token);
}
