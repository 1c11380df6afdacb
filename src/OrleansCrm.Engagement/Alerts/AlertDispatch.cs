using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>
/// What the server does with an alert by itself: gives it to an agent, or back to its desk. Carried out only if the alert is still whose the
/// server thought it was: whoever came first has it.
/// </summary>
/// <param name="From">Who had it when this was decided; empty for nobody.</param>
/// <param name="To">Who is to have it; empty for nobody.</param>
/// <param name="Why">In a few words, for people.</param>
internal sealed record AlertDispatch(string Alert, string From, string To, string Why)
{
    private const int WordsMax = 200;
    private const string Asleep = "snoozed";

    public static AlertDispatch? Read(byte[] payload)
    {
        try
        {
            using var parsed = JsonDocument.Parse(payload);
            var root = parsed.RootElement;
            return Text(root, "alert") is { Length: > 0 } alert && Text(root, "from") is { } from && Text(root, "to") is { } to && from != to
                ? new AlertDispatch(alert, from, to, Text(root, "why") is { Length: <= WordsMax } why ? why : "")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static void Judge(CustomerState state, ref FoldStep step)
    {
        if (Read(step.Entry.Payload) is not { } dispatch)
        {
            step.Answer(AlertCommands.Invalid, "the entry does not say whose alert becomes whose", []);
            return;
        }

        if (AlertCommands.Find(state, dispatch.Alert) is not { } alert)
        {
            step.Answer(AlertCommands.NotFound, dispatch.Alert, []);
            return;
        }

        var refusal = alert.IsFinished ? AlertCommands.AlreadyResolved
            : alert.ClaimedBy != dispatch.From ? AlertCommands.AlreadyClaimed
            : alert.Status == AlertStatus.Snoozed ? Asleep
            : "";
        if (refusal.Length == 0)
        {
            CarryOut(state, alert, dispatch, step);
            step.Note(dispatch.To.Length > 0 ? "alert assigned " + alert.Kind : "alert returned " + alert.Kind);
            step.Send(state, alert);
        }

        step.Answer(refusal, refusal.Length == 0 ? "" : alert.ClaimedBy, AlertRenderer.Render(state, step.Program, alert));
    }

    private static void CarryOut(CustomerState state, Alert alert, AlertDispatch dispatch, in FoldStep step)
    {
        alert.Free();
        if (dispatch.To.Length == 0)
            return;
        var minutes = step.Program.Alerts.DeskOf(alert.Desk).ActWithinMinutes;
        alert.Give(dispatch.To);
        alert.GivenAtMs = state.NewestMs;
        alert.ActByMs = minutes == 0 ? 0 : UtcDay.CeilingSecond(state.NewestMs + minutes * 60_000L);
    }

    private static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
}
