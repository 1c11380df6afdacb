using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private readonly DirtyQueue _dirty = new();
    private readonly FlushRound _round = new();
    private readonly EntryMarks _marks = new();

    private TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _flushing = Task.CompletedTask;
    private long _checkpoint;

    /// <summary>Since when the longest-dirty customer of the round was dirty; a monotonic timestamp.</summary>
    private long _roundSince;

    /// <summary>Somebody waits until everything before it is stored.</summary>
    private long _flushTarget;

    public async Task FlushAsync()
    {
        await _recovered.Task;
        var target = _head;
        _flushTarget = Math.Max(_flushTarget, target);
        while (!_isFailed && _checkpoint < target)
        {
            var flushed = _flushed.Task;
            Signal();
            await flushed;
            if (_foundFullAt is not null && _checkpoint < target)
                throw new InvalidOperationException("The journal has no room.");
        }

        if (_isFailed)
            throw new InvalidOperationException("The partition is being reloaded.");
    }

    /// <summary>What counts more than an even pace: somebody waits, a restart would have much to replay, or memory is short.</summary>
    private bool IsFlushPressing =>
        _checkpoint < _flushTarget || _head - _checkpoint > options.ReplayEntriesMax / 2 || (_unpacked > 2 * UnpackedMax && _dirty.Count > 0);

    private bool IsFlushDue =>
        _flushing.IsCompletedSuccessfully && MayTryForRoom
        && (IsFlushPressing || (_round.IsOver
            ? _dirty.Count > 0 && time.GetElapsedTime(_dirty.Peek().Since) >= options.FlushAge
            : _round.IsDue(time.GetElapsedTime(_round.Began), options.FlushAge / 2)));

    private long StoredMs => !_isReady ? 0
        : !_round.IsOver || !_flushing.IsCompletedSuccessfully ? WallTimeOf(_roundSince)
        : _dirty.Count > 0 ? WallTimeOf(_dirty.Peek().Since)
        : NowMs;

    private long WallTimeOf(long timestamp) => NowMs - (long)time.GetElapsedTime(timestamp).TotalMilliseconds;

    private void MarkDirty(CustomerSlot slot, long offset, Guid messageId)
    {
        _marks.Add(ref slot.Uncovered, offset, messageId);
        Queue(slot);
    }

    /// <summary>Where this message stands among the entries that no stored snapshot covers; -1 when it is none of them.</summary>
    private long FindUncovered(CustomerSlot slot, Guid messageId) =>
        _marks.Find(slot.Uncovered, messageId) is >= 0 and var offset ? offset : _marks.Find(slot.BeingCovered, messageId);

    private void Queue(CustomerSlot slot)
    {
        if (slot.IsQueued)
            return;
        slot.IsQueued = true;
        RestingList.Remove(slot);
        slot.Since = time.GetTimestamp();

        // One that is dirty on behalf of a partition-wide entry alone holds the checkpoint before the head until it is stored, or takes it back.
        var oldest = slot.Uncovered.IsEmpty ? _head - 1 : _marks.FirstOffset(slot.Uncovered);
        _dirty.Enqueue(slot, oldest);
        _checkpoint = Math.Min(_checkpoint, oldest);
    }

    /// <summary>Asks the next customers of the round for their states and writes them in one transaction. No apply is under way.</summary>
    private async Task StartFlushAsync()
    {
        if (_round.IsOver)
        {
            _roundSince = _dirty.Count > 0 ? _dirty.Peek().Since : time.GetTimestamp();
            _round.Begin(_dirty, time.GetTimestamp());
        }

        var slots = _round.Take(options.FlushCustomersMax);
        var leave = _unpacked > UnpackedMax;
        var states = await SnapshotsAsync(slots, leave);
        var snapshots = new SnapshotRow[slots.Length];
        var strands = new List<StrandRow>(slots.Length);
        for (var i = 0; i < slots.Length; i++)
        {
            var (slot, state) = (slots[i], states[i]);
            var covered = Math.Max(slot.StandsAt, slot.Judged);
            snapshots[i] = new SnapshotRow(slot.Customer, covered, state.State, slot.NextWakeMs, state.Import, state.Search, state.Sums);
            if (!slot.Uncovered.IsEmpty)
                strands.Add(StrandOf(slot.Customer, _marks.ToArray(slot.Uncovered)));

            // Everything committed has been judged between two applies, so this snapshot covers all of them.
            (slot.BeingCovered, slot.Uncovered) = (slot.Uncovered, default);
            if (leave)
                Pack(slot, PackedSnapshot.Pack(state.State));
        }

        // Whoever is still dirty holds the checkpoint; what is being committed right now stands at the head or behind it.
        var checkpoint = Math.Min(Math.Min(_dirty.OldestOffset, _round.OldestOffset), _head);
        var outbox = _outgoing.Count == 0 ? [] : _outgoing.Where(o => (o.Offset, o.Index).CompareTo(_stored) > 0).ToArray();
        var request = new FlushRequest(
            _partition, _epoch, checkpoint, snapshots, [.. strands], outbox, _delivered.Offset, _delivered.Index);
        _flushing = WriteFlushAsync(request, slots);
    }

    private static StrandRow StrandOf(string customer, EntryMark[] marks)
    {
        var (offsets, messages, hasOutcomes) = (new long[marks.Length], new Guid[marks.Length], false);
        for (var i = 0; i < offsets.Length; i++)
        {
            (offsets[i], messages[i]) = (marks[i].Offset, marks[i].MessageId);
            hasOutcomes |= marks[i].Outcomes is not null;
        }

        return new StrandRow(0, customer, offsets, messages, hasOutcomes ? StrandOutcomes.Encode([.. marks.Select(m => m.Outcomes)]) : []);
    }

    /// <param name="leaves">The states leave their grains with this.</param>
    private async Task<SnapshotResponse[]> SnapshotsAsync(CustomerSlot[] slots, bool leaves)
    {
        var states = new SnapshotResponse[slots.Length];
        List<Task>? late = null;
        for (var i = 0; i < slots.Length; i++)
        {
            // What leaves its grain is nowhere to be asked for until it is packed.
            if (!leaves && i > 0 && i % CustomersPerTurn == 0)
                await Task.Yield();
            var call = slots[i].Snapshot is null ? GrainOf(slots[i]).SnapshotAsync(slots[i].StandsAt, leaves) : null;
            if (call is { IsCompletedSuccessfully: true, Result.Status: CustomerStatus.Done })
                states[i] = call.Result;
            else
                (late ??= []).Add(FinishAsync(i, call));
        }

        if (late is not null)
            await Task.WhenAll(late);
        return states;

        async Task FinishAsync(int index, Task<SnapshotResponse>? call) => states[index] = await SnapshotAsync(slots[index], call, leaves);
    }

    private async Task<SnapshotResponse> SnapshotAsync(CustomerSlot slot, Task<SnapshotResponse>? call, bool leaves)
    {
        for (var attempt = 0; attempt < RebuildsMax; attempt++)
        {
            if (call is not null)
            {
                var response = await call;
                if (response.Status == CustomerStatus.Done)
                    return response;
                await RebuildAsync(slot);
            }

            if (slot.Snapshot is not null)
                await CatchUpAsync(slot);
            call = GrainOf(slot).SnapshotAsync(slot.StandsAt, leaves);
        }

        throw new InvalidOperationException("A customer's state could not be brought up to date.");
    }

    private async Task WriteFlushAsync(FlushRequest request, CustomerSlot[] slots)
    {
        var began = time.GetTimestamp();
        try
        {
            await journal.FlushAsync(request, CancellationToken.None);
            meter.Flushed(slots.Length, time.GetElapsedTime(began));
        }
        catch (JournalFullException exception)
        {
            TakeBack(slots);
            NoteFull(exception);
            return;
        }
        catch (JournalException)
        {
            Signal();
            throw;
        }

        // Whoever a sweep has made dirty meanwhile stands before it.
        _checkpoint = Math.Min(request.Checkpoint, Math.Min(_dirty.OldestOffset, _round.OldestOffset));
        for (var i = 0; i < slots.Length; i++)
        {
            var slot = slots[i];
            _marks.Free(ref slot.BeingCovered);
            slot.Covered = request.Snapshots[i].CoveredOffset;
            slot.IsQueued = false;
            if (slot.IsDirty)
                Queue(slot);
            else
                Rest(slot);
        }

        if (request.Outbox.Length > 0)
            _stored = (request.Outbox[^1].Offset, request.Outbox[^1].Index);
        FoundRoom();
        TellFlushed();
        EndSweep();
        if (_dirty.Count > 0 || !_round.IsOver)
            Signal();
    }

    /// <summary>They are as dirty as they were before the flush that could not be written.</summary>
    private void TakeBack(CustomerSlot[] slots)
    {
        foreach (var slot in slots)
        {
            (slot.Uncovered, slot.BeingCovered) = (_marks.Join(slot.BeingCovered, slot.Uncovered), default);
            slot.IsQueued = false;
            Queue(slot);
        }
    }

    private void TellFlushed()
    {
        var flushed = _flushed;
        _flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flushed.TrySetResult();
    }
}
