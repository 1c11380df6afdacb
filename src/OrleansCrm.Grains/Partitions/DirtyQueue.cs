namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Customers that wait for a snapshot, longest-dirty first, and the oldest offset that any of them still needs. A customer that becomes
/// dirty again while it is being stored joins at the end with an older offset than its neighbours, so the minimum is kept beside the
/// queue: only offsets smaller than every later one can ever be it.
/// </summary>
internal sealed class DirtyQueue
{
    private readonly Queue<CustomerSlot> _slots = new();
    private readonly LinkedList<long> _minima = new();

    public int Count => _slots.Count;

    /// <summary>No customer in the queue needs an entry before this one; <see cref="long.MaxValue"/> when none is in it.</summary>
    public long OldestOffset => _minima.First?.Value ?? long.MaxValue;

    public CustomerSlot Peek() => _slots.Peek();

    public void Enqueue(CustomerSlot slot, long oldestOffset)
    {
        slot.QueuedOffset = oldestOffset;
        while (_minima.Last is { } last && last.Value > oldestOffset)
            _minima.RemoveLast();
        _minima.AddLast(oldestOffset);
        _slots.Enqueue(slot);
    }

    public CustomerSlot Dequeue()
    {
        var slot = _slots.Dequeue();
        if (_minima.First!.Value == slot.QueuedOffset)
            _minima.RemoveFirst();
        return slot;
    }
}
