using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Trials;

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
    /// <returns>When time alone may change what the policy asks for, in whole seconds; 0 for never.</returns>
    public static long Settle(CustomerState state, ref FoldStep step, bool canRaise)
    {
        var open = Unfinished(state, ChurnAlertRules.Kind);
        state.IsAlertStale = false;
        if (!IsWanted(state, step))
        {
            if (open is not null)
                Withdraw(state, open, ref step);
        }
        else if (open is not null)
        {
            Correct(state, open, step.Program.Alerts.ChurnRisk, ChurnCase.Of(state, step.Program), NewestOrders(state), ref step);
        }
        else if (canRaise)
        {
            Raise(state, ChurnAlertRules.Kind, step.Program.Alerts.ChurnRisk, ChurnCase.Of(state, step.Program), NewestOrders(state), ref step);
        }
        else
        {
            state.IsAlertStale = true;
        }

        return NextMs(state, step);
    }

    /// <summary>Whether <see cref="Settle"/> would have nothing to do.</summary>
    public static bool IsSettled(CustomerState state, in FoldStep step, out long nextMs)
    {
        nextMs = NextMs(state, step);
        var open = Unfinished(state, ChurnAlertRules.Kind);
        return IsWanted(state, step) ? open is not null && open.Case == ChurnCase.Of(state, step.Program) : open is null;
    }

    /// <summary>The customer's open alert of this kind.</summary>
    public static Alert? Unfinished(CustomerState state, string kind)
    {
        if (state.Alerts is null)
            return null;
        foreach (var alert in state.Alerts)
        {
            if (!alert.IsFinished && alert.Kind == kind)
                return alert;
        }

        return null;
    }

    public static int CountOpen(CustomerState state)
    {
        var open = 0;
        foreach (var alert in state.Alerts ?? [])
            open += alert.IsFinished ? 0 : 1;
        return open;
    }

    /// <summary>All open alerts, by kind.</summary>
    public static List<Alert> Unfinished(CustomerState state)
    {
        var open = state.Alerts?.FindAll(a => !a.IsFinished) ?? [];
        open.Sort((x, y) => string.CompareOrdinal(x.Kind, y.Kind));
        return open;
    }

    /// <summary>Marks the alert as finished and forgets the oldest finished one if there are too many.</summary>
    public static void Finish(CustomerState state, Alert alert, AlertStatus status)
    {
        (alert.Status, alert.FinishedAtMs, alert.ActByMs) = (status, state.NewestMs, 0);
        if (state.Alerts!.FindAll(a => a.IsFinished).Count > Bounds.FinishedAlertsMax)
            state.Alerts.RemoveAt(state.Alerts.FindIndex(a => a.IsFinished));
    }

    /// <summary>Whether the facts ask for an alert; the lot may still withhold it.</summary>
    public static bool AreFactsFor(CustomerState state, ProgramDocument program) =>
        program.Alerts.ChurnRisk.Enabled
        && state.Standing.Churn == ChurnStatus.AtRisk
        && !(state.HasResolved && state.Purchases.LastMs <= state.ResolvedPurchaseMs)
        && program.Alerts.ChurnRisk.Allows(state, program);

    private static bool IsWanted(CustomerState state, in FoldStep step) => AreFactsFor(state, step.Program) && !TrialFold.Withholds(state);

    /// <summary>When time alone may change what the policy says of a customer at risk, in whole seconds; 0 for never.</summary>
    private static long NextMs(CustomerState state, in FoldStep step) =>
        state.Standing.Churn == ChurnStatus.AtRisk ? step.Program.Alerts.ChurnRisk.NextChangeMs(state, step.Program) : 0;

    public static void Raise(CustomerState state, string kind, AlertPolicy policy, AlertCase wanted, long[] evidence, ref FoldStep step)
    {
        var moved = step.Moved?.Find(a => a.Kind == kind);
        var recordedMs = moved?.RecordedMs ?? step.Entry.RecordedMs;
        var desk = DeskOf(state, kind, policy, wanted, step.Program);
        var alert = new Alert
        {
            Id = step.NextAlertId(),
            Kind = kind,
            Desk = desk,
            RecordedMs = recordedMs,
            Case = wanted,
            DueAtMs = recordedMs + step.Program.Alerts.DueAfterMs(policy, desk, wanted.Severity),
            Evidence = evidence,
            Skills = SkillRule.Of(step.Program.Alerts.Skills, kind, state, step.Program),
        };
        if (moved is not null)
            alert.GoOnFrom(moved);
        (state.Alerts ??= new List<Alert>(1)).Add(alert);
        step.Note("alert raised " + kind);
        step.Send(state, alert);
    }

    private static string DeskOf(CustomerState state, string kind, AlertPolicy policy, AlertCase wanted, ProgramDocument program)
    {
        var rules = program.Alerts.Routing;
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].Fits(kind, wanted, state, program))
                return rules[i].Desk;
        }

        return policy.Desk;
    }

    public static void Correct(CustomerState state, Alert alert, AlertPolicy policy, AlertCase wanted, long[] evidence, ref FoldStep step)
    {
        if (wanted == alert.Case && evidence.AsSpan().SequenceEqual(alert.Evidence) && !step.ConsentChanged)
            return;
        alert.Case = wanted;
        alert.DueAtMs = alert.RecordedMs + step.Program.Alerts.DueAfterMs(policy, alert.Desk, wanted.Severity);
        alert.Evidence = evidence;
        step.Note("alert changed " + alert.Kind);
        step.Send(state, alert);
    }

    public static void Withdraw(CustomerState state, Alert alert, ref FoldStep step)
    {
        Finish(state, alert, AlertStatus.Withdrawn);
        step.Note("alert withdrawn " + alert.Kind);
        step.Send(state, alert);
    }

    public static long[] NewestOrders(CustomerState state)
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
