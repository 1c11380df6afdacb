using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>Who has done what with one alert, and what time has, told while its customer's entries are folded once more.</summary>
public sealed class AlertHistory(string id)
{
    /// <summary>Steps that are told; the rest of a longer history is in the customer's timeline.</summary>
    private const int StepsMax = 1_000;

    private readonly List<Step> _steps = [];
    private Known _known;

    /// <summary>To be called after each of the customer's own entries.</summary>
    public void Take(PastCustomer past)
    {
        if (past.Newest is not { } entry || AlertCommands.Find(past.State, id) is not { } alert || _steps.Count >= StepsMax)
            return;
        if (_steps.Count == 0)
            _steps.Add(new Step(entry.TimeMs, "raised", "", alert.Desk));
        if (_known.ActByMs != 0 && _known.ActByMs <= past.State.NewestMs && (alert.ActByMs != _known.ActByMs || alert.IsFinished))
            _steps.Add(new Step(_known.ActByMs, "returned", "", _known.ClaimedBy, DidNotAct(_known)));
        if (_known.Status == AlertStatus.Snoozed && _known.SnoozedUntilMs <= past.State.NewestMs)
            _steps.Add(new Step(_known.SnoozedUntilMs, "woken", "", ""));
        if (alert.EscalatedAtMs != _known.EscalatedAtMs)
            _steps.Add(new Step(alert.EscalatedAtMs, "escalated", "", alert.Desk == _known.Desk ? "" : alert.Desk));
        if (entry.Type == EntryTypes.AlertDispatch && past.Command is { Code: "" } && AlertDispatch.Read(entry.Payload) is { } dispatch && dispatch.Alert == id)
            _steps.Add(new Step(entry.TimeMs, dispatch.To.Length > 0 ? "assigned" : "returned", "", dispatch.To.Length > 0 ? dispatch.To : dispatch.From, dispatch.Why));
        else if (EntryTypes.IsAlertCommand(entry.Type) && past.Command is { Code: "" } && AlertCommand.Read(entry.Payload) is { } command && command.Alert == id)
            _steps.Add(new Step(entry.TimeMs, VerbOf(entry.Type), command.Agent, DetailOf(entry.Type, command)));
        else if (alert.Status == AlertStatus.Withdrawn && _known.Status != AlertStatus.Withdrawn)
            _steps.Add(new Step(entry.TimeMs, alert.Outcome.Length > 0 ? alert.Outcome : "withdrawn", "", ""));
        _known = new Known(alert.Status, alert.EscalatedAtMs, alert.SnoozedUntilMs, alert.Desk, alert.ClaimedBy, alert.GivenAtMs, alert.ActByMs);
    }

    /// <summary>Oldest first; empty for an alert that there is not.</summary>
    public byte[] Render() => Rendering.Object(json =>
    {
        json.WriteStartArray("items");
        foreach (var step in _steps)
        {
            json.WriteStartObject();
            Rendering.WriteTime(json, "at", step.AtMs);
            json.WriteString("action", step.Action);
            AlertRenderer.WriteTextOrNull(json, "by", step.By);
            AlertRenderer.WriteTextOrNull(json, "detail", step.Detail);
            AlertRenderer.WriteTextOrNull(json, "reason", step.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("next");
    });

    private static string VerbOf(string type) => type switch
    {
        EntryTypes.AlertClaim => "claimed",
        EntryTypes.AlertRelease => "released",
        EntryTypes.AlertSnooze => "snoozed",
        EntryTypes.AlertNote => "noted",
        EntryTypes.AlertAssign => "assigned",
        _ => "resolved",
    };

    private static string DetailOf(string type, AlertCommand command) => type switch
    {
        EntryTypes.AlertSnooze => Rendering.Instant(command.UntilMs),
        EntryTypes.AlertNote => command.Note,
        EntryTypes.AlertAssign => command.To,
        EntryTypes.AlertResolve => command.Outcome,
        _ => "",
    };

    private static string DidNotAct(in Known known) => (known.ActByMs - known.GivenAtMs) / 60_000 is var minutes && minutes == 1
        ? "did not act in 1 minute"
        : FormattableString.Invariant($"did not act in {minutes} minutes");

    private readonly record struct Known(
        AlertStatus Status, long EscalatedAtMs, long SnoozedUntilMs, string Desk, string ClaimedBy, long GivenAtMs, long ActByMs);

    private readonly record struct Step(long AtMs, string Action, string By, string Detail, string Reason = "");
}
