using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>The hub's commands as plain requests, and the list of a desk.</summary>
internal static class AlertEndpoints
{
    private const string Resolved = "resolved";
    private const string Withdrawn = "withdrawn";

    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        routes.MapHub<AlertsHub>("/hubs/alerts", AlertsHub.Configure).RequireAuthorization(Policies.Agent);
        routes.MapGet("/v1/desks/{desk}/alerts", ListAsync).RequireAuthorization(Policies.Read);
        routes.MapGet("/v1/desks/{desk}/load", DeskLoad.AnswerAsync).RequireAuthorization(Policies.Supervise);
        routes.MapGet("/v1/alerts/{id}", GetAsync).RequireAuthorization(Policies.Read);
        routes.MapGet("/v1/alerts/{id}/explanation", (HttpContext context, string id, AlertExplanations explanations) =>
            explanations.AnswerAsync(context, context.User.Tenant(), id)).RequireAuthorization(Policies.Read);
        routes.MapGet("/v1/alerts/{id}/history", (HttpContext context, string id, AlertExplanations explanations) =>
            explanations.AnswerHistoryAsync(context, context.User.Tenant(), id)).RequireAuthorization(Policies.Read);
        routes.MapPost("/v1/alerts/bulk", BulkCommands.AnswerAsync).RequireAuthorization(Policies.Agent);
        var commands = routes.MapGroup("/v1/alerts/{id}").RequireAuthorization(Policies.Agent);
        commands.MapPost("/claim", async (HttpContext context, string id, AlertCommands alerts) =>
            await WriteAsync(context, await alerts.ClaimAsync(context.User.ToAgent(), id)));
        commands.MapPost("/release", async (HttpContext context, string id, AlertCommands alerts) =>
            await WriteAsync(context, await alerts.ReleaseAsync(context.User.ToAgent(), id)));
        commands.MapPost("/resolve", ResolveAsync);
        commands.MapPost("/snooze", SnoozeAsync);
        commands.MapPost("/notes", AddNoteAsync);
        commands.MapPost("/assign", AssignAsync);
        routes.MapGet("/v1/presence", ListPresentAsync).RequireAuthorization(Policies.Read);
    }

    public static Agent ToAgent(this ClaimsPrincipal caller) => new(caller.Tenant(), caller.Email(), caller.Role());

    private static async Task ResolveAsync(HttpContext context, string id, AlertCommands alerts)
    {
        if (await JsonBodies.ReadAsync<ResolveRequest>(context) is { } request)
            await WriteAsync(context, await alerts.ResolveAsync(context.User.ToAgent(), id, request.Outcome, request.Note));
    }

    private static async Task SnoozeAsync(HttpContext context, string id, AlertCommands alerts)
    {
        if (await JsonBodies.ReadAsync<SnoozeRequest>(context) is { } request)
            await WriteAsync(context, await alerts.SnoozeAsync(context.User.ToAgent(), id, request.Until));
    }

    private static async Task AddNoteAsync(HttpContext context, string id, AlertCommands alerts)
    {
        if (await JsonBodies.ReadAsync<NoteRequest>(context) is { } request)
            await WriteAsync(context, await alerts.AddNoteAsync(context.User.ToAgent(), id, request.Text));
    }

    private static async Task AssignAsync(HttpContext context, string id, AlertCommands alerts)
    {
        if (await JsonBodies.ReadAsync<AssignRequest>(context) is { } request)
            await WriteAsync(context, await alerts.AssignAsync(context.User.ToAgent(), id, request.Agent));
    }

    private static Task ListPresentAsync(HttpContext context, Rosters rosters) => Unavailable.GuardAsync(
        context, async () => await JsonBodies.WriteAsync(context, 200, new { items = await rosters.ViewAsync(context.User.Tenant()), next = (string?)null }));

    private static async Task GetAsync(HttpContext context, string id, AlertCommands alerts) =>
        await WriteAsync(context, await alerts.GetAsync(context.User.Tenant(), id));

    private static async Task ListAsync(HttpContext context, string desk, IJournal journal, FinishedAlerts over)
    {
        var query = context.Request.Query;
        if (!DeskNames.IsValid(desk))
        {
            await Problems.WriteAsync(context, 400, "invalid_desk", DeskNames.Rule);
            return;
        }

        string? status = query["status"];
        if (status is not (null or "open" or "claimed" or "snoozed" or Resolved or Withdrawn))
        {
            await Problems.WriteAsync(context, 400, "invalid_status", "\"status\" is one of open, claimed, snoozed, resolved, withdrawn; without it the list has what is not over.");
            return;
        }

        if (query["severity"] is [{ Length: > 0 } severity] && !AlertRenderer.Severities.Contains(severity))
        {
            await Problems.WriteAsync(context, 400, "invalid_severity", $"\"severity\" is one of {string.Join(", ", AlertRenderer.Severities)}.");
            return;
        }

        var (rank, alert) = (long.MaxValue, "");
        if (query["after"] is [{ } cursor] && !TryReadCursor(cursor, out rank, out alert))
        {
            await Problems.WriteAsync(context, 400, "invalid_cursor", "\"after\" is what an earlier answer gave as \"next\".");
            return;
        }

        if (AlertFilter.Of(context, status) is not { } filter)
        {
            await Problems.WriteAsync(context, 400, "invalid_value", "\"me\" is an agent; a key names an address.");
            return;
        }

        var order = query["sort"] is [{ Length: > 0 } word] ? word : AlertOrder.Severity;
        if (!AlertOrder.Words.Contains(order) || filter.Text.Length > AlertFilter.TextMax)
        {
            await Problems.WriteAsync(
                context, 400, "invalid_value", $"\"sort\" is {string.Join(", ", AlertOrder.Words)}; \"q\" has at most {AlertFilter.TextMax} characters.");
            return;
        }

        if (await Paging.ReadLimitAsync(context) is not { } limit)
            return;
        OpenAlert[] page;
        try
        {
            if (status is Resolved or Withdrawn)
            {
                var finished = await over.ReadAsync(context.User.Tenant(), desk, (rank, alert), filter, limit, context.RequestAborted);
                await (finished is null
                    ? Problems.WriteUnavailableAsync(context)
                    : JsonBodies.WriteAsync(context, 200, new { items = finished.Alerts.Select(a => new RawJson(a)).ToArray(), next = finished.Next }));
                return;
            }

            var key = DeskNames.KeyOf(context.User.Tenant(), desk);
            page = order == AlertOrder.Severity
                ? await FindAsync(journal, key, (rank, alert), filter, limit + 1, context.RequestAborted)
                : await SortAsync(journal, key, (rank, alert), filter, order, limit + 1, context.RequestAborted);
        }
        catch (JournalException)
        {
            await Problems.WriteUnavailableAsync(context);
            return;
        }

        await JsonBodies.WriteAsync(context, 200, new
        {
            items = page.Take(limit).Select(a => new RawJson(a.Alert)).ToArray(),
            next = page.Length > limit ? string.Create(CultureInfo.InvariantCulture, $"{page[limit - 1].Rank}.{page[limit - 1].AlertId}") : null,
        });
    }

    /// <summary>The first that are wanted, most severe first.</summary>
    private static async Task<OpenAlert[]> FindAsync(
        IJournal journal, string desk, (long Rank, string Alert) after, AlertFilter filter, int max, CancellationToken cancellation)
    {
        var found = new List<OpenAlert>();
        var size = filter.TakesAll ? max : Paging.LimitMax;
        while (found.Count < max)
        {
            var page = await journal.ReadOpenAlertsAsync(desk, after.Rank, after.Alert, size, cancellation);
            found.AddRange(page.Where(a => Takes(filter, a.Alert)).Take(max - found.Count));
            if (page.Length < size)
                break;
            after = (page[^1].Rank, page[^1].AlertId);
        }

        return [.. found];
    }

    /// <summary>The first that are wanted, in another order: the whole desk is looked through for it, as far as a report counts.</summary>
    private static async Task<OpenAlert[]> SortAsync(
        IJournal journal, string desk, (long Key, string Alert) after, AlertFilter filter, string order, int max, CancellationToken cancellation)
    {
        var found = new List<OpenAlert>();
        var (rank, id) = (long.MaxValue, "");
        for (var read = 0; read < UnfinishedAlert.CountedMax; read += Paging.LimitMax)
        {
            var page = await journal.ReadOpenAlertsAsync(desk, rank, id, Paging.LimitMax, cancellation);
            foreach (var alert in page)
            {
                using var parsed = JsonDocument.Parse(alert.Alert);
                if (!filter.Takes(parsed.RootElement))
                    continue;
                var key = AlertOrder.KeyOf(order, parsed.RootElement);
                if (key < after.Key || (key == after.Key && string.CompareOrdinal(alert.AlertId, after.Alert) > 0))
                    found.Add(alert with { Rank = key });
            }

            if (page.Length < Paging.LimitMax)
                break;
            (rank, id) = (page[^1].Rank, page[^1].AlertId);
        }

        return [.. found.OrderByDescending(a => a.Rank).ThenBy(a => a.AlertId, StringComparer.Ordinal).Take(max)];
    }

    private static bool Takes(AlertFilter filter, byte[] alert)
    {
        if (filter.TakesAll)
            return true;
        using var parsed = JsonDocument.Parse(alert);
        return filter.Takes(parsed.RootElement);
    }

    private static bool TryReadCursor(string cursor, out long rank, out string alert)
    {
        var dot = cursor.IndexOf('.');
        alert = cursor[(dot + 1)..];
        rank = 0;
        return dot > 0 && AlertId.TryParse(alert, out _)
            && long.TryParse(cursor.AsSpan(0, dot), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out rank);
    }

    public static Task WriteAsync(HttpContext context, AlertAnswer answer)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        return answer.Code switch
        {
            "" => JsonBodies.WriteRawAsync(context, 200, answer.Alert),
            AlertCommands.NotFound => Problems.WriteAsync(context, 404, "alert_not_found", answer.Detail),
            AlertCommands.NoSuchAgent => Problems.WriteAsync(context, 404, answer.Code, answer.Detail),
            AlertCommands.Invalid => Problems.WriteAsync(context, 400, answer.Code, answer.Detail),
            AlertCommands.Unavailable => Problems.WriteUnavailableAsync(context),
            _ => Problems.WriteAsync(context, 409, answer.Code, ConflictOf(answer), null, json => WriteAlert(json, answer)),
        };
    }

    // The outcome's own detail is who has it, or how it ended.
    private static string ConflictOf(AlertAnswer answer) => answer switch
    {
        { Code: AlertCommands.AlreadyClaimed } => $"{answer.Detail} has claimed this alert.",
        { Code: AlertCommands.AlreadyResolved, Detail: "withdrawn" } => "This alert is withdrawn: its cause is gone.",
        { Code: AlertCommands.AlreadyResolved } => $"{answer.Detail} has resolved this alert.",
        _ => answer.Detail,
    };

    private static void WriteAlert(Utf8JsonWriter json, AlertAnswer answer)
    {
        if (answer.Alert.Length == 0)
            return;
        json.WritePropertyName("alert");
        json.WriteRawValue(answer.Alert, skipInputValidation: true);
    }

    private sealed record ResolveRequest(string? Outcome, string? Note);

    private sealed record SnoozeRequest(string? Until);

    private sealed record NoteRequest(string? Text);

    private sealed record AssignRequest(string? Agent);
}
