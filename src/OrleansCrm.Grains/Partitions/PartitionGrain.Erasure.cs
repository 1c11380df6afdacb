using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

/// <remarks>
/// The order is what makes it safe. The erasure is noted, and from then on events are refused before the commit. The request is journaled and
/// folds to a tombstone. Everything is flushed, so that no replay needs the customer's entries any more. Only then are they blanked, a page
/// at a time; last, in one transaction, the tombstone takes the customer's place everywhere. A restart begins anew from what is noted: every
/// step finds what it did before.
/// </remarks>
public sealed partial class PartitionGrain
{
    /// <summary>Entries blanked in one transaction: each may stand in a block of its own of 128 KiB, and commits wait behind it.</summary>
    private const int BlankPage = 50;

    /// <summary>
    /// How often the answer to a claim is waited for, a tenth of a second or more each time: it takes milliseconds, but one that could not be
    /// folded never comes, and nobody is to wait for ever for that.
    /// </summary>
    private const int ClaimWaitsMax = 10_000;

    private static readonly TimeSpan ErasureRetryMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ErasureRetryMax = TimeSpan.FromSeconds(30);

    private readonly ErasedCustomers _erased = new(journal.Identity.HashKey);
    private readonly Queue<Erasure> _erasures = new();
    private readonly WorkSignal _erasable = new();

    /// <summary>Waits for a moment without applies and flushes of its customer.</summary>
    private PendingTombstone? _tombstone;

    public Task<EraseResponse> EraseAsync(string customer, bool isAwaited) => AnswerAsync(
        customer,
        async asked =>
        {
            var erasure = _erased.Find(asked) ?? await BeginErasureAsync(asked);
            if (erasure is null)
                return EraseResponse.NotFound;
            return erasure.IsDone || !isAwaited ? erasure.Describe() : await DescribeInTimeAsync(erasure);
        },
        EraseResponse.Unavailable);

    private async Task<EraseResponse> DescribeInTimeAsync(Erasure erasure)
    {
        try
        {
            await erasure.Finished.WaitAsync(options.EraseWait, time);
        }
        catch (TimeoutException)
        {
            return erasure.Describe();
        }

        return _isFailed && !erasure.IsDone ? EraseResponse.Unavailable : erasure.Describe();
    }

    private async Task<Erasure?> BeginErasureAsync(string customer)
    {
        if (!_slots.ContainsKey(customer) && (await journal.ReadSnapshotsAsync(_partition, [customer], CancellationToken.None))[0] is null
            && !_slots.ContainsKey(customer))
            return null;
        var row = new ErasureRow(_partition, _erased.HashOf(customer).ToString("N"), customer, NowMs, 0, []);
        await journal.BeginErasureAsync(row, _epoch, CancellationToken.None);
        if (_erased.Find(customer) is { } known)
            return known; // somebody asked for the same meanwhile
        var erasure = _erased.Add(row);
        if (_slots.TryGetValue(customer, out var slot))
        {
            slot.IsErased = true;
            slot.Profile = null;
        }

        _erasures.Enqueue(erasure);
        _erasable.Signal();
        return erasure;
    }

    /// <summary>A customer with a place knows it; for the others it costs a hash, and nothing where nobody was ever erased.</summary>
    private bool IsErased(string customer) =>
        !_erased.IsEmpty && (_slots.TryGetValue(customer, out var slot) ? slot.IsErased : _erased.Contains(customer));

    private bool IsRefused(NewEntry entry) =>
        !_erased.IsEmpty && entry.Customer.Length > 0 && entry.Type != EntryTypes.ErasureRequested && IsErased(entry.Customer)
        && !(EntryTypes.AnswersClaim(entry.Type) && _erased.Find(entry.Customer) is { TakesAnswers: true });

    private async Task LoadErasuresAsync()
    {
        foreach (var row in await journal.ReadErasuresAsync(_partition, _stopping.Token))
        {
            var erasure = _erased.Add(row);
            if (!erasure.IsDone)
                _erasures.Enqueue(erasure);
        }

        if (_erasures.Count > 0)
            _erasable.Signal();
    }

    private async Task RunErasuresAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (!_erasures.TryPeek(out var erasure))
            {
                await _erasable.WaitAsync();
                continue;
            }

            try
            {
                if (!erasure.HasTombstone && !await IsPersonErasedAsync(erasure))
                {
                    // The others may wait in this very line, or in that of a partition that waits for this one.
                    await Task.Delay(ErasureRetryMin, time, _stopping.Token);
                    _erasures.Enqueue(_erasures.Dequeue());
                    continue;
                }

                await EraseAsync(erasure);
                _erasures.Dequeue();
            }
            catch (Exception exception) when (!_isFailed && exception is JournalCorruptException or JournalFullException or InvalidOperationException)
            {
                // Not a reason for the other customers to wait: their partition goes on without it.
                LogErasureFailed(exception, _partition, erasure.Hash);
                await Task.Delay(ErasureRetryMax, time, _stopping.Token);
                _erasures.Enqueue(_erasures.Dequeue());
            }
        }
    }

    private async Task EraseAsync(Erasure erasure)
    {
        if (!erasure.HasTombstone)
        {
            erasure.TakesAnswers = false;
            var requested = await AppendAsync(erasure.Customer, erasure.Id, EntryTypes.ErasureRequested, erasure.RequestedMs, EmptyPayload);
            await FlushAsync().WaitAsync(_stopping.Token);
            await UntilAsync(() => Task.FromResult(_outgoing.Count == 0 || _outgoing.Peek().Offset > requested));
            var offsets = await OffsetsOfAsync(erasure.Customer);
            foreach (var page in offsets.Where(offset => offset != requested).Chunk(BlankPage))
                await journal.BlankAsync(_partition, _epoch, page, _stopping.Token);
            await UntilAsync(() => PutTombstoneAsync(erasure, requested, offsets));
        }

        await AppendAsync(erasure.Customer, DoneId(erasure), EntryTypes.ErasureDone, NowMs, JsonSerializer.SerializeToUtf8Bytes(
            erasure.Stores.ToDictionary(store => store.Store, store => store.Count)));
        await UntilAsync(() => journal.ScrubAsync(_stopping.Token));
        var doneMs = NowMs;
        await journal.EndErasureAsync(_partition, _epoch, erasure.Hash, doneMs, _stopping.Token);
        erasure.Finish(doneMs);
        LogErased(_partition, erasure.Hash);
    }

    /// <summary>
    /// What was sent under other ids of the person stands in their own partitions: those that were handed over to this customer are erased
    /// first, and the customer to whom this one was handed over meanwhile is erased too. The ids of others forget who has claimed them.
    /// </summary>
    /// <returns>False while something is still on its way.</returns>
    private async Task<bool> IsPersonErasedAsync(Erasure erasure)
    {
        var customer = erasure.Customer;

        // Events that were let in before the erasure was noted may claim an id yet.
        if (_inFlight.Values.Any(ticket => ticket.New.Customer == customer))
            return false;

        // What it has claimed has arrived then, so an id that is not known there was never seen. Only an answer to a claim changes it yet.
        if (!erasure.IsSettled || (_slots.TryGetValue(customer, out var slot) && (slot.IsDirty || slot.IsQueued)))
        {
            var head = _head;
            await FlushAsync().WaitAsync(_stopping.Token);
            await UntilAsync(() => Task.FromResult(_outgoing.Count == 0 || _outgoing.Peek().Offset >= head));
            erasure.IsSettled = true;
        }

        var snapshot = (await journal.ReadSnapshotsAsync(_partition, [customer], _stopping.Token))[0];
        if (snapshot is null)
            return true;
        var state = SnapshotCodec.Decode(snapshot.State);
        var tenant = CustomerKey.Parse(customer).Tenant;
        string[] OthersOf(LinkStatus status) => [.. state.Identities.Where(link => link.Status == status).Select(link => tenant + "/" + link.Id)];

        var linked = OthersOf(LinkStatus.Linked);
        var pending = OthersOf(LinkStatus.Pending);
        var isDone = pending.Length == 0;
        if (!isDone && ++erasure.Waits > ClaimWaitsMax)
            (linked, isDone) = ([.. linked, .. pending], true);
        if (state.LinkedTo.Length > 0)
            isDone &= await AskAsync(state.LinkedTo, async p => (await p.EraseAsync(state.LinkedTo, isAwaited: false)).Status != EraseStatus.Unavailable);
        foreach (var other in linked)
            isDone &= await AskAsync(other, async p => (await p.EraseAsync(other, isAwaited: false)).Status is EraseStatus.Done or EraseStatus.NotFound);
        foreach (var other in OthersOf(LinkStatus.Refused))
            isDone &= await AskAsync(other, p => p.ForgetClaimantsAsync(other, [customer, .. linked]));
        return isDone;
    }

    /// <returns>False when the partition of the other customer cannot be reached as well.</returns>
    private async Task<bool> AskAsync(string other, Func<IPartitionGrain, Task<bool>> ask)
    {
        var partition = PartitionOf(other);
        try
        {
            // Not longer than this activation lives: one that asks its own partition would wait for its successor, which waits for its end.
            return await ask(GrainFactory.GetGrain<IPartitionGrain>(partition)).WaitAsync(_stopping.Token);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or InvalidOperationException)
        {
            LogUnreachable(_partition, "partition " + partition, 1, exception.GetType().Name);
            return false;
        }
    }

    public async Task<bool> ForgetClaimantsAsync(string customer, string[] claimants)
    {
        await _recovered.Task;
        if (_isFailed)
            return false;
        try
        {
            var head = _head;
            await FlushAsync();
            if (_outgoing.Count > 0 && _outgoing.Peek().Offset < head)
                return false; // a refusal may be among them
            var offsets = await OffsetsOfAsync(customer);
            foreach (var page in offsets.Chunk(BlankPage))
            {
                var redacted = (await journal.ReadAtAsync(_partition, page, _stopping.Token))
                    .Select(entry => entry is null ? null : WithoutClaimant(entry, claimants)).OfType<Entry>().ToArray();
                if (redacted.Length > 0)
                    await journal.RedactAsync(_partition, _epoch, redacted, _stopping.Token);
            }

            return true;
        }
        catch (JournalException exception)
        {
            NoteNoAnswer(exception);
            return false;
        }
    }

    /// <returns>The entry with the tombstone of who claims there; null when it is no claim of one of these.</returns>
    private Entry? WithoutClaimant(Entry entry, string[] claimants)
    {
        if (entry.Type != EntryTypes.IdentityClaim)
            return null;
        var tenant = CustomerKey.Parse(entry.Customer).Tenant;
        var claimant = IdentityClaim.ClaimantOf(tenant, entry.Payload);
        return Array.IndexOf(claimants, claimant) < 0
            ? null
            : entry with { Payload = IdentityClaim.Redact(entry.Payload, CustomerKey.Erased(tenant, PartitionOf(claimant), _erased.HashOf(claimant).ToString("N"))) };
    }

    /// <returns>Where the entry stands.</returns>
    private async Task<long> AppendAsync(string customer, Guid id, string type, long timeMs, byte[] payload)
    {
        var response = await Enqueue([new NewEntry(customer, id, type, timeMs, payload)]).Answer.WaitAsync(_stopping.Token);
        return response.Status == AppendStatus.Done
            ? response.Offsets[0]
            : throw new OperationCanceledException("The partition is being reloaded.", _stopping.Token);
    }

    private async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var wait = ErasureRetryMin;
        while (!await isSo())
        {
            await Task.Delay(wait, time, _stopping.Token);
            wait = wait * 2 < ErasureRetryMax ? wait * 2 : ErasureRetryMax;
        }
    }

    private async Task<long[]> OffsetsOfAsync(string customer)
    {
        const int StrandPage = 100;
        var offsets = new List<long>();
        var before = long.MaxValue;
        while (true)
        {
            var strands = await journal.ReadStrandsAsync(_partition, customer, before, StrandPage, _stopping.Token);
            foreach (var strand in strands)
                offsets.AddRange(strand.Offsets);
            if (strands.Length < StrandPage)
                break;
            before = strands[^1].Offsets[^1];
        }

        offsets.Sort();
        return [.. offsets];
    }

    /// <returns>False when the customer is waiting for a flush once more, as after a new program: that comes first.</returns>
    private async Task<bool> PutTombstoneAsync(Erasure erasure, long requested, long[] offsets)
    {
        await FlushAsync().WaitAsync(_stopping.Token);
        var pending = new PendingTombstone(erasure, requested, offsets);
        _tombstone = pending;
        Signal();
        return await pending.IsDone.Task.WaitAsync(_stopping.Token);
    }

    /// <summary>Between two applies, and only when no flush has anything to do with the customer.</summary>
    private async Task PutTombstoneAsync(PendingTombstone pending)
    {
        var (erasure, customer) = (pending.Erasure, pending.Erasure.Customer);
        _slots.TryGetValue(customer, out var slot);
        if (slot is { IsQueued: true } or { IsDirty: true })
        {
            pending.IsDone.TrySetResult(false);
            return;
        }

        try
        {
            await journal.EraseAsync(await TombstoneOfAsync(pending), CancellationToken.None);
        }
        catch (Exception exception) when (exception is JournalCorruptException or JournalFullException or InvalidOperationException)
        {
            pending.IsDone.TrySetException(exception);
            return;
        }

        var row = Array.Find(await journal.ReadErasuresAsync(_partition, CancellationToken.None), r => r.Hash == erasure.Hash)
            ?? throw new InvalidOperationException("The journal has lost an erasure.");
        if (slot is not null)
            Forget(slot);
        _armed.Remove(customer);
        _waking.Remove(customer);
        _waitingForQuiet.Remove(customer);
        _faults.RemoveWhere(fault => fault.Customer == customer);
        slot?.Profile = null;
        erasure.Become(row);
        pending.IsDone.TrySetResult(true);
    }

    /// <summary>The request as it will be stored, with what remains in it, and the state that it alone folds to.</summary>
    private async Task<ErasureWrite> TombstoneOfAsync(PendingTombstone pending)
    {
        var (erasure, customer) = (pending.Erasure, pending.Erasure.Customer);
        var snapshot = (await journal.ReadSnapshotsAsync(_partition, [customer], CancellationToken.None))[0];
        var request = (await journal.ReadAtAsync(_partition, [pending.Requested], CancellationToken.None))[0];
        if (snapshot is null || request is null || SnapshotCodec.Decode(snapshot.State).Remains is not { } remains)
            throw new InvalidOperationException("An erased customer has no tombstone.");
        var key = CustomerKey.Erased(CustomerKey.Parse(customer).Tenant, _partition, erasure.Hash).ToString();
        var entry = request with { Customer = key, Payload = Tombstone.PayloadOf(remains) };
        var state = CustomerState.Create(key);
        CustomerFold.Apply(state, entry, ProgramDocument.Default, new FoldOutput());
        return new ErasureWrite(
            _partition, _epoch, erasure.Hash, customer, entry, SnapshotCodec.Encode(state), pending.Offsets, alert => AlertRenderer.Erase(alert));
    }

    private static Guid DoneId(Erasure erasure)
    {
        Span<byte> scratch = stackalloc byte[128];
        return StableHash.Start(scratch).Add(EntryTypes.ErasureDone).Add(erasure.Hash).FinishGuid();
    }

    private void AbandonErasures()
    {
        foreach (var erasure in _erasures)
            erasure.Abandon();
        _tombstone?.IsDone.TrySetResult(false);
    }

    [LoggerMessage(20, LogLevel.Information, "Partition {Partition} has erased a customer, receipt {Receipt}")]
    private partial void LogErased(int partition, string receipt);

    [LoggerMessage(21, LogLevel.Error, "An erasure of partition {Partition} cannot go on, receipt {Receipt}")]
    private partial void LogErasureFailed(Exception exception, int partition, string receipt);

    private sealed record PendingTombstone(Erasure Erasure, long Requested, long[] Offsets)
    {
        public TaskCompletionSource<bool> IsDone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
