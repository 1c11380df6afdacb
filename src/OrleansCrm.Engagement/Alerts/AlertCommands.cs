using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

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
    public const string InvalidValue = "invalid_value";
    public const string TooManyNotes = "too_many_notes";

    public static void Judge(CustomerState state, ref FoldStep step)
    {
        if (step.Entry.Type == EntryTypes.AlertDispatch)
        {
            AlertDispatch.Judge(state, ref step);
            return;
        }

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
        if (FaultOf(state, alert, command, step.Entry.Type) is var (code, detail))
        {
            Refuse(code, detail, state, alert, ref step);
            return;
        }

        var before = (alert.Status, alert.ClaimedBy, alert.SnoozedUntilMs, alert.ActByMs, alert.Notes?.Count);
        switch (step.Entry.Type)
        {
            case EntryTypes.AlertClaim:
                Take(alert, command.Agent);
                break;
            case EntryTypes.AlertAssign:
                alert.Give(command.To);
                break;
            case EntryTypes.AlertRelease:
                alert.Return();
                break;
            case EntryTypes.AlertSnooze:
                TakeIfFree(alert, command.Agent);
                (alert.Status, alert.SnoozedUntilMs) = (AlertStatus.Snoozed, UtcDay.CeilingSecond(command.UntilMs));
                break;
            case EntryTypes.AlertNote:
                TakeIfFree(alert, command.Agent);
                Add(alert, command, step);
                break;
            default:
                (alert.ClaimedBy, alert.Outcome, alert.SnoozedUntilMs) = (command.Agent, command.Outcome, 0);
                Add(alert, command, step);
                if (alert.Case is SignalCase signal)
                    SignalAlerts.Handle(state, alert, signal, step.Entry.TimeMs);
                else
                    (state.HasResolved, state.ResolvedPurchaseMs) = (true, state.Purchases.LastMs);
                ChurnAlerts.Finish(state, alert, AlertStatus.Resolved);
                break;
        }

        if (alert.ClaimedBy == command.Agent)
        {
            alert.ActByMs = 0;
            if (alert.TakenAtMs == 0)
                alert.TakenAtMs = state.NewestMs;
        }

        if (before != (alert.Status, alert.ClaimedBy, alert.SnoozedUntilMs, alert.ActByMs, alert.Notes?.Count))
        {
            var word = step.Entry.Type == EntryTypes.AlertNote ? "noted" : AlertWords.Of(alert.Status);
            step.Note("alert " + word + " " + alert.Kind);
            step.Send(state, alert);
        }

        step.Answer("", "", AlertRenderer.Render(state, step.Program, alert));
    }

    private static (string Code, string Detail)? FaultOf(CustomerState state, Alert alert, AlertCommand command, string type) => type switch
    {
        EntryTypes.AlertSnooze when UtcDay.CeilingSecond(command.UntilMs) <= state.NewestMs => (InvalidValue, "\"until\" has passed."),
        EntryTypes.AlertNote when alert.Notes?.Count >= Bounds.AlertNotesMax =>
            (TooManyNotes, FormattableString.Invariant($"An alert has at most {Bounds.AlertNotesMax} notes.")),
        EntryTypes.AlertAssign when command.To.Length == 0 => (InvalidValue, "The command says to nobody."),
        _ => null,
    };

    // Who takes what he was given keeps it as given: it goes to others when he is gone.
    private static void Take(Alert alert, string agent)
    {
        var givenAtMs = alert.ClaimedBy == agent ? alert.GivenAtMs : 0;
        alert.Give(agent);
        alert.GivenAtMs = givenAtMs;
    }

    private static void TakeIfFree(Alert alert, string agent)
    {
        if (alert.ClaimedBy.Length == 0)
            alert.Give(agent);
    }

    private static void Add(Alert alert, AlertCommand command, in FoldStep step)
    {
        if (command.Note.Length > 0)
            (alert.Notes ??= []).Add(new AlertNote(step.Entry.TimeMs, command.Agent, command.Note));
    }

    private static void Refuse(string code, string detail, CustomerState state, Alert alert, ref FoldStep step) =>
        step.Answer(code, detail, AlertRenderer.Render(state, step.Program, alert));
}
