using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Engagement.Triggers;
using OrleansCrm.Journal;
using Orleans.Utilities;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>A process that has not renewed for this long is told nothing any more.</summary>
    private static readonly TimeSpan StorefrontLease = TimeSpan.FromSeconds(10);

    /// <summary>Nothing is offered unasked of a budget that gave nothing for so long; what is only slow to come is waited for.</summary>
    private const int SurelyExhaustedMs = 1_000;

    private static readonly DecisionQuestion Nothing = new("", "", -1, [], 1, []);

    private readonly List<OfferChange> _offersChanged = [];
    private ObserverManager<IStorefrontObserver>? _storefronts;
    private long _offersSent;

    public Task<OfferWatch> ObserveOffersAsync(IStorefrontObserver observer) => WhenRecoveredAsync(() =>
    {
        (_storefronts ??= new ObserverManager<IStorefrontObserver>(StorefrontLease, logger)).Subscribe(observer, observer);
        return new OfferWatch(_epoch, _offersSent);
    });

    /// <summary>Whether a customer's fold asks for a decision; that stays in the partition.</summary>
    private static bool IsAsk(Outgoing outcome) => outcome.Entry?.Type == EntryTypes.DecisionTriggered;

    /// <summary>Decides what policies ask for and journals what came of it: once, because the entry's message is the place of what it answers.</summary>
    /// <returns>Null when all of it is done; else what was in the way.</returns>
    private async Task<string?> DecideAsync(Outgoing[] asked)
    {
        var round = new List<Asking>(asked.Length);
        foreach (var ask in asked)
        {
            // The second of one customer sees what the first has offered.
            if (round.Exists(a => a.Customer == ask.Entry!.Customer))
            {
                if (await AnswerAsync(round) is { } trouble)
                    return trouble;
                round.Clear();
            }

            round.Add(new Asking(ask.Entry!.Customer, MessageOf(ask), ask.Entry.Payload, ask.Trace));
        }

        return await AnswerAsync(round);
    }

    /// <summary>
    /// Each of another customer. What can run out is held, and coupons are made, before anybody may see the offer. All of that is named by what is
    /// asked, so that after a crash it is done once. This loop also delivers what a slice asks of its budget, so it never waits for the answer: who
    /// finds the slice empty is asked again by the fold.
    /// </summary>
    private async Task<string?> AnswerAsync(List<Asking> asked)
    {
        var (entries, coupons, now) = (new List<NewEntry>(asked.Count), new List<NewEntry>(), NowMs);
        for (var left = asked; left.Count > 0;)
        {
            var takers = new List<(Asking Asking, DecideResponse Decided)>();
            foreach (var asking in left)
            {
                var decided = await DecideAsync(asking, now);
                if (decided.Status == DecideStatus.Unavailable)
                    return nameof(DecideStatus.Unavailable);
                if (decided.Takes.Length > 0)
                    takers.Add((asking, decided));
                else
                    Keep(asking, decided);
            }

            if (await TakeAsync(takers, now) is not { } isHeld)
                return nameof(AppendStatus.Unavailable);
            left = [];
            for (var i = 0; i < takers.Count; i++)
            {
                var ((asking, decided), offer) = (takers[i], takers[i].Decided.Takes[0].Offer);
                if (isHeld[i])
                    Keep(asking, decided);
                else if (TriggerWait.After(asking.Ask, now) is { } wait)
                    entries.Add(new NewEntry(asking.Customer, asking.Message, EntryTypes.TriggerWaits, now, wait, asking.Trace));
                else
                {
                    NoteExhausted(CustomerKey.TenantOf(asking.Customer), offer, SurelyExhaustedMs);
                    left.Add(asking with { Ask = TriggerWait.GiveUp(asking.Ask, offer) });
                }
            }
        }

        return await IssueAsync(coupons) ?? await AppendAsync(entries);

        void Keep(Asking asking, DecideResponse decided)
        {
            if (decided.Note.Length == 0)
                return;
            entries.Add(new NewEntry(asking.Customer, asking.Message, EntryTypes.DecisionTriggered, now, decided.Note, asking.Trace));
            if (decided.Coupon is { } coupon)
                coupons.Add(new NewEntry(
                    ReserveKeys.Coupon(CustomerKey.TenantOf(asking.Customer), coupon.Code), CouponMessage(asking, coupon), EntryTypes.CouponIssued, now,
                    ReserveMessages.Issue(Offer.KeyOf(coupon.Offer), coupon.UntilMs)));
        }
    }

    private async ValueTask<DecideResponse> DecideAsync(Asking asking, long now)
    {
        var id = new DecisionId(_partition, _head, StableHash.Hash64(asking.Message.ToString()));
        var seed = BitConverter.ToUInt64(CustomerHash.Of(journal.Identity.HashKey, "offered coupon " + asking.Message).ToByteArray());
        return await ReachDecisionAsync(new DecideRequest(
            asking.Customer, id.Offset, -1, now, long.MaxValue, Opens: false, Nothing, IsDegraded: false, ExhaustedOf(asking.Customer, SurelyExhaustedMs),
            asking.Ask, id.Nonce, id.Partition, seed));
    }

    /// <summary>Takes from the partition's slices, in one commit; one offer each, so one take each.</summary>
    /// <returns>Who has it; null when that could not be found out.</returns>
    private async Task<bool[]?> TakeAsync(List<(Asking Asking, DecideResponse Decided)> takers, long now)
    {
        if (takers.Count == 0)
            return [];
        var entries = takers.ConvertAll(taker =>
        {
            var take = taker.Decided.Takes[0];
            return new NewEntry(
                ReserveKeys.Slice(CustomerKey.TenantOf(taker.Asking.Customer), _partition, take.Offer),
                HoldMessage(EntryTypes.BudgetTake, taker.Asking.Message.ToString(), take.Offer, 0), EntryTypes.BudgetTake, now,
                ReserveMessages.Take(take.Hold, take.Amount, take.UntilMs));
        });
        var taken = await Enqueue([.. entries]).Answer;
        if (taken.Status != AppendStatus.Done)
            return null;
        var isHeld = new bool[takers.Count];
        foreach (var outcome in taken.Outcomes)
            isHeld[outcome.Index] = outcome.Code.Length == 0;
        return isHeld;
    }

    /// <summary>Makes coupons, each in the partition where it stands.</summary>
    private async Task<string?> IssueAsync(List<NewEntry> coupons)
    {
        foreach (var part in coupons.GroupBy(coupon => PartitionOf(coupon.Customer)))
        {
            var response = await GrainFactory.GetGrain<IPartitionGrain>(part.Key).AppendAsync(new AppendRequest([.. part]));
            if (response.Status != AppendStatus.Done)
                return response.Status.ToString();
        }

        return null;
    }

    private async Task<string?> AppendAsync(List<NewEntry> entries)
    {
        if (entries.Count == 0)
            return null;
        var response = await Enqueue([.. entries]).Answer;
        return response.Status == AppendStatus.Done ? null : response.Status.ToString();
    }

    private static Guid CouponMessage(Asking asking, CouponHold coupon)
    {
        Span<byte> scratch = stackalloc byte[256];
        return StableHash.Start(scratch).Add(EntryTypes.CouponIssued).Add(asking.Message.ToString()).Add(coupon.Code).FinishGuid();
    }

    /// <param name="Message">The place of what is asked.</param>
    /// <param name="Ask">As the fold sent it, less what was given up since.</param>
    private sealed record Asking(string Customer, Guid Message, byte[] Ask, string? Trace);

    /// <summary>Passes on which offers have changed with the entries just applied.</summary>
    private async Task TellStorefrontsAsync()
    {
        if (_offersChanged.Count == 0)
            return;
        var changes = new OfferChanges(_partition, _offersSent + 1, [.. _offersChanged]);
        _offersChanged.Clear();
        if (_storefronts is not { Count: > 0 } storefronts)
            return;
        _offersSent++;
        await storefronts.Notify(o => o.OffersChangedAsync(changes));
    }
}
