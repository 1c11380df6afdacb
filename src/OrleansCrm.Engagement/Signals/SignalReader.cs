using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Signals;

/// <summary>
/// Reads signals off a customer's facts as of his clock. Nothing is remembered of what a signal said before, so whoever learns the same facts
/// in another order, or later, reads the same; and each says when time alone will change it, so that nobody has to ask in between.
/// </summary>
internal static class SignalReader
{
    private const long MinuteMs = 60_000;

    /// <summary>False for nearly everybody: then there is nothing to read, whatever the policies are.</summary>
    public static bool HasAny(CustomerState state) =>
        state.Signals is not null || state.Feedback is not null || state.Trend.IsKnown || state.Standing.Churn != ChurnStatus.None
        || state.Loyalty is not null || state.Alerts is not null;

    /// <summary>Whether something lies in the cart of somebody whom an agent can write to.</summary>
    public static bool HasCart(CustomerState state) =>
        state.Signals is { } signals && signals.CartMs > state.OrderedMs
        && state.Key.AsSpan(state.Key.IndexOf('/') + 1).StartsWith("user:", StringComparison.Ordinal);

    public static SignalReading Read(CustomerState state, ProgramDocument program, SignalPolicy policy) => policy.Signal switch
    {
        Signal.Feedback => ReadFeedback(state, policy),
        Signal.Refunds => ReadRefunds(state, policy),
        Signal.PaymentFailed => ReadPayments(state, policy),
        Signal.CartAbandoned => HasCart(state)
            ? Within(state, state.Signals!.CartMs + policy.AfterMinutes * MinuteMs, state.Signals.CartMs, policy) with { Amount = policy.AfterMinutes / 60.0 }
            : SignalReading.Not(),
        Signal.TicketUnanswered => ReadTickets(state, policy),
        Signal.BasketFalling => ReadBasket(state, policy),
        Signal.FrequencyFalling => ReadFrequency(state, policy),
        Signal.TierDowngrade => ReadTier(state, program, policy),
        Signal.ChurnRisk => state.Standing.Churn == ChurnStatus.AtRisk
            ? new SignalReading(
                true, state.Churn.AtRiskMs, state.Purchases.LastMs, 0,
                state.Purchases.Purchases, ChurnInstants.RiskAt(state.Purchases, program.ChurnOf(state), state.Churn.AtRiskMs), Word: "")
            : SignalReading.Not(),
        _ => SignalReading.Not(),
    };

    /// <summary>The entries behind a reading that holds, newest first.</summary>
    public static long[] EvidenceOf(CustomerState state, SignalPolicy policy, in SignalReading reading)
    {
        if (policy.Signal == Signal.CartAbandoned)
            return [state.Signals!.CartPlace];
        if (policy.Signal is Signal.ChurnRisk or Signal.BasketFalling or Signal.FrequencyFalling or Signal.TierDowngrade)
            return Alerts.ChurnAlerts.NewestOrders(state);
        var places = new List<long>(Bounds.EvidenceMax);
        var marks = state.Signals?.Marks ?? [];
        for (var i = marks.Count - 1; i >= 0 && places.Count < Bounds.EvidenceMax; i--)
        {
            var mark = marks[i];
            var isEvidence = policy.Signal switch
            {
                Signal.Feedback => mark.Kind == MarkKind.Answer && mark.TimeMs == reading.CauseMs,
                Signal.Refunds => mark.Kind == MarkKind.Refund && EndOf(mark.TimeMs, policy.WithinDays) > reading.SinceMs,
                Signal.PaymentFailed => mark.Kind == MarkKind.PaymentFailed && mark.TimeMs > state.OrderedMs,
                _ => IsWaiting(state, marks, mark, policy, out _, out _),
            };
            if (isEvidence)
                places.Add(mark.Place);
        }

        return [.. places];
    }

    private static SignalReading ReadFeedback(CustomerState state, SignalPolicy policy)
    {
        if (state.Feedback is not { } record)
            return SignalReading.Not();
        Answer? worst = null;
        for (var kind = FeedbackKind.Csat; kind <= FeedbackKind.Review; kind++)
        {
            if (NewestOf(record, kind) is { } answer && answer.Score <= LimitOf(policy.BadUpTo, kind) && (worst is not { } other || answer.CompareTo(other) > 0))
                worst = answer;
        }

        return worst is { } bad
            ? Within(state, bad.TimeMs, bad.TimeMs, policy) with { Count = (int)bad.Kind, Amount = bad.Score, Word = FeedbackWords.Of(bad.Kind) }
            : SignalReading.Not();
    }

    private static SignalReading ReadRefunds(CustomerState state, SignalPolicy policy)
    {
        if (state.Signals is not { Marks: { Count: > 0 } marks })
            return SignalReading.Not();
        Span<long> times = stackalloc long[Bounds.SignalMarksMax];
        var count = 0;
        foreach (var mark in marks)
        {
            if (mark.Kind == MarkKind.Refund)
                times[count++] = mark.TimeMs;
        }

        // From one refund on it holds until the first of the last so many leaves the window; it has held since the first after a pause.
        var needed = policy.Count - 1;
        var last = count - 1;
        if (last < needed || EndOf(times[last - needed], policy.WithinDays) <= state.NewestMs || EndOf(times[last - needed], policy.WithinDays) <= times[last])
            return SignalReading.Not();
        var first = last;
        while (first > needed && EndOf(times[first - 1 - needed], policy.WithinDays) > times[first])
            first--;
        return new SignalReading(
            true, times[first], times[last], EndOf(times[last - needed], policy.WithinDays), last - (first - needed) + 1,
            (times[last] - times[first - needed]) / UtcDay.Ms, Word: "");
    }

    private static SignalReading ReadPayments(CustomerState state, SignalPolicy policy)
    {
        if (state.Signals is not { Marks: { Count: > 0 } marks })
            return SignalReading.Not();
        var (count, newestMs) = (0, 0L);
        Span<long> times = stackalloc long[Bounds.SignalMarksMax];
        for (var i = marks.Count - 1; i >= 0 && marks[i].TimeMs > state.OrderedMs; i--)
        {
            if (marks[i].Kind != MarkKind.PaymentFailed)
                continue;

            // Those of long ago were another try.
            if (count > 0 && EndOf(marks[i].TimeMs, policy.ForDays) <= times[count - 1])
                break;
            newestMs = count == 0 ? marks[i].TimeMs : newestMs;
            times[count++] = marks[i].TimeMs;
        }

        return count < policy.Count
            ? SignalReading.Not()
            : Within(state, times[count - policy.Count] + policy.AfterMinutes * MinuteMs, newestMs, policy) with { Count = count };
    }

    private static SignalReading ReadTickets(CustomerState state, SignalPolicy policy)
    {
        if (state.Signals is not { Marks: { Count: > 0 } marks })
            return SignalReading.Not();
        var (count, sinceMs, causeMs, nextMs) = (0, 0L, 0L, 0L);
        foreach (var mark in marks)
        {
            if (IsWaiting(state, marks, mark, policy, out var fromMs, out var untilMs))
            {
                sinceMs = count++ == 0 ? fromMs : sinceMs;
                causeMs = fromMs;
                nextMs = Earlier(nextMs, untilMs);
            }
            else if (fromMs > state.NewestMs)
            {
                nextMs = Earlier(nextMs, fromMs);
            }
        }

        return count == 0
            ? SignalReading.Not(nextMs)
            : new SignalReading(true, sinceMs, causeMs, nextMs, count, policy.AfterMinutes / 60.0, Word: "");
    }

    /// <param name="fromMs">When the ticket has been open for too long; 0 for one that is closed, or no ticket.</param>
    private static bool IsWaiting(CustomerState state, List<SignalMark> marks, in SignalMark mark, SignalPolicy policy, out long fromMs, out long untilMs)
    {
        (fromMs, untilMs) = (0, 0);
        if (mark.Kind != MarkKind.TicketOpened)
            return false;
        foreach (var other in marks)
        {
            if (other.Kind == MarkKind.TicketClosed && other.Key == mark.Key && other.TimeMs >= mark.TimeMs)
                return false;
        }

        fromMs = UtcDay.CeilingSecond(mark.TimeMs + policy.AfterMinutes * MinuteMs);
        untilMs = EndOf(fromMs, policy.ForDays);
        return fromMs <= state.NewestMs && untilMs > state.NewestMs;
    }

    private static SignalReading ReadBasket(CustomerState state, SignalPolicy policy)
    {
        var trend = state.Trend;
        return trend.BeforeMicros > 0 && trend.RecentMicros <= (1 - policy.Share) * trend.BeforeMicros
            ? Within(state, state.Purchases.LastMs, state.Purchases.LastMs, policy) with
            {
                Amount = trend.RecentMicros / 1e6,
                Before = trend.BeforeMicros / 1e6,
                Word = trend.Currency,
            }
            : SignalReading.Not();
    }

    private static SignalReading ReadFrequency(CustomerState state, SignalPolicy policy)
    {
        var trend = state.Trend;
        return trend.IsKnown && trend.BeforeGapMs <= (1 - policy.Share) * trend.RecentGapMs
            ? Within(state, state.Purchases.LastMs, state.Purchases.LastMs, policy) with
            {
                Amount = (double)trend.RecentGapMs / UtcDay.Ms,
                Before = (double)trend.BeforeGapMs / UtcDay.Ms,
            }
            : SignalReading.Not();
    }

    private static SignalReading ReadTier(CustomerState state, ProgramDocument program, SignalPolicy policy)
    {
        if (state.Loyalty is not { Outlook.Tier: { Level: > 0, UntilMs: not 0 } tier } || tier.UntilMs <= state.NewestMs)
            return SignalReading.Not();
        var fromMs = Math.Max(tier.SinceMs, tier.UntilMs - policy.WithinDays * UtcDay.Ms);
        return fromMs > state.NewestMs
            ? SignalReading.Not(UtcDay.CeilingSecond(fromMs))
            : new SignalReading(true, fromMs, tier.UntilMs, tier.UntilMs, tier.Level, tier.Points, tier.UntilMs, program.Loyalty.Tiers.NameOf(tier.Level));
    }

    /// <summary>Holds from an instant on for as many days as the policy says.</summary>
    private static SignalReading Within(CustomerState state, long fromMs, long causeMs, SignalPolicy policy)
    {
        fromMs = policy.AfterMinutes > 0 ? UtcDay.CeilingSecond(fromMs) : fromMs;
        var untilMs = EndOf(Math.Max(fromMs, causeMs), policy.ForDays);
        return state.NewestMs < fromMs ? SignalReading.Not(UtcDay.CeilingSecond(fromMs))
            : state.NewestMs < untilMs ? new SignalReading(true, fromMs, causeMs, untilMs, Word: "")
            : SignalReading.Not();
    }

    private static Answer? NewestOf(FeedbackRecord record, FeedbackKind kind)
    {
        for (var i = record.Answers.Count - 1; i >= 0; i--)
        {
            if (record.Answers[i].Kind == kind)
                return record.Answers[i];
        }

        return null;
    }

    private static int LimitOf(AnswerLimits limits, FeedbackKind kind) => kind switch
    {
        FeedbackKind.Nps => limits.Nps,
        FeedbackKind.Csat => limits.Csat,
        FeedbackKind.Ces => limits.Ces,
        _ => limits.Rating,
    };

    private static long EndOf(long fromMs, int days) => UtcDay.CeilingSecond(fromMs + days * UtcDay.Ms);

    private static long Earlier(long x, long y) => x == 0 ? y : Math.Min(x, y);
}
