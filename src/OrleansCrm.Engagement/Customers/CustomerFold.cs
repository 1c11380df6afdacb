using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Ownership;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Engagement.Segments;
using OrleansCrm.Engagement.Trials;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What an entry does to a customer. Entries may come late, twice, or before what they refer to; the obvious fold, which changes phase
/// and alerts as events pass by, would then depend on their order. So an entry only adds facts, and phase, churn and alerts are worked
/// out again from the facts as of the customer's clock, the newest time of any own entry. What time alone brings about is lived through
/// first, instant by instant, up to the entry's time.
/// </summary>
public static class CustomerFold
{
    /// <summary>Raised with every change of what a journal means; snapshots and digests of another version are not comparable.</summary>
    public const int Version = 1;

    /// <summary>Folds one entry in place. The program is the one in force after the entry.</summary>
    /// <exception cref="UnknownEntryTypeException">This build does not know such entries.</exception>
    /// <exception cref="StateBoundException">The state would grow beyond its bounds.</exception>
    /// <exception cref="InvalidOperationException">A mistake of ours: a wrong customer or offset, or time that does not come to rest.</exception>
    /// <remarks>Any exception leaves the state undefined: it is to be thrown away.</remarks>
    public static void Apply(CustomerState state, Entry entry, ProgramDocument program, FoldOutput output)
    {
        if (entry.Offset <= state.Offset)
            throw new InvalidOperationException($"Entry {entry.Offset} comes after {state.Offset} was folded.");
        var step = new FoldStep(entry, program, output);
        if (entry.Customer.Length == 0)
            ApplyToAll(state, ref step);
        else
            ApplyOwn(state, ref step);
        state.Offset = entry.Offset;
    }

    /// <summary>To be called when entries that came together have been folded. Nothing that can be read of the state changes.</summary>
    public static void Settle(CustomerState state) => state.PackNew();

    private static void ApplyToAll(CustomerState state, ref FoldStep step)
    {
        if (!EntryTypes.IsFoldedByAll(step.Entry.Type))
            throw new UnknownEntryTypeException(step.Entry.Type);
        if (state.Remains is not null || Tombstone.IsKey(state.Key))
            return;
        if (step.Entry.Type != EntryTypes.ProgramPublished || ProgramPublication.TenantOf(step.Entry.Payload) != state.Tenant)
            return;

        // Such an entry belongs to no customer, so it can neither name an alert nor number a change: that is left to a wake at once.
        state.ProgramOffset = step.Entry.Offset;
        if (state.IsEmpty)
            return;
        PurchaseHistoryFold.Rewalk(state, step.Program);
        LoyaltyFold.Reconsider(state, ref step);
        CountedTimes.Trim(state, step.Program.Conditional.Counted);
        Stand(state, ref step);
        state.IsAlertStale = !SignalAlerts.IsSettled(state, step, out var signalsMs) | !ChurnAlerts.IsSettled(state, step, out var churnMs);
        state.IsAlertStale |= !OwnerFold.IsSettled(state, step.Program);
        state.IsAlertStale |= !TriggerFold.IsSettled(state, step, out var triggersMs);
        SetNextWake(state, Earliest(Earliest(churnMs, signalsMs), triggersMs));
    }

    private static void ApplyOwn(CustomerState state, ref FoldStep step)
    {
        var entry = step.Entry;
        if (!string.Equals(entry.Customer, state.Key, StringComparison.Ordinal))
            throw new InvalidOperationException("The entry belongs to another customer.");
        if (state.Remains is not null || entry.Type == EntryTypes.ErasureRequested)
        {
            Tombstone.Apply(state, ref step);
            return;
        }

        if (state.IsEmpty)
        {
            if (ReserveKeys.Is(state.Key))
            {
                ReserveFold.Apply(state, ref step);
                return;
            }

            // Whoever is asked about has not been seen by that.
            if (entry.Type == EntryTypes.DecisionMade)
            {
                OfferFold.Expose(state, ref step);
                return;
            }

            state.NewestMs = entry.TimeMs;
        }

        LiveThrough(state, Math.Max(state.NewestMs, entry.TimeMs), ref step);
        state.Partition = entry.Partition;
        state.NewestMs = Math.Max(state.NewestMs, entry.TimeMs);
        state.Version++;

        var placesOrder = false;
        if (entry.Type == EntryTypes.IdentityForwarded && state.LinkedTo.Length == 0)
        {
            if (!IdentityFold.TryUnwrap(state, ref step))
                return;
            entry = step.Entry;
        }

        switch (EntryTypes.CallOf(entry.Type))
        {
            case EntryTypes.Identify or EntryTypes.Track or EntryTypes.Page or EntryTypes.Screen or EntryTypes.Group or EntryTypes.Alias
                when Referrals.IsCode(state.Key):
                // A code is nobody who could do anything.
                break;
            case EntryTypes.Identify or EntryTypes.Track or EntryTypes.Page or EntryTypes.Screen or EntryTypes.Group or EntryTypes.Alias
                or EntryTypes.IdentityForwarded when state.LinkedTo.Length > 0:
                IdentityFold.Forward(state, ref step);
                break;
            case EntryTypes.Identify or EntryTypes.Track or EntryTypes.Page or EntryTypes.Screen or EntryTypes.Group or EntryTypes.Alias:
                placesOrder = StorefrontFold.Apply(state, ref step);
                break;
            case var type when EntryTypes.IsAlertCommand(type):
                AlertCommands.Judge(state, ref step);

                // It moves the instants of its alert, and what was resolved is not asked for any more.
                step.FactsChanged = true;
                break;
            case EntryTypes.CustomerOwner when state.LinkedTo.Length > 0:
                step.Answer(LoyaltyCodes.Moved, state.LinkedTo, []);
                break;
            case EntryTypes.CustomerOwner:
                OwnerFold.Judge(state, ref step);
                break;
            case EntryTypes.RedemptionHold or EntryTypes.RedemptionCommit or EntryTypes.RedemptionCancel or EntryTypes.PointsAdjust:
                LoyaltyCommands.Judge(state, ref step);
                break;
            case EntryTypes.PointsTransfer:
                Transfers.Judge(state, ref step);
                break;
            case EntryTypes.HouseholdJoin:
                Households.Judge(state, ref step);
                break;
            case EntryTypes.PointsGiven:
                Transfers.Take(state, ref step);
                break;
            case EntryTypes.PointsReturned:
                Transfers.TakeBack(state, ref step);
                break;
            case EntryTypes.ReferralOpen:
                Referrals.Open(state, ref step);
                break;
            case EntryTypes.ReferralStands:
                Referrals.Take(state, ref step);
                break;
            case EntryTypes.ReferralAccepted:
                Referrals.TakeAcceptance(state, ref step);
                break;
            case EntryTypes.PhaseForce:
                PhaseCommands.Judge(state, ref step);
                break;
            case EntryTypes.Wake:
                break;
            case EntryTypes.DecisionMade when state.LinkedTo.Length == 0:
                OfferFold.Expose(state, ref step);
                break;
            case EntryTypes.DecisionTriggered when state.LinkedTo.Length == 0:
                TriggerFold.Take(state, ref step);
                break;
            case EntryTypes.TriggerWaits when state.LinkedTo.Length == 0:
                TriggerFold.Wait(state, ref step);
                break;
            case EntryTypes.DecisionMade or EntryTypes.DecisionTriggered or EntryTypes.TriggerWaits:
                break;
            case EntryTypes.IdentityClaim:
                IdentityFold.JudgeClaim(state, ref step);
                break;
            case EntryTypes.IdentityHandover:
                IdentityFold.TakeHandover(state, ref step);
                break;
            case EntryTypes.IdentityMerge:
                IdentityFold.JudgeMerge(state, ref step);
                break;
            case EntryTypes.IdentityMoved:
                IdentityFold.TakeMove(state, ref step);
                break;
            case EntryTypes.IdentityRefused:
                IdentityFold.TakeRefusal(state, ref step);
                break;
            default:
                throw new UnknownEntryTypeException(entry.Type);
        }

        if (!step.FactsChanged)
            return;
        Referrals.Settle(state, ref step);
        LoyaltyFold.Settle(state, ref step, entry.TimeMs);
        Stand(state, ref step);
        SetNextWake(state, SettleAlerts(state, ref step, canRaise: !placesOrder));
    }

    /// <summary>Meets every instant due until then, each at its own time, as if a wake had come for it.</summary>
    private static void LiveThrough(CustomerState state, long untilMs, ref FoldStep step)
    {
        var signalsMs = 0L;
        for (var steps = 0; state.NextWakeMs != 0 && state.NextWakeMs <= untilMs; steps++)
        {
            var dueMs = state.NextWakeMs;
            if (steps == Bounds.StepsMax)
                throw new InvalidOperationException("More than 1,000 instants fall due before one entry.");
            if (steps >= Bounds.PointsStepsMax && !state.IsAlertStale)
                dueMs = Earliest(Earliest(OthersNextMs(state), signalsMs), untilMs);
            if (state.Loyalty is { } account && account.Outlook.NextMs is not 0 and var pointsMs && pointsMs <= dueMs)
                LoyaltyFold.Touch(state, ref step);
            state.NewestMs = Math.Max(state.NewestMs, dueMs);
            Birthdays.Meet(state, ref step);
            Referrals.Settle(state, ref step);
            LoyaltyFold.Settle(state, ref step, dueMs);
            Stand(state, ref step);
            signalsMs = SettleAlerts(state, ref step, canRaise: true);
            SetNextWake(state, signalsMs);
            if (state.NextWakeMs != 0 && state.NextWakeMs <= dueMs)
                throw new InvalidOperationException("An instant does not lead to a later one.");
        }
    }

    private static void Stand(CustomerState state, ref FoldStep step)
    {
        var (before, segments) = (state.Standing.Phase, state.Segments);
        SegmentFold.SettleUnderChurn(state, step.Program);
        state.Standing = Standing.At(state, step.Program, state.NewestMs);
        if (state.Standing.Phase != before && state.Standing.Phase != Phase.None)
            step.Note("phase " + PhaseWords.Of(state.Standing.Phase));
        SegmentFold.Settle(state, segments, ref step);
        Birthdays.LookAhead(state, step.Program.Loyalty.Bonuses);
        Referrals.LookAhead(state, step.Program.Loyalty.Referral);
    }

    private static long SettleAlerts(CustomerState state, ref FoldStep step, bool canRaise)
    {
        OwnerFold.Settle(state, ref step);
        TrialFold.Settle(state, ref step, canRaise);
        var nextMs = Earliest(ChurnAlerts.Settle(state, ref step, canRaise), SignalAlerts.Settle(state, ref step, canRaise));
        AlertInstants.Settle(state, ref step);
        return Earliest(nextMs, TriggerFold.Settle(state, ref step));
    }

    private static void SetNextWake(CustomerState state, long signalsMs) =>
        state.NextWakeMs = state.IsAlertStale
            ? UtcDay.FloorSecond(state.NewestMs)
            : Earliest(Earliest(state.Loyalty?.Outlook.NextMs ?? 0, OthersNextMs(state)), signalsMs);

    /// <summary>The next instant of everything but points and what alerts rise from.</summary>
    private static long OthersNextMs(CustomerState state) =>
        Earliest(
            Earliest(state.Standing.NextMs, Earliest(state.SegmentsNextMs, state.ReferralNextMs)),
            Earliest(AlertInstants.NextMs(state), Earliest(state.BirthdayNextMs, TrialFold.NextMs(state))));

    /// <summary>Of two instants, of which 0 is never.</summary>
    private static long Earliest(long x, long y) => x == 0 ? y : y == 0 ? x : Math.Min(x, y);
}
