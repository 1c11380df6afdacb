using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>One command for many alerts. Each is judged by itself, so some may be refused while others are done.</summary>
internal static class BulkCommands
{
    /// <summary>Alerts of one request: a screen full, many times over.</summary>
    private const int AlertsMax = 100;

    public static async Task AnswerAsync(HttpContext context, AlertCommands alerts)
    {
        if (await JsonBodies.ReadAsync<BulkRequest>(context) is not { } request)
            return;
        var ids = request.Alerts?.Distinct(StringComparer.Ordinal).ToArray() ?? [];
        var agent = context.User.ToAgent();
        if (ids.Length is 0 or > AlertsMax || CommandOf(request, alerts, agent) is not { } command)
        {
            await Problems.WriteAsync(
                context, 400, "invalid_shape", $"The body has an action (claim, release, snooze, notes, assign or resolve) and 1 to {AlertsMax} alerts.");
            return;
        }

        var answers = await Task.WhenAll(ids.Select(command));
        await JsonBodies.WriteAsync(context, 200, new
        {
            items = ids.Zip(answers, (id, answer) => new
            {
                id,
                code = answer.IsDone ? null : answer.Code,
                alert = answer.Alert.Length == 0 ? (RawJson?)null : new RawJson(answer.Alert),
            }),
            next = (string?)null,
        });
    }

    private static Func<string, Task<AlertAnswer>>? CommandOf(BulkRequest request, AlertCommands alerts, Agent agent) => request.Action switch
    {
        "claim" => id => alerts.ClaimAsync(agent, id),
        "release" => id => alerts.ReleaseAsync(agent, id),
        "snooze" => id => alerts.SnoozeAsync(agent, id, request.Until),
        "notes" => id => alerts.AddNoteAsync(agent, id, request.Text),
        "assign" => id => alerts.AssignAsync(agent, id, request.Agent),
        "resolve" => id => alerts.ResolveAsync(agent, id, request.Outcome, request.Note),
        _ => null,
    };

    private sealed record BulkRequest(string? Action, string[]? Alerts, string? Until, string? Text, string? Agent, string? Outcome, string? Note);
}
