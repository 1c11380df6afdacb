using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>
/// Keeps the customer's churn alert as the facts ask: open while the customer is at risk and nobody has resolved it since the last
/// purchase, with reasons that are true; withdrawn otherwise.
/// </summary>
internal static class ChurnAlerts
{
    /// <param name="canRaise">
    /// Not for an entry that places an order, even if that order is an old one which shows that the customer had left: no purchase ever
    /// raises an alert. The state then asks to be woken at once.
    /// </param>
    public static void Settle(CustomerState state, ref FoldStep step, bool canRaise)
    {
        var open = Unfinished(state);
        state.IsAlertStale = false;
        if (!IsWanted(state, step))
        {
            if (open is not null)
                Withdraw(state, open, ref step);
        }
        else if (open is not null)
        {
            Correct(state, open, ref step);
        }
        else if (canRaise)
        {
            Raise(state, ref step);
        }
        else
        {
            state.IsAlertStale = true;
        }
    }

    /// <summary>Whether <see cref="Settle"/> would have nothing to do.</summary>
    public static bool IsSettled(CustomerState state, in FoldStep step)
    {
        var open = Unfinished(state);
        return IsWanted(state, step) ? open is not null && open.Case == ChurnCase.Of(state, step.Program) : open is null;
    }

    public static Alert? Unfinished(CustomerState state)
    {
        if (state.Alerts is null)
            return null;
        foreach (var alert in state.Alerts)
        {
            if (!alert.IsFinished)
                return alert;
        }

        return null;
    }

    /// <summary>Marks the alert as finished and forgets the oldest finished one if there are too many.</summary>
    public static void Finish(CustomerState state, Alert alert, AlertStatus status)
    {
        alert.Status = status;
        if (state.Alerts!.Count > Bounds.FinishedAlertsMax)
            state.Alerts.RemoveAt(0);
    }

    private static bool IsWanted(CustomerState state, in FoldStep step) =>
        step.Program.Alerts.ChurnRisk.Enabled
        && state.Standing.Churn == ChurnStatus.AtRisk
        && !(state.HasResolved && state.Purchases.LastMs <= state.ResolvedPurchaseMs);

    private static void Raise(CustomerState state, ref FoldStep step)
    {
        var rules = step.Program.Alerts.ChurnRisk;
        var churn = ChurnCase.Of(state, step.Program);
        var recordedMs = step.Moved?.RecordedMs ?? step.Entry.RecordedMs;
        var alert = new Alert
        {
            Id = step.NextAlertId(),
            Desk = rules.Desk,
            RecordedMs = recordedMs,
            Case = churn,
            DueAtMs = recordedMs + rules.DueAfterMs(churn.Severity),
            Evidence = NewestOrders(state),
        };
        if (step.Moved is { } moved)
            alert.GoOnFrom(moved);
        (state.Alerts ??= new List<Alert>(1)).Add(alert);
        step.Note("alert raised " + AlertWords.ChurnRisk);
        step.Send(state, alert);
    }

    private static void Correct(CustomerState state, Alert alert, ref FoldStep step)
    {
        var churn = ChurnCase.Of(state, step.Program);
        var evidence = NewestOrders(state);
        if (churn == alert.Case && evidence.AsSpan().SequenceEqual(alert.Evidence) && !step.ConsentChanged)
            return;
        alert.Case = churn;
        alert.DueAtMs = alert.RecordedMs + step.Program.Alerts.ChurnRisk.DueAfterMs(churn.Severity);
        alert.Evidence = evidence;
        step.Note("alert changed " + AlertWords.ChurnRisk);
        step.Send(state, alert);
    }

    private static void Withdraw(CustomerState state, Alert alert, ref FoldStep step)
    {
        Finish(state, alert, AlertStatus.Withdrawn);
        step.Note("alert withdrawn " + AlertWords.ChurnRisk);
        step.Send(state, alert);
    }

    private static long[] NewestOrders(CustomerState state)
    {
        var offsets = new List<long>(Bounds.EvidenceMax);
        for (var i = (state.Orders?.Count ?? 0) - 1; i >= 0 && offsets.Count < Bounds.EvidenceMax; i--)
        {
            if (state.Orders![i].IsPurchase)
                offsets.Add(state.Orders[i].EntryOffset);
        }

        return [.. offsets];
    }
}
