using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Trials;

/// <summary>
/// Draws customers who are about to leave into those of whom agents are told and those of whom they are not, and counts at the end of the
/// horizon who has come back by himself. Drawn is who would be told of now: later returns are compared between people who were alike then.
/// </summary>
internal static class TrialFold
{
    /// <summary>Counts a trial whose time is over, and begins one for somebody whom an alert is about to be raised for.</summary>
    /// <param name="canRaise">As for <see cref="ChurnAlerts.Settle"/>.</param>
    public static void Settle(CustomerState state, ref FoldStep step, bool canRaise)
    {
        if (state.Trials is { Newest: { IsOver: false } due } && due.UntilMs <= state.NewestMs)
            End(state, due, step.Program);
        var group = step.Program.Alerts.ControlGroup;
        if (group.Share <= 0 || !canRaise || state.Trials?.Newest is { IsOver: false }
            || !ChurnAlerts.AreFactsFor(state, step.Program) || ChurnAlerts.Unfinished(state, ChurnAlertRules.Kind) is not null)
            return;
        if (state.Trials is not { } record || record.Salt != group.Salt)
            record = state.Trials = new TrialRecord(group.Salt);
        if (record.Newest?.CauseMs == state.Purchases.LastMs)
            return;
        var untilMs = UtcDay.CeilingSecond(state.NewestMs + step.Program.Churn.HorizonDays * UtcDay.Ms);
        record.Newest = new Trial(group.Salt, group.Has(state.Key), state.Purchases.LastMs, state.NewestMs, untilMs, IsOver: false);
        if (record.Newest.IsControl)
            step.Note("alert withheld " + ChurnAlertRules.Kind);
    }

    /// <summary>Whether the lot says that agents are not told: until the horizon ends, and of this silence never.</summary>
    public static bool Withholds(CustomerState state) =>
        state.Trials?.Newest is { IsControl: true } trial && (!trial.IsOver || trial.CauseMs == state.Purchases.LastMs);

    /// <summary>When the running trial ends; 0 for none.</summary>
    public static long NextMs(CustomerState state) => state.Trials?.Newest is { IsOver: false } trial ? trial.UntilMs : 0;

    /// <summary>Adds the trials of another id of the person. The own one that runs goes on; of two, the other is not counted.</summary>
    public static void Take(CustomerState state, TrialRecord? given)
    {
        if (given is null)
            return;
        if (state.Trials is not { } record || record.Salt != given.Salt)
        {
            state.Trials ??= given;
            return;
        }

        (record.Treated, record.Control) = (record.Treated + given.Treated, record.Control + given.Control);
        if (record.Newest is not { IsOver: false } && given.Newest is { IsOver: false })
            record.Newest = given.Newest;
    }

    private static void End(CustomerState state, Trial trial, ProgramDocument program)
    {
        var (hasReturned, revenueMicros) = (false, 0L);
        for (var i = (state.Orders?.Count ?? 0) - 1; i >= 0 && state.Orders![i].PlacedMs > trial.StartMs; i--)
        {
            var order = state.Orders[i];
            if (!order.IsPurchase || order.PlacedMs > trial.UntilMs)
                continue;
            hasReturned = true;
            revenueMicros = Money.Add(revenueMicros, Money.Times(order.NetMicros, program.RateMicros(order.Currency)));
        }

        var record = state.Trials!;
        record.Newest = trial with { IsOver = true };
        if (trial.IsControl)
            record.Control = record.Control.With(hasReturned, revenueMicros);
        else
            record.Treated = record.Treated.With(hasReturned, revenueMicros);
    }
}
