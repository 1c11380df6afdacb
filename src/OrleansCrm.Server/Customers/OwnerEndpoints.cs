using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Loyalty;

namespace OrleansCrm.Server.Customers;

/// <summary>Dedicated support: whose customer somebody is.</summary>
internal static class OwnerEndpoints
{
    public static void MapOwners(this IEndpointRouteBuilder routes) =>
        routes.MapPut("/v1/customers/{id}/owner", SetAsync).RequireAuthorization(Policies.Adjust);

    private static async Task SetAsync(HttpContext context, string id, PointCommands commands, IAccountStore store, Audit audit)
    {
        if (await JsonBodies.ReadAsync<OwnerRequest>(context) is not { } request)
            return;
        var owner = "";
        if (request.Owner is { Length: > 0 } email)
        {
            var user = await store.FindUserAsync(email, context.RequestAborted);
            if (user is null || user.Tenant != context.User.Tenant() || user.IsDisabled)
            {
                await Problems.WriteAsync(context, 422, "agent_not_found", "There is no such agent.");
                return;
            }

            owner = user.Email;
        }

        var payload = JsonSerializer.SerializeToUtf8Bytes(new { owner, by = context.User.IsAgent() ? context.User.Email() : "key" });
        await commands.AnswerAsync(context, id, EntryTypes.CustomerOwner, payload, 200);
        if (context.Response.StatusCode == 200 && CustomerPath.KeysOf(context.User.Tenant(), id, out _) is [var customer, ..])
            await store.AddNoteAsync(audit.By(context.User, AuditActions.CustomerOwner, audit.NameOf(customer), owner), CancellationToken.None);
    }

    /// <param name="Owner">E-mail address of an agent; null for whom trait and rules name.</param>
    private sealed record OwnerRequest(string? Owner);
}
