using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private readonly DirtyQueue _dirty = new();

    private TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _flushing = Task.CompletedTask;
    private long _checkpoint;

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
        }

        if (_isFailed)
            throw new InvalidOperationException("The partition is being reloaded.");
    }

    private bool IsFlushDue =>
        _flushing.IsCompletedSuccessfully
        && (_checkpoint < _flushTarget || (_dirty.Count > 0 && time.GetElapsedTime(_dirty.Peek().DirtySince) >= options.FlushAge));

    private void MarkDirty(CustomerSlot slot, long offset, Guid messageId)
    {
        slot.DirtyOffsets.Add(offset);
        slot.DirtyIds.Add(messageId);
        Queue(slot);
    }

    private void Queue(CustomerSlot slot)
    {
        if (slot.IsQueued)
            return;
        slot.IsQueued = true;
        slot.DirtySince = time.GetTimestamp();

        // One that is dirty on behalf of a partition-wide entry alone holds the checkpoint before the head until it is stored.
        _dirty.Enqueue(slot, slot.DirtyOffsets.Count > 0 ? slot.DirtyOffsets[0] : _head - 1);
    }

    /// <summary>Asks the longest-dirty customers for their states and writes them in one transaction. No apply is under way.</summary>
    private async Task StartFlushAsync()
    {
        var slots = new List<CustomerSlot>();
        while (_dirty.Count > 0 && slots.Count < options.FlushCustomersMax)
            slots.Add(_dirty.Dequeue());

        // In the order of the key neighbours share pages: a flush in order of arrival touches a page of its own for nearly every row.
        slots.Sort(static (a, b) => string.CompareOrdinal(a.Customer, b.Customer));

        var states = await Task.WhenAll(slots.ConvertAll(SnapshotAsync));
        var snapshots = new List<SnapshotRow>(slots.Count);
        var strands = new List<StrandRow>(slots.Count);
        for (var i = 0; i < slots.Count; i++)
        {
            var (slot, state) = (slots[i], states[i]);
            var covered = Math.Max(slot.StandsAt, slot.Judged);
            snapshots.Add(new SnapshotRow(slot.Customer, covered, state.State, slot.NextWakeMs, state.Import, state.Search, state.Sums));
            if (slot.DirtyOffsets.Count > 0)
                strands.Add(new StrandRow(0, slot.Customer, [.. slot.DirtyOffsets], [.. slot.DirtyIds]));
        }

        // Whoever is still dirty holds the checkpoint; what is being committed right now stands at the head or behind it.
        var checkpoint = Math.Min(_dirty.OldestOffset, _head);
        var outbox = _outgoing.Where(o => (o.Offset, o.Index).CompareTo(_stored) > 0).ToArray();
        var request = new FlushRequest(
            _partition, _epoch, checkpoint, [.. snapshots], [.. strands], outbox, _delivered.Offset, _delivered.Index);
        _flushing = WriteFlushAsync(request, slots);
    }

    private async Task<SnapshotResponse> SnapshotAsync(CustomerSlot slot)
    {
        for (var attempt = 0; attempt < RebuildsMax; attempt++)
        {
            if (slot.Snapshot is not null)
                await CatchUpAsync(slot);
            var response = await slot.Grain.SnapshotAsync(slot.StandsAt);
            if (response.Status == CustomerStatus.Done)
                return response;
            await RebuildAsync(slot);
        }

        throw new InvalidOperationException("A customer's state could not be brought up to date.");
    }

    private async Task WriteFlushAsync(FlushRequest request, List<CustomerSlot> slots)
    {
        try
        {
            await journal.FlushAsync(request, CancellationToken.None);
        }
        catch (JournalException)
        {
            Signal();
            throw;
        }

        for (var i = 0; i < slots.Count; i++)
        {
            var slot = slots[i];
            var row = request.Snapshots[i];
            var covered = slot.DirtyOffsets.FindLastIndex(o => o <= row.CoveredOffset) + 1;
            slot.DirtyOffsets.RemoveRange(0, covered);
            slot.DirtyIds.RemoveRange(0, covered);
            slot.Covered = row.CoveredOffset;
            slot.IsQueued = false;
            if (slot.IsDirty)
                Queue(slot);
        }

        if (request.Outbox.Length > 0)
            _stored = (request.Outbox[^1].Offset, request.Outbox[^1].Index);
        _checkpoint = request.Checkpoint;
        var flushed = _flushed;
        _flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flushed.TrySetResult();
        EndSweep();
        if (_dirty.Count > 0)
            Signal();
    }
}
