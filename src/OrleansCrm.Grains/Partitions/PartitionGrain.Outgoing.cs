using Orleans.Runtime;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private static readonly TimeSpan DeliveryRetryMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DeliveryRetryMax = TimeSpan.FromSeconds(2);

    private readonly Queue<Outgoing> _outgoing = new();
    private readonly WorkSignal _deliverable = new();

    /// <summary>Position of the newest outcome that has reached its receiver.</summary>
    private (long Offset, int Index) _delivered = (-1, -1);

    /// <summary>Position of the newest outcome that stands in the outbox table.</summary>
    private (long Offset, int Index) _stored = (-1, -1);

    private void Send(IEnumerable<Outgoing> outcomes)
    {
        // A receiver takes a partition's outcomes in order and ignores what is not newer: order is what makes it exact.
        foreach (var outcome in outcomes.OrderBy(o => o.Offset).ThenBy(o => o.Index))
            _outgoing.Enqueue(outcome);
        if (_outgoing.Count > 0)
            _deliverable.Signal();
    }

    /// <summary>One after the other, whoever the receiver is: then one position says what has been delivered.</summary>
    private async Task DeliverAsync()
    {
        var retry = DeliveryRetryMin;
        while (!_stopping.IsCancellationRequested)
        {
            if (_outgoing.Count == 0)
            {
                await _deliverable.WaitAsync();
                continue;
            }

            var first = _outgoing.Peek();
            var run = _outgoing.TakeWhile(o => HaveOneReceiver(first, o)).Take(options.OutcomesPerCallMax).ToArray();
            var began = time.GetTimestamp();
            if (await TryDeliverAsync(run) is { } trouble)
            {
                LogUnreachable(_partition, ReceiverOf(first), _outgoing.Count, trouble);
                await Task.Delay(retry, time);
                retry = retry * 2 < DeliveryRetryMax ? retry * 2 : DeliveryRetryMax;
                continue;
            }

            meter.Delivered(run.Length, time.GetElapsedTime(began));
            retry = DeliveryRetryMin;
            foreach (var _ in run)
                _outgoing.Dequeue();
            _delivered = (run[^1].Offset, run[^1].Index);
        }
    }

    private bool HaveOneReceiver(Outgoing x, Outgoing y) => x.Entry is null || y.Entry is null
        ? x.Entry == y.Entry && x.Desk == y.Desk
        : IsAsk(x) == IsAsk(y) && PartitionOf(x.Entry.Customer) == PartitionOf(y.Entry.Customer);

    /// <summary>For the log: customers are not named there.</summary>
    private string ReceiverOf(Outgoing outcome) => outcome.Entry is null ? "desk " + outcome.Desk : "partition " + PartitionOf(outcome.Entry.Customer);

    /// <returns>Null when the receiver has them all, durably; else what was in the way.</returns>
    private async Task<string?> TryDeliverAsync(Outgoing[] run)
    {
        try
        {
            if (run[0].Entry is null)
            {
                await GrainFactory.GetGrain<IDeskGrain>(run[0].Desk).RecordAsync(_partition, run);
                return null;
            }

            if (IsAsk(run[0]))
                return await DecideAsync(run);
            var entries = Array.ConvertAll(run, o => new NewEntry(o.Entry!.Customer, MessageOf(o), o.Entry.Type, o.Entry.TimeMs, o.Entry.Payload, o.Trace));
            var receiver = GrainFactory.GetGrain<IPartitionGrain>(PartitionOf(entries[0].Customer));
            var response = await receiver.AppendAsync(new AppendRequest(entries));
            if (response.Status != AppendStatus.Done)
                return response.Status.ToString();
            for (var i = 0; i < run.Length; i++)
            {
                if (response.Verdicts[i] == EntryVerdict.Erased && entries[i].Type == EntryTypes.IdentityClaim
                    && await RefuseForErasedAsync(run[i]) is { } trouble)
                    return trouble;
                if (response.Verdicts[i] == EntryVerdict.Erased && entries[i].Type is EntryTypes.PointsGiven or EntryTypes.PointsReturned
                    && await ReturnFromErasedAsync(run[i]) is { } unreturned)
                    return unreturned;
                EndForwarding(run[i], response.Verdicts[i]);
            }

            return null;
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or InvalidOperationException)
        {
            return exception.GetType().Name;
        }
    }

    /// <summary>An id that was erased answers nobody: without this its claimant would wait for ever.</summary>
    private async Task<string?> RefuseForErasedAsync(Outgoing outcome)
    {
        var claim = outcome.Entry!;
        var claimant = IdentityClaim.ClaimantOf(CustomerKey.Parse(claim.Customer).Tenant, claim.Payload);
        var refusal = new NewEntry(
            claimant, MessageOf(outcome), EntryTypes.IdentityRefused, claim.TimeMs, IdentityClaim.RefuseErased(claim, PartitionOf(claim.Customer)));
        var response = await Enqueue([refusal]).Answer;
        return response.Status == AppendStatus.Done ? null : response.Status.ToString();
    }

    /// <summary>
    /// Points for somebody who was erased go back. Who gave them may have been erased too: then they are nobody's any more, and a tombstone of
    /// their own says so in the books.
    /// </summary>
    private async Task<string?> ReturnFromErasedAsync(Outgoing outcome)
    {
        var entry = new NewEntry(outcome.Entry!.Customer, MessageOf(outcome), EntryTypes.PointsReturned, outcome.Entry.TimeMs, outcome.Entry.Payload);
        if (outcome.Entry.Type == EntryTypes.PointsGiven)
        {
            var (customer, payload) = Transfers.ReturnOf(outcome.Entry);
            entry = entry with { Customer = customer, Payload = payload };
            var response = await GrainFactory.GetGrain<IPartitionGrain>(PartitionOf(customer)).AppendAsync(new AppendRequest([entry]));
            if (response.Status != AppendStatus.Done)
                return response.Status.ToString();
            if (response.Verdicts[0] != EntryVerdict.Erased)
                return null;
        }

        var partition = PartitionOf(entry.Customer);
        var tombstone = CustomerKey.Erased(CustomerKey.Parse(entry.Customer).Tenant, partition, entry.MessageId.ToString("N")).ToString();
        entry = entry with { Customer = tombstone, Type = EntryTypes.ErasureRequested, Payload = Tombstone.OfReturned(entry.Payload) };
        var forfeited = await GrainFactory.GetGrain<IPartitionGrain>(partition).AppendAsync(new AppendRequest([entry]));
        return forfeited.Status == AppendStatus.Done ? null : forfeited.Status.ToString();
    }

    private int PartitionOf(string customer) => CustomerKey.Parse(customer).PartitionOf(journal.Identity.Partitions);

    /// <summary>The outcome's place, so that whoever delivers it, and however often, it is one message.</summary>
    private Guid MessageOf(Outgoing outcome)
    {
        Span<byte> scratch = stackalloc byte[256];
        return StableHash.Start(scratch).Add("outcome").Add(new AlertId(_partition, outcome.Offset, outcome.Index).ToString()).FinishGuid();
    }
}
