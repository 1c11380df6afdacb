using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private const int DecisionPage = 1_000;

    /// <summary>The newest decision on its way into the journal: once it is there, all before it are.</summary>
    private PendingAppend? _newestDecision;

    private readonly ulong[] _nonces = new ulong[64];
    private int _noncesLeft;

    // As AnswerAsync does it, less a delegate and a task for each decision.
    public async Task<DecideResponse> DecideAsync(DecideRequest request)
    {
        await _recovered.Task;
        if (_isFailed)
            return DecideResponse.Unavailable;
        try
        {
            return await ReachDecisionAsync(request);
        }
        catch (JournalException exception)
        {
            NoteNoAnswer(exception);
            return DecideResponse.Unavailable;
        }
    }

    public Task<DecisionResponse> FindDecisionAsync(string decisionId, string tenantPrefix) =>
        AnswerAsync((decisionId, tenantPrefix), wanted => FindEntryAsync(wanted.decisionId, wanted.tenantPrefix), DecisionResponse.Unavailable);

    private async ValueTask<DecideResponse> ReachDecisionAsync(DecideRequest request)
    {
        var customer = request.Customer;
        if (IsErased(customer))
            return DecideResponse.Erased;
        if (_slots.TryGetValue(customer, out var slot) && IsCurrent(slot) && await DecideAsync(slot, request) is { } decided)
            return decided;

        for (var attempt = 0; attempt < RebuildsMax && !_isFailed && _loads.Count < options.LookupsWaitingMax; attempt++)
        {
            var load = new SlotLoad(customer, isBehind: slot is { Snapshot: null }, opens: request.Opens);
            _loads.Enqueue(load);
            Signal();
            (slot, var isKnown) = await load.Done.Task;
            if (!isKnown)
                return DecideResponse.NotFound;
            if (slot is null)
                break;
            if (await DecideAsync(slot, request) is { } loaded)
                return loaded;
        }

        return DecideResponse.Unavailable;
    }

    /// <returns>Null when the state does not stand where the partition believes.</returns>
    private async ValueTask<DecideResponse?> DecideAsync(CustomerSlot slot, DecideRequest request)
    {
        if (slot.Snapshot is not null)
            return null;
        if (slot.IsErased)
            return DecideResponse.Erased;

        // What cannot be journaled has no name: nobody could ask for it later.
        var id = new DecisionId(_partition, _head, NewNonce());
        request = request.Ask is not null ? request with { ExpectedOffset = slot.StandsAt } : request with
        {
            NamedAt = IsHeldBack || IsPutOff ? -1 : id.Offset,
            Nonce = id.Nonce,
            Partition = id.Partition,
            ExpectedOffset = slot.StandsAt,
            Exhausted = ExhaustedOf(slot.Customer),
        };
        var decided = await GrainOf(slot).DecideAsync(request);
        if (decided.Status == DecideStatus.Behind)
            return null;
        if (request.Ask is not null)
            return decided;
        if (decided.Takes.Length > 0)
            return await DecideHoldingAsync(slot, request, id, decided);

        // Nobody waits for a late answer, so nobody has seen what it says.
        if (decided.Note.Length > 0 && !slot.IsErased && NowMs <= request.LimitMs)
            _newestDecision = Enqueue([new NewEntry(slot.Customer, id.MessageId, EntryTypes.DecisionMade, request.NowMs, decided.Note)]);
        return decided;
    }

    /// <summary>Chance is had from the system for many decisions at once: asking it costs a microsecond.</summary>
    private ulong NewNonce()
    {
        if (_noncesLeft == 0)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(_nonces.AsSpan()));
            _noncesLeft = _nonces.Length;
        }

        return _nonces[--_noncesLeft];
    }

    /// <summary>It stands behind the entries that were waiting when it was decided, and those are bounded.</summary>
    private async Task<DecisionResponse> FindEntryAsync(string decisionId, string tenantPrefix)
    {
        if (!DecisionId.TryParse(decisionId, out var id) || id.Partition != _partition || id.Offset > _head)
            return DecisionResponse.NotFound;
        if (_newestDecision is { } newest && !IsPutOff)
            await newest.Answer;
        var (messageId, name) = (id.MessageId, System.Text.Encoding.UTF8.GetBytes(decisionId));
        var until = Math.Min(_head, id.Offset + options.WaitingEntriesMax + 3L * options.CommitEntriesMax);
        for (var from = id.Offset; from < until;)
        {
            var page = await journal.ReadAsync(_partition, from, DecisionPage, CancellationToken.None);
            if (page.Length == 0)
                break;
            if (Array.Find(page, IsWanted) is { } entry)
                return entry.Customer.StartsWith(tenantPrefix, StringComparison.Ordinal) && !IsErased(entry.Customer)
                    ? new DecisionResponse(LookupStatus.Found, entry)
                    : DecisionResponse.NotFound;
            from = page[^1].Offset + 1;
        }

        return DecisionResponse.NotFound;

        // What a policy has asked for is one message with what it answers, whatever the decision is called.
        bool IsWanted(Entry e) => e.Type == EntryTypes.DecisionMade
            ? e.MessageId == messageId
            : e.Type == EntryTypes.DecisionTriggered && e.Payload.AsSpan().IndexOf(name) >= 0;
    }
}
