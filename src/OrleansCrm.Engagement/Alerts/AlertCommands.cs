using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>
/// Judges what agents ask for. The first who claims has it; a command on an unclaimed alert claims it; on another agent's it is
/// refused, unless a supervisor or an admin gives it. The answer always shows the alert as it is now.
/// </summary>
internal static class AlertCommands
{
    public const string NotFound = "not_found";
    public const string AlreadyClaimed = "already_claimed";
    public const string AlreadyResolved = "already_resolved";
    public const string Invalid = "invalid_command";

    private const int NoteMax = 2_000;

    public static void Judge(CustomerState state, ref FoldStep step)
    {
        if (AlertCommand.Read(step.Entry.Payload) is not { } command)
        {
            step.Answer(Invalid, "the command names no alert or no agent", []);
            return;
        }

        var alert = Find(state, command.Alert);
        if (alert is null)
            step.Answer(NotFound, command.Alert, []);
        else if (alert.IsFinished)
            Refuse(AlreadyResolved, alert.Status == AlertStatus.Withdrawn ? "withdrawn" : alert.ClaimedBy, state, alert, ref step);
        else if (alert.ClaimedBy.Length > 0 && alert.ClaimedBy != command.Agent && !command.IsSupervisor)
            Refuse(AlreadyClaimed, alert.ClaimedBy, state, alert, ref step);
        else
            CarryOut(state, alert, command, ref step);
    }

    public static Alert? Find(CustomerState state, string id)
    {
        if (!AlertId.TryParse(id, out var wanted))
            return null;
        foreach (var alert in state.Alerts ?? [])
        {
            if (alert.Id == wanted)
                return alert;
        }

        return null;
    }

    private static void CarryOut(CustomerState state, Alert alert, AlertCommand command, ref FoldStep step)
    {
        var before = (alert.Status, alert.ClaimedBy);
        switch (step.Entry.Type)
        {
            case EntryTypes.AlertClaim:
                (alert.Status, alert.ClaimedBy) = (AlertStatus.Claimed, command.Agent);
                break;
            case EntryTypes.AlertRelease:
                (alert.Status, alert.ClaimedBy) = (AlertStatus.Open, "");
                break;
            default:
                (alert.ClaimedBy, alert.Outcome, alert.Note) = (command.Agent, command.Outcome, command.Note);
                (state.HasResolved, state.ResolvedPurchaseMs) = (true, state.Purchases.LastMs);
                ChurnAlerts.Finish(state, alert, AlertStatus.Resolved);
                break;
        }

        if (before != (alert.Status, alert.ClaimedBy))
        {
            step.Note("alert " + AlertWords.Of(alert.Status) + " " + AlertWords.ChurnRisk);
            step.Send(state, alert);
        }

        step.Answer("", "", AlertRenderer.Render(state, step.Program, alert));
    }

    private static void Refuse(string code, string detail, CustomerState state, Alert alert, ref FoldStep step) =>
        step.Answer(code, detail, AlertRenderer.Render(state, step.Program, alert));

    private sealed record AlertCommand(string Alert, string Agent, bool IsSupervisor, string Outcome, string Note)
    {
        public static AlertCommand? Read(byte[] payload)
        {
            try
            {
                using var parsed = JsonDocument.Parse(payload);
                var root = parsed.RootElement;
                if (root.ValueKind != JsonValueKind.Object || Text(root, "alert") is not { Length: > 0 } alert
                    || Text(root, "agent") is not { Length: > 0 } agent)
                    return null;
                return new AlertCommand(
                    alert, agent, Text(root, "role") is "supervisor" or "admin", Cut(Text(root, "outcome")), Cut(Text(root, "note")));
            }
            catch (JsonException)
            {
                return null;
            }
        }

        private static string? Text(JsonElement root, string name) =>
            root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

        // Cut between runes: half a surrogate pair could not be written again.
        private static string Cut(string? text)
        {
            if (text is null || text.Length <= NoteMax)
                return text ?? "";
            return text[..(char.IsHighSurrogate(text[NoteMax - 1]) ? NoteMax - 1 : NoteMax)];
        }
    }
}
