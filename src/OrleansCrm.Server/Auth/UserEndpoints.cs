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
        users.MapPatch("/{id}", ChangeAsync);
        users.MapDelete("/{id}", DeleteAsync);
        users.MapDelete("/{id}/sessions", EndSessionsAsync);
    }

    private static async Task AddAsync(HttpContext context, Accounts accounts, IAccountStore store, Audit audit, AccessOptions options)
    {
        if (await JsonBodies.ReadAsync<UserRequest>(context) is not { } request)
            return;
        var email = request.Email?.Trim() ?? "";
        var role = request.Role ?? Roles.Agent;
        if ((Accounts.IsEmail(email) ? FaultOf(email, request.Password ?? "", role) : ("invalid_email", "A user has an e-mail address.")) is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        var tenant = context.User.Tenant();
        if ((await store.ReadUsersAsync(tenant, context.RequestAborted)).Length >= options.UsersPerTenantMax)
        {
            await Problems.WriteAsync(context, 409, "too_many_users", $"A tenant has at most {options.UsersPerTenantMax} users; delete some.");
            return;
        }

        var user = await accounts.AddAsync(
            tenant, email, request.Password!, role, id => audit.By(context.User, AuditActions.UserCreated, id, role), context.RequestAborted);
        if (user is null)
            await Problems.WriteAsync(context, 409, "email_taken", "A user with this address exists.");
        else
            await JsonBodies.WriteAsync(context, 201, Shown(user));
    }

    private static async Task ListAsync(HttpContext context, IAccountStore store) =>
        await Paging.WriteAsync(context, await store.ReadUsersAsync(context.User.Tenant(), context.RequestAborted), user => user.Id, Shown);

    private static async Task ChangeAsync(
        HttpContext context, string id, Accounts accounts, IAccountStore store, AgentConnections connections, Audit audit)
    {
        if (await JsonBodies.ReadAsync<UserChangeRequest>(context) is not { } request)
            return;
        var tenant = context.User.Tenant();
        if (Array.Find(await store.ReadUsersAsync(tenant, context.RequestAborted), user => user.Id == id) is not { } user)
        {
            await WriteAsync(context, UserChange.NotFound);
            return;
        }

        if (FaultOf(user.Email, request.Password, request.Role ?? user.Role) is var (code, detail))
        {
            await Problems.WriteAsync(context, 400, code, detail);
            return;
        }

        var edit = new UserEdit(request.Password is { } password ? accounts.HashOf(user, password) : null, request.Role, request.Disabled);
        var note = audit.By(context.User, AuditActions.UserChanged, id, Describe(request));
        var change = await store.EditUserAsync(tenant, id, edit, note, context.RequestAborted);
        if (change != UserChange.Done)
        {
            await WriteAsync(context, change);
            return;
        }

        var changed = user with { Role = request.Role ?? user.Role, IsDisabled = request.Disabled ?? user.IsDisabled };
        if (request.Password is not null || changed.Role != user.Role || changed.IsDisabled)
            connections.CloseUser(id);
        await JsonBodies.WriteAsync(context, 200, Shown(changed));
    }

    private static async Task DeleteAsync(HttpContext context, string id, IAccountStore store, AgentConnections connections, Audit audit)
    {
        var note = audit.By(context.User, AuditActions.UserRemoved, id);
        var change = await store.DeleteUserAsync(context.User.Tenant(), id, note, context.RequestAborted);
        if (change != UserChange.Done)
        {
            await WriteAsync(context, change);
            return;
        }

        connections.CloseUser(id);
        context.Response.StatusCode = 204;
    }

    private static async Task EndSessionsAsync(HttpContext context, string id, IAccountStore store, AgentConnections connections, Audit audit)
    {
        var tenant = context.User.Tenant();
        if (!Array.Exists(await store.ReadUsersAsync(tenant, context.RequestAborted), user => user.Id == id))
        {
            await WriteAsync(context, UserChange.NotFound);
            return;
        }

        await store.DeleteSessionsAsync(tenant, id, audit.By(context.User, AuditActions.SessionsEnded, id), CancellationToken.None);
        connections.CloseUser(id);
        context.Response.StatusCode = 204;
    }

    private static Task WriteAsync(HttpContext context, UserChange change) => change == UserChange.LastAdmin
        ? Problems.WriteAsync(context, 409, "last_admin", "Nobody would be left to administer: make another user admin first.")
        : Problems.WriteAsync(context, 404, "user_not_found", "There is no such user.");

    private static string Describe(UserChangeRequest request) => string.Join(
        ", ",
        new[]
        {
            request.Role is { } role ? "role " + role : null,
            request.Password is null ? null : "password",
            request.Disabled switch { true => "disabled", false => "enabled", null => null },
        }.OfType<string>());

    private static (string Code, string Detail)? FaultOf(string email, string? password, string role)
    {
        if (!Roles.All.Contains(role))
            return ("invalid_role", "A role is admin, supervisor or agent.");
        return password is not null && Accounts.PasswordFault(password, email) is { } fault ? ("weak_password", fault) : null;
    }

    private static object Shown(UserRow user) =>
        new { id = user.Id, email = user.Email, role = user.Role, disabled = user.IsDisabled, createdAt = JsonBodies.Instant(user.CreatedMs) };

    private sealed record UserRequest(string? Email, string? Password, string? Role);

    private sealed record UserChangeRequest(string? Role, string? Password, bool? Disabled);
}
