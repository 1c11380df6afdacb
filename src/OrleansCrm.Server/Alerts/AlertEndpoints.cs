using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>The hub's commands as plain requests, and the list of a desk.</summary>
internal static class AlertEndpoints
{
    private const int LimitDefault = 50;
    private const int LimitMax = 500;

    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        routes.MapHub<AlertsHub>("/hubs/alerts", AlertsHub.Configure).RequireAuthorization(Policies.Agent);
        routes.MapGet("/v1/desks/{desk}/alerts", ListAsync).RequireAuthorization(Policies.Read);
        routes.MapGet("/v1/alerts/{id}", GetAsync).RequireAuthorization(Policies.Read);
        var commands = routes.MapGroup("/v1/alerts/{id}").RequireAuthorization(Policies.Agent);
        commands.MapPost("/claim", async (HttpContext context, string id, AlertCommands alerts) =>
            await WriteAsync(context, await alerts.ClaimAsync(context.User.ToAgent(), id)));
        commands.MapPost("/release", async (HttpContext context, string id, AlertCommands alerts) =>
            await WriteAsync(context, await alerts.ReleaseAsync(context.User.ToAgent(), id)));
        commands.MapPost("/resolve", ResolveAsync);
    }

    public static Agent ToAgent(this ClaimsPrincipal caller) => new(caller.Tenant(), caller.Email(), caller.Role());

    private static async Task ResolveAsync(HttpContext context, string id, AlertCommands alerts)
    {
        if (await JsonBodies.ReadAsync<ResolveRequest>(context) is { } request)
            await WriteAsync(context, await alerts.ResolveAsync(context.User.ToAgent(), id, request.Outcome, request.Note));
    }

    private static async Task GetAsync(HttpContext context, string id, AlertCommands alerts) =>
        await WriteAsync(context, await alerts.GetAsync(context.User.Tenant(), id));

    // The desk gives its unfinished alerts most severe first, as many as a page can hold; the cursor is the last alert of the page before.
    private static async Task ListAsync(HttpContext context, string desk, IGrainFactory grains)
    {
        var query = context.Request.Query;
        string? status = query["status"], after = query["after"];
        if (!DeskNames.IsValid(desk))
        {
            await Problems.WriteAsync(context, 400, "invalid_desk", DeskNames.Rule);
            return;
        }

        var limit = LimitDefault;
        if (query["limit"] is [{ } text] && !(int.TryParse(text, out limit) && limit is >= 1 and <= LimitMax))
        {
            await Problems.WriteAsync(context, 400, "invalid_limit", $"\"limit\" is a number from 1 to {LimitMax}.");
            return;
        }

        DeskView view;
        try
        {
            view = await grains.GetGrain<IDeskGrain>(DeskNames.KeyOf(context.User.Tenant(), desk)).ViewAsync(-1);
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e) && !context.RequestAborted.IsCancellationRequested)
        {
            await Problems.WriteUnavailableAsync(context);
            return;
        }

        var alerts = view.Alerts.Select(json => (Json: json, Node: JsonNode.Parse(json)!)).ToArray();
        var start = after is null ? 0 : Array.FindIndex(alerts, a => (string?)a.Node["id"] == after) + 1;
        if (after is not null && start == 0)
        {
            await Problems.WriteAsync(context, 400, "invalid_cursor", "The alert that \"after\" names is no longer in the list; start again.");
            return;
        }

        var page = alerts[start..].Where(a => status is null || (string?)a.Node["status"] == status).Take(limit + 1).ToArray();
        await JsonBodies.WriteAsync(context, 200, new
        {
            items = page.Take(limit).Select(a => new RawJson(a.Json)).ToArray(),
            next = page.Length > limit ? (string?)page[limit - 1].Node["id"] : null,
        });
    }

    private static Task WriteAsync(HttpContext context, AlertAnswer answer)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        return answer.Code switch
        {
            "" => JsonBodies.WriteRawAsync(context, 200, answer.Alert),
            AlertCommands.NotFound => Problems.WriteAsync(context, 404, "alert_not_found", answer.Detail),
            AlertCommands.Invalid => Problems.WriteAsync(context, 400, answer.Code, answer.Detail),
            AlertCommands.Unavailable => Problems.WriteUnavailableAsync(context),
            _ => Problems.WriteAsync(context, 409, answer.Code, answer.Detail, null, json => WriteAlert(json, answer)),
        };
    }

    private static void WriteAlert(Utf8JsonWriter json, AlertAnswer answer)
    {
        if (answer.Alert.Length == 0)
            return;
        json.WritePropertyName("alert");
        json.WriteRawValue(answer.Alert, skipInputValidation: true);
    }

    private sealed record ResolveRequest(string? Outcome, string? Note);
}
