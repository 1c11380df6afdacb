using System.Globalization;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/audit", ListAsync).RequireAuthorization(Policies.Admin);

    private static async Task ListAsync(HttpContext context, IAccountStore store, Audit audit)
    {
        var about = "";
        if (context.Request.Query["customer"] is [{ } id])
        {
            var keys = CustomerPath.KeysOf(context.User.Tenant(), id, out var error);
            if (keys.Length == 0)
            {
                await Problems.WriteAsync(context, 400, "invalid_customer_id", $"This can be no customer: {error}.");
                return;
            }

            about = audit.NameOf(keys[0]);
        }

        var before = long.MaxValue;
        if (context.Request.Query["before"] is [{ } cursor] && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            await Problems.WriteAsync(context, 400, "invalid_cursor", "\"before\" is what an earlier answer gave as \"next\".");
            return;
        }

        if (await Paging.ReadLimitAsync(context) is not { } limit)
            return;
        var notes = await store.ReadNotesAsync(context.User.Tenant(), about, before, limit + 1, context.RequestAborted);
        await JsonBodies.WriteAsync(context, 200, new
        {
            items = notes.Take(limit).Select(Shown).ToArray(),
            next = notes.Length > limit ? notes[limit - 1].Id.ToString(CultureInfo.InvariantCulture) : null,
        });
    }

    private static object Shown(AuditRow row) => new
    {
        id = row.Id.ToString(CultureInfo.InvariantCulture),
        at = JsonBodies.Instant(row.Note.TimeMs),
        actor = row.Note.Actor,
        action = row.Note.Action,
        target = row.Note.Target,
        detail = row.Note.Detail,
    };
}
