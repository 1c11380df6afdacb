using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Signals;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Trials;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Identity;

/// <summary>
/// What moves when one id of a person is given to another. The state goes as it would be stored, so nothing that a customer can have is
/// forgotten on the way, and the receiver adds its facts to his own: he then stands as if every event had been his from the start.
/// </summary>
internal static class Handover
{
    public const string MovedOutcome = "moved";

    // What was spent or has expired stays in the books of the id it happened to.
    private static readonly PointsAccount[] Moving = [PointsAccount.Available, PointsAccount.Pending, PointsAccount.Held];

    /// <summary>Empties the state in favour of <paramref name="heir"/>.</summary>
    public static void Give(CustomerState state, string heir, ref FoldStep step)
    {
        var given = SnapshotCodec.Encode(state);
        foreach (var alert in ChurnAlerts.Unfinished(state))
        {
            alert.Outcome = MovedOutcome;
            ChurnAlerts.Finish(state, alert, AlertStatus.Withdrawn);
            step.Note("alert moved " + alert.Kind);
            step.Send(state, alert);
        }

        if (state.Ledger is { } ledger)
        {
            foreach (var account in Moving)
                Transfer(state, account, PointsAccount.InTransit, ledger[account], state.Key, ref step);
        }

        if (state.Triggers?.Best is not null)
            step.OfferChanged();
        state.ForgetFacts();
        state.LinkedTo = heir;
        step.FactsChanged = true;
        step.Send(heir, EntryTypes.IdentityHandover, IdentityMessage.Write(state, step, body: given));
    }

    /// <summary>Adds what <paramref name="given"/> knew.</summary>
    /// <param name="partition">Where the entries stand that it speaks of.</param>
    /// <returns>The points that came with it.</returns>
    public static long Take(CustomerState state, CustomerState given, int partition, ref FoldStep step)
    {
        // What is booked was true by the old clock.
        LoyaltyMerge.Take(state, given, partition, ref step);
        state.NewestMs = Math.Max(state.NewestMs, given.NewestMs);
        TakeVisits(state, given);
        foreach (var deliveredMs in given.Deliveries)
            StorefrontFold.Deliver(state, deliveredMs, ref step);
        foreach (var trait in given.Traits ?? [])
            Traits.Take(state, trait);
        foreach (var consent in given.Consents ?? [])
            Consents.Take(state, consent);
        step.ConsentChanged |= given.Consents is not null;
        FeedbackFold.Take(state, given.Feedback);
        state.Referral = ReferralRecord.Joined(state.Referral, given.Referral);
        state.Forced = ForcedPhase.Newer(state.Forced, given.Forced);
        Acquisition.Take(state, given.Acquisition);
        OfferFold.Take(state, given.Offers);
        if (given.Triggers is not null)
            (state.Triggers ??= new TriggerRecord()).Take(given.Triggers);
        if (given.Triggers?.Best is not null)
            step.OfferChanged();
        CountedTimes.Take(state, given, step.Program.Conditional.Counted);
        foreach (var interaction in given.Recent ?? [])
            RecentInteractions.Add(state, interaction with { Offset = EntryPlace.Of(partition, interaction.Offset) });

        var points = 0L;
        foreach (var account in Moving)
        {
            var moving = given.Ledger?[account] ?? 0;
            points += moving;
            Transfer(state, PointsAccount.InTransit, account, moving, given.Key, ref step);
        }

        OrderMerge.Take(state, given, partition, ref step);

        if (given.HasResolved)
        {
            state.HasResolved = true;
            state.ResolvedPurchaseMs = Math.Max(state.ResolvedPurchaseMs, given.ResolvedPurchaseMs);
        }

        if (given.Signals is not null)
            (state.Signals ??= new SignalRecord()).Take(given.Signals, partition);
        TrialFold.Take(state, given.Trials);
        state.OrderedMs = Math.Max(state.OrderedMs, given.OrderedMs);
        if (state.GivenOwner.Length == 0)
            state.GivenOwner = given.GivenOwner;
        step.Moved = ChurnAlerts.Unfinished(given);
        step.FactsChanged = true;
        return points;
    }

    private static void TakeVisits(CustomerState state, CustomerState given)
    {
        if (given.Events == 0)
            return;
        state.FirstSeenMs = state.Events == 0 ? given.FirstSeenMs : Math.Min(state.FirstSeenMs, given.FirstSeenMs);
        state.LastSeenMs = state.Events == 0 ? given.LastSeenMs : Math.Max(state.LastSeenMs, given.LastSeenMs);
        state.Events += given.Events;
        state.ActiveMonths = MonthSet.Joined(state.ActiveMonths, given.ActiveMonths);
        if (given.HasOriented && (!state.HasOriented || given.OrientedMs < state.OrientedMs))
            (state.HasOriented, state.OrientedMs) = (true, given.OrientedMs);
    }

    /// <summary>One side of the passage; the account of both is <c>in-transit</c> of the same id.</summary>
    private static void Transfer(CustomerState state, PointsAccount from, PointsAccount to, long points, string id, ref FoldStep step)
    {
        if (points == 0)
            return;
        if (points < 0)
            (from, to, points) = (to, from, -points);
        var about = EventReader.HashOf(Encoding.UTF8.GetBytes(id), default);
        step.Post(state, new LedgerLine(step.Entry.Offset, step.Entry.TimeMs, from, to, points, PointsReason.Moved, about));
    }
}
