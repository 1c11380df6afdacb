using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>Reads off the facts what a policy answers, and when it may. Remembers nothing.</summary>
internal static class TriggerReader
{
    private const long MinuteMs = 60_000;
    private const long HourMs = 60 * MinuteMs;

    /// <returns>What the policy would answer: a later one is another one, 0 for none. And since when it is so.</returns>
    public static (long CauseMs, long SinceMs) CauseOf(CustomerState state, TriggerPolicy policy)
    {
        var causeMs = policy.On switch
        {
            TriggerCause.CartAbandoned => SignalReader.HasCart(state) ? state.Signals!.CartMs : 0,
            TriggerCause.PaymentFailed => NewestFailure(state) is var failedMs && failedMs > state.OrderedMs ? failedMs : 0,
            TriggerCause.TierReached => state.Loyalty?.Outlook.Tier is { Level: > 0 } tier ? tier.SinceMs : 0,
            _ => state.Standing.Churn == ChurnStatus.AtRisk ? state.Purchases.LastMs : 0,
        };
        return (causeMs, policy.On == TriggerCause.ChurnRisk ? state.Churn.AtRiskMs : causeMs);
    }

    /// <summary>Whether what was answered is still so. More in the cart is the same cart.</summary>
    public static bool Stands(CustomerState state, ProgramDocument program, string policy, long causeMs) =>
        program.Triggers.Find(policy) is { Enabled: true } asked
        && CauseOf(state, asked).CauseMs is not 0 and var nowMs && nowMs >= causeMs
        && Consents.IsGranted(state, program, asked.Purpose, asked.Channel);

    /// <summary>When the policy may speak about what is so since then: at or after an instant, and not in the customer's night or too often.</summary>
    /// <param name="nowMs">Nothing can be said before.</param>
    /// <returns>0 for never.</returns>
    public static long SpeaksAt(CustomerState state, ProgramDocument program, TriggerPolicy policy, long sinceMs, long nowMs)
    {
        var dueMs = UtcDay.CeilingSecond(sinceMs + (policy.AfterMinutes * MinuteMs));
        var endMs = dueMs + (policy.ForHours * HourMs);
        if (nowMs >= endMs || (policy.On == TriggerCause.TierReached && !HasRisen(state, sinceMs)))
            return 0;
        var atMs = Math.Max(dueMs, nowMs);
        var record = state.Triggers;
        if (record?.Find(policy.Id) is { } history)
            atMs = Math.Max(atMs, FreeFrom(policy.Frequency, history.Times, atMs));
        if (record is not null && program.Triggers.Frequency is { Times: > 0 } everybody)
            atMs = Math.Max(atMs, FreeFrom(everybody, [.. record.Histories.SelectMany(h => h.Times).Order()], atMs));
        atMs = program.Triggers.QuietHours.EndMs(atMs, ZoneOf(state, program));
        return atMs < endMs ? atMs : 0;
    }

    private static ZoneClock ZoneOf(CustomerState state, ProgramDocument program) =>
        ZoneClock.Find(Traits.Text(state, "timezone") ?? "") ?? ZoneClock.Find(program.Triggers.QuietHours.TimeZone) ?? ZoneClock.Utc;

    /// <param name="times">Rising.</param>
    private static long FreeFrom(FrequencyRule rule, List<long> times, long atMs)
    {
        if (rule.Times == 0 || times.Count < rule.Times)
            return atMs;
        return UtcDay.CeilingSecond(times[^rule.Times] + (rule.Days * UtcDay.Ms));
    }

    private static long NewestFailure(CustomerState state)
    {
        var marks = state.Signals?.Marks;
        for (var i = (marks?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (marks![i].Kind == MarkKind.PaymentFailed)
                return marks[i].TimeMs;
        }

        return 0;
    }

    /// <summary>A tier that somebody has fallen into began with no order.</summary>
    private static bool HasRisen(CustomerState state, long sinceMs)
    {
        for (var i = (state.Orders?.Count ?? 0) - 1; i >= 0 && state.Orders![i].PlacedMs >= sinceMs; i--)
        {
            if (state.Orders[i].PlacedMs == sinceMs)
                return true;
        }

        return false;
    }
}
