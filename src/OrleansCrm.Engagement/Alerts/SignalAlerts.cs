using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Signals;
using OrleansCrm.Engagement.Trials;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>
/// Keeps the alerts that rise from signals as the facts and the policies ask: at most one open of each kind, with reasons that are true;
/// withdrawn when its cause is gone, its policy is, or the customer may not be addressed.
/// </summary>
internal static class SignalAlerts
{
    private const long DayMs = Numerics.UtcDay.Ms;

    /// <param name="canRaise">As for <see cref="ChurnAlerts.Settle"/>.</param>
    /// <returns>When time alone changes what the facts ask for, in whole seconds; 0 for never.</returns>
    public static long Settle(CustomerState state, ref FoldStep step, bool canRaise)
    {
        WithdrawStrays(state, ref step);
        if (!SignalReader.HasAny(state))
            return 0;
        var nextMs = 0L;
        foreach (var policy in step.Program.Alerts.PolicyList)
        {
            var reading = Read(state, step.Program, policy, ref nextMs);
            var open = ChurnAlerts.Unfinished(state, policy.Kind);
            if (WantedOf(state, step.Program, policy, reading) is not { } wanted)
            {
                if (open is not null)
                    ChurnAlerts.Withdraw(state, open, ref step);
            }
            else if (open is not null)
            {
                ChurnAlerts.Correct(state, open, policy, wanted, SignalReader.EvidenceOf(state, policy, reading), ref step);
            }
            else if (canRaise)
            {
                ChurnAlerts.Raise(state, policy.Kind, policy, wanted, SignalReader.EvidenceOf(state, policy, reading), ref step);
            }
            else
            {
                state.IsAlertStale = true;
            }
        }

        return nextMs;
    }

    /// <summary>Whether <see cref="Settle"/> would have nothing to do.</summary>
    public static bool IsSettled(CustomerState state, in FoldStep step, out long nextMs)
    {
        nextMs = 0;
        var isSettled = true;
        foreach (var alert in state.Alerts ?? [])
            isSettled &= alert.IsFinished || alert.Kind == ChurnAlertRules.Kind || step.Program.Alerts.PolicyOf(alert.Kind) is not null;
        if (!SignalReader.HasAny(state))
            return isSettled;
        foreach (var policy in step.Program.Alerts.PolicyList)
        {
            var reading = Read(state, step.Program, policy, ref nextMs);
            isSettled &= Equals(WantedOf(state, step.Program, policy, reading), ChurnAlerts.Unfinished(state, policy.Kind)?.Case);
        }

        return isSettled;
    }

    /// <summary>What the case was that an agent has resolved: it raises no alert again.</summary>
    public static void Handle(CustomerState state, Alert alert, SignalCase signal, long timeMs) =>
        (state.Signals ??= new SignalRecord()).Handle(new HandledCase(alert.Kind, signal.CauseMs, timeMs));

    private static SignalCase? WantedOf(CustomerState state, ProgramDocument program, SignalPolicy policy, in SignalReading reading)
    {
        if (!reading.Holds || !policy.Allows(state, program) || (policy.Signal == Signal.ChurnRisk && TrialFold.Withholds(state)))
            return null;
        if (state.Signals?.HandledOf(policy.Kind) is { } handled
            && (reading.CauseMs <= handled.CauseMs || Math.Max(reading.SinceMs, reading.CauseMs) < handled.AtMs + policy.CoolDownDays * DayMs))
            return null;
        var wanted = SignalCase.Of(state, program, policy, reading);
        return wanted.ValueMicros >= policy.ValueMinMicros ? wanted : null;
    }

    private static SignalReading Read(CustomerState state, ProgramDocument program, SignalPolicy policy, ref long nextMs)
    {
        if (!policy.Enabled)
            return default;
        var reading = SignalReader.Read(state, program, policy);
        nextMs = Earliest(nextMs, reading.NextMs);
        if (reading.Holds)
            nextMs = Earliest(nextMs, policy.NextChangeMs(state, program));
        return reading;
    }

    private static long Earliest(long x, long y) => x == 0 ? y : y == 0 ? x : Math.Min(x, y);

    private static void WithdrawStrays(CustomerState state, ref FoldStep step)
    {
        for (var i = (state.Alerts?.Count ?? 0) - 1; i >= 0; i--)
        {
            var alert = state.Alerts![i];
            if (!alert.IsFinished && alert.Kind != ChurnAlertRules.Kind && step.Program.Alerts.PolicyOf(alert.Kind) is null)
                ChurnAlerts.Withdraw(state, alert, ref step);
        }
    }
}
