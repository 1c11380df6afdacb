using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>
/// Asks for a decision when a policy of the program has something to answer, and keeps the offer that came of it until it ends. What is asked
/// leaves the customer like a message to another one and comes back as an entry: the choice is made of what the shop has learned, which the
/// fold does not see. A cause is answered once, however often and in whatever order it is told.
/// </summary>
internal static class TriggerFold
{
    /// <returns>When time alone changes something, in whole seconds; 0 for never.</returns>
    public static long Settle(CustomerState state, ref FoldStep step)
    {
        if (state.Triggers?.Best is { } best && !IsGood(state, step.Program, best))
        {
            state.Triggers.Best = null;
            step.Note("offer ended " + best.OfferId);
            step.OfferChanged();
        }

        var nextMs = state.Triggers?.Best?.UntilMs ?? 0;
        for (var i = 0; i < step.Program.Triggers.Policies.Count; i++)
        {
            var policy = step.Program.Triggers.Policies[i];
            if (!IsDue(state, step, policy, ref nextMs))
                continue;
            var (causeMs, _) = TriggerReader.CauseOf(state, policy);
            var history = (state.Triggers ??= new TriggerRecord()).Open(policy.Id);
            var waited = history.CauseMs == causeMs ? history.Waits : null;
            (history.CauseMs, history.Waits) = (causeMs, null);
            if (waited is null)
                step.Note("trigger " + policy.Id);
            step.Send(state.Key, EntryTypes.DecisionTriggered, new TriggerAsk(policy.Id, causeMs, waited?.Try ?? 0, waited?.Without ?? []).ToJson());
        }

        return nextMs;
    }

    /// <summary>Whether <see cref="Settle"/> would have nothing to do.</summary>
    public static bool IsSettled(CustomerState state, in FoldStep step, out long nextMs)
    {
        nextMs = state.Triggers?.Best?.UntilMs ?? 0;
        var isSettled = state.Triggers?.Best is not { } best || IsGood(state, step.Program, best);
        for (var i = 0; i < step.Program.Triggers.Policies.Count; i++)
            isSettled &= !IsDue(state, step, step.Program.Triggers.Policies[i], ref nextMs);
        return isSettled;
    }

    /// <summary>Takes what was decided.</summary>
    public static void Take(CustomerState state, ref FoldStep step)
    {
        OfferFold.Expose(state, ref step);
        var offer = TriggeredDecision.Read(step.Entry);
        var record = state.Triggers ??= new TriggerRecord();

        // Clocks of pages run ahead: what answers a cause is not older than that.
        record.Open(offer.Policy).Add(Math.Max(offer.TimeMs, offer.CauseMs));
        record.Best = offer;
        step.OfferChanged();
        step.FactsChanged = true;
    }

    /// <summary>Takes that there was nothing to be had: asked again later, so that who can give something has the time to.</summary>
    public static void Wait(CustomerState state, ref FoldStep step)
    {
        var (policy, causeMs, wait) = TriggerWait.Read(step.Entry.Payload);
        if (state.Triggers?.Find(policy) is not { } history || history.CauseMs != causeMs)
            return;
        history.Waits = wait;
        step.Note("trigger waits " + policy);
        step.FactsChanged = true;
    }

    private static bool IsGood(CustomerState state, ProgramDocument program, NextBestOffer best) =>
        best.UntilMs > state.NewestMs && TriggerReader.Stands(state, program, best.Policy, best.CauseMs);

    private static bool IsDue(CustomerState state, in FoldStep step, TriggerPolicy policy, ref long nextMs)
    {
        if (!policy.Enabled || TriggerReader.CauseOf(state, policy) is not { CauseMs: not 0 } cause
            || !IsOpen(state, policy, cause.CauseMs, out var fromMs) || !Consents.IsGranted(state, step.Program, policy.Purpose, policy.Channel))
            return false;

        // A history that comes in has its instants where they would have been, and nobody is there any more to hear of them.
        var nowMs = Math.Max(state.NewestMs, step.Entry.RecordedMs);
        var atMs = TriggerReader.SpeaksAt(state, step.Program, policy, cause.SinceMs, Math.Max(nowMs, fromMs));
        if (atMs == 0)
            return false;
        if (atMs > nowMs)
        {
            nextMs = Earliest(nextMs, atMs);
            return false;
        }

        if (policy.When is not { } when || when.Holds(state, step.Program, state.NewestMs))
            return true;
        if (when.NextChangeMs(state, step.Program, state.NewestMs) is var changesMs and not long.MaxValue)
            nextMs = Earliest(nextMs, changesMs);
        return false;
    }

    /// <param name="fromMs">When it may be asked at the earliest; 0 for at once.</param>
    private static bool IsOpen(CustomerState state, TriggerPolicy policy, long causeMs, out long fromMs)
    {
        var history = state.Triggers?.Find(policy.Id);
        fromMs = history?.CauseMs == causeMs ? history.Waits?.UntilMs ?? 0 : 0;
        return history is null || history.CauseMs < causeMs || fromMs > 0;
    }

    private static long Earliest(long x, long y) => x == 0 ? y : Math.Min(x, y);
}
