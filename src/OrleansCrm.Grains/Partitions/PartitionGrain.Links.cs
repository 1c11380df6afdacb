using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// An event that links two ids, or comes for an id that was given away, has its effect at another customer. Its sender is answered when
/// that has happened, so that a lookup after the answer sees it, but not later than the option says.
/// </summary>
public sealed partial class PartitionGrain
{
    /// <summary>Claims that have not been answered by the other id, by customer and id.</summary>
    private readonly Dictionary<(string Customer, string Id), TaskCompletionSource<LinkEnd>> _linking = [];

    /// <summary>Events that have not reached the customer that their id belongs to, by offset.</summary>
    private readonly Dictionary<long, TaskCompletionSource<LinkEnd>> _forwarding = [];

    /// <summary>Before what left the customers is sent: an answer can come as soon as it is.</summary>
    private void NoteOutcome(EntryTicket ticket, CommandOutcome outcome)
    {
        ticket.Outcome = outcome;
        if (EntryTypes.IsBetweenCustomers(ticket.Entry!.Type))
            EndLinking(ticket, outcome);
        else if (outcome.Code == LinkCodes.Linking && _isReady)
            _linking.TryAdd((ticket.Entry.Customer, outcome.Detail), NewEnd());
        else if (outcome.Code == LinkCodes.Forwarding && _isReady)
            _forwarding.TryAdd(ticket.Offset, NewEnd());
    }

    private void EndLinking(EntryTicket ticket, CommandOutcome outcome)
    {
        if (_linking.Remove((ticket.Entry!.Customer, outcome.Detail), out var end))
            end.TrySetResult(new LinkEnd(outcome.Code == LinkCodes.Linked ? null : outcome));
    }

    private void EndForwarding(Outgoing delivered, EntryVerdict verdict)
    {
        if (delivered.Entry?.Type == EntryTypes.IdentityForwarded && _forwarding.Remove(delivered.Offset, out var end))
            end.TrySetResult(new LinkEnd(null, verdict));
    }

    /// <returns>The answer without what has come to its end meanwhile.</returns>
    private async Task<AppendResponse> WaitForLinksAsync(AppendRequest request, AppendResponse response)
    {
        List<(int Place, Task<LinkEnd> End)>? open = null;
        for (var i = 0; i < response.Outcomes.Length; i++)
        {
            var outcome = response.Outcomes[i];
            if (outcome.Code is LinkCodes.Linking or LinkCodes.Forwarding)
                (open ??= []).Add((i, EndOf(request.Entries[outcome.Index].Customer, response.Offsets[outcome.Index], outcome)));
        }

        if (open is null)
            return response;
        using var patience = new CancellationTokenSource();
        await Task.WhenAny(Task.WhenAll(open.Select(o => o.End)), Task.Delay(options.LinkPatience, time, patience.Token));
        await patience.CancelAsync();
        var verdicts = response.Verdicts.ToArray();
        var outcomes = response.Outcomes.ToArray<CommandOutcome?>();
        foreach (var (place, end) in open)
        {
            if (!end.IsCompletedSuccessfully)
            {
                // A claim that the other id cannot digest is never answered.
                if (outcomes[place] is { Code: LinkCodes.Linking } left)
                    _linking.Remove((request.Entries[left.Index].Customer, left.Detail));
                continue;
            }

            var (said, verdict) = await end;
            var index = outcomes[place]!.Index;
            outcomes[place] = said is null ? null : said with { Index = index };
            if (verdict is EntryVerdict.Faulted or EntryVerdict.Erased)
                verdicts[index] = verdict;
        }

        return response with { Verdicts = verdicts, Outcomes = [.. outcomes.OfType<CommandOutcome>()] };
    }

    private Task<LinkEnd> EndOf(string customer, long offset, CommandOutcome outcome)
    {
        var end = outcome.Code == LinkCodes.Linking
            ? _linking.GetValueOrDefault((customer, outcome.Detail))
            : _forwarding.GetValueOrDefault(offset);
        return end?.Task ?? Task.FromResult(default(LinkEnd));
    }

    /// <summary>Nobody here will hear of it any more: each is answered as it stands.</summary>
    private void AbandonLinks()
    {
        foreach (var end in _linking.Values.Concat(_forwarding.Values))
            end.TrySetCanceled();
        _linking.Clear();
        _forwarding.Clear();
    }

    private static TaskCompletionSource<LinkEnd> NewEnd() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="Said">What is to be told; null when all is well.</param>
    /// <param name="Verdict">What the owner made of an event that came for its id.</param>
    private readonly record struct LinkEnd(CommandOutcome? Said, EntryVerdict Verdict = EntryVerdict.Applied);
}
