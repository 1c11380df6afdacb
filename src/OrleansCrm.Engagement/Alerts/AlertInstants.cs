using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>
/// What time alone does to alerts: a snoozed one opens again, one that its agent was given and let pass goes back to the desk, and one that is unfinished when it is due is escalated, snoozed or not, so that
/// nobody can sleep an SLA away.
/// </summary>
internal static class AlertInstants
{
    /// <summary>How the note of an escalation begins.</summary>
    public const string Escalated = "alert escalated ";

    /// <summary>Does what was due by the customer's clock; afterwards <see cref="NextMs"/> lies ahead of it.</summary>
    public static void Settle(CustomerState state, ref FoldStep step)
    {
        if (state.Alerts is null)
            return;
        foreach (var alert in state.Alerts)
        {
            var wakes = WakesMs(alert) is not 0 and var wakesMs && wakesMs <= state.NewestMs;
            var escalates = EscalatesMs(alert) is not 0 and var escalatesMs && escalatesMs <= state.NewestMs;
            var returns = alert.ActByMs != 0 && alert.ActByMs <= state.NewestMs;
            if (wakes)
                Wake(alert, ref step);
            if (returns)
                Return(alert, ref step);
            if (escalates)
                Escalate(state, alert, ref step);
            if (wakes || returns || escalates)
                step.Send(state, alert);
        }
    }

    /// <summary>The next instant at which time does something; 0 for none.</summary>
    public static long NextMs(CustomerState state)
    {
        if (state.Alerts is null)
            return 0;
        var nextMs = long.MaxValue;
        foreach (var alert in state.Alerts)
        {
            if (WakesMs(alert) is not 0 and var wakesMs)
                nextMs = Math.Min(nextMs, wakesMs);
            if (alert.ActByMs != 0)
                nextMs = Math.Min(nextMs, alert.ActByMs);
            if (EscalatesMs(alert) is not 0 and var escalatesMs)
                nextMs = Math.Min(nextMs, escalatesMs);
        }

        return nextMs == long.MaxValue ? 0 : nextMs;
    }

    private static long WakesMs(Alert alert) => alert.Status == AlertStatus.Snoozed ? alert.SnoozedUntilMs : 0;

    private static long EscalatesMs(Alert alert) => alert.IsFinished || alert.EscalatedAtMs != 0 ? 0 : UtcDay.CeilingSecond(alert.DueAtMs);

    // Whoever sent it to sleep may not be there any more when it wakes: it is everybody's again.
    private static void Wake(Alert alert, ref FoldStep step)
    {
        alert.Free();
        step.Note("alert woken " + alert.Kind);
    }

    private static void Return(Alert alert, ref FoldStep step)
    {
        alert.Return();
        step.Note("alert returned " + alert.Kind);
    }

    private static void Escalate(CustomerState state, Alert alert, ref FoldStep step)
    {
        var rules = step.Program.Alerts.Escalation;
        alert.EscalatedAtMs = EscalatesMs(alert);
        alert.SeverityRaise = rules.RaisesSeverity ? 1 : 0;
        step.Note(Escalated + alert.Kind);
        if (rules.Desk.Length > 0)
            step.Move(state, alert, rules.Desk);
    }
}
