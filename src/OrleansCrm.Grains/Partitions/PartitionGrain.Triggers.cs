using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using Orleans.Utilities;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>A process that has not renewed for this long is told nothing any more.</summary>
    private static readonly TimeSpan StorefrontLease = TimeSpan.FromSeconds(10);

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
        var entries = new List<NewEntry>(asked.Length);
        foreach (var ask in asked)
        {
            // The second of one customer sees what the first has offered.
            if (entries.Exists(e => e.Customer == ask.Entry!.Customer) && await AppendAsync(entries) is { } trouble)
                return trouble;
            var id = new DecisionId(_partition, _head, StableHash.Hash64(MessageOf(ask).ToString()));
            var decided = await ReachDecisionAsync(new DecideRequest(
                ask.Entry!.Customer, id.Offset, -1, NowMs, long.MaxValue, Opens: false, Nothing, IsDegraded: false, [], ask.Entry.Payload, id.Nonce, id.Partition));
            if (decided.Status == DecideStatus.Unavailable)
                return nameof(DecideStatus.Unavailable);
            if (decided.Note.Length > 0)
                entries.Add(new NewEntry(ask.Entry.Customer, MessageOf(ask), EntryTypes.DecisionTriggered, NowMs, decided.Note, ask.Trace));
        }

        return await AppendAsync(entries);
    }

    private async Task<string?> AppendAsync(List<NewEntry> entries)
    {
        if (entries.Count == 0)
            return null;
        var response = await Enqueue([.. entries]).Answer;
        entries.Clear();
        return response.Status == AppendStatus.Done ? null : response.Status.ToString();
    }

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
