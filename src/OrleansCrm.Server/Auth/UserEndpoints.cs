using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/v1/users").RequireAuthorization(Policies.Admin);
        users.MapPost("", AddAsync);
        users.MapGet("", ListAsync);
        users.MapDelete("/{id}", DeleteAsync);
    }

    private static async Task AddAsync(HttpContext context, Accounts accounts)
    {
        if (await JsonBodies.ReadAsync<UserRequest>(context) is not { } request)
            return;
        var email = request.Email?.Trim() ?? "";
        var role = request.Role ?? Roles.Agent;
        if (FaultOf(email, request.Password ?? "", role) is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        if (await accounts.AddAsync(context.User.Tenant(), email, request.Password!, role, context.RequestAborted) is not { } user)
        {
            await Problems.WriteAsync(context, 409, "email_taken", "A user with this address exists.");
            return;
        }

        await JsonBodies.WriteAsync(context, 201, Shown(user));
    }

    private static async Task ListAsync(HttpContext context, IAccountStore store)
    {
        var users = await store.ReadUsersAsync(context.User.Tenant(), context.RequestAborted);
        await JsonBodies.WriteListAsync(context, users.Select(Shown));
    }

    private static async Task DeleteAsync(HttpContext context, string id, IAccountStore store, AgentConnections connections)
    {
        if (!await store.DeleteUserAsync(context.User.Tenant(), id, context.RequestAborted))
        {
            await Problems.WriteAsync(context, 404, "user_not_found", "There is no such user.");
            return;
        }

        connections.CloseUser(id);
        context.Response.StatusCode = 204;
    }

    private static (string Code, string Detail)? FaultOf(string email, string password, string role)
    {
        if (!Accounts.IsEmail(email))
            return ("invalid_email", "A user has an e-mail address.");
        if (!Roles.All.Contains(role))
            return ("invalid_role", "A role is admin, supervisor or agent.");
        return Accounts.PasswordFault(password, email) is { } fault ? ("weak_password", fault) : null;
    }

    private static object Shown(UserRow user) =>
        new { id = user.Id, email = user.Email, role = user.Role, createdAt = DateTimeOffset.FromUnixTimeMilliseconds(user.CreatedMs).UtcDateTime };

    private sealed record UserRequest(string? Email, string? Password, string? Role);
}
