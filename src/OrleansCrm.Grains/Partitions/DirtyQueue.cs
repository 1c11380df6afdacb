namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Customers that wait for a snapshot, longest-dirty first, and the oldest offset that any of them still needs. A customer that becomes
/// dirty again while it is being stored joins at the end with an older offset than its neighbours, so the minimum is kept beside the
/// queue: only offsets smaller than every later one can ever be it.
/// </summary>
internal sealed class DirtyQueue
{
    private readonly Queue<CustomerSlot> _slots = new();

    // A ring: nodes of a list would each outlive a few collections of garbage.
    private long[] _minima = new long[64];
    private int _first;
    private int _minimaCount;

    public int Count => _slots.Count;

    /// <summary>No customer in the queue needs an entry before this one; <see cref="long.MaxValue"/> when none is in it.</summary>
    public long OldestOffset => _minimaCount == 0 ? long.MaxValue : _minima[_first];

    public CustomerSlot Peek() => _slots.Peek();

    public void Enqueue(CustomerSlot slot, long oldestOffset)
    {
        slot.QueuedOffset = oldestOffset;
        while (_minimaCount > 0 && _minima[PlaceOf(_minimaCount - 1)] > oldestOffset)
            _minimaCount--;
        if (_minimaCount == _minima.Length)
            Widen();
        _minima[PlaceOf(_minimaCount++)] = oldestOffset;
        _slots.Enqueue(slot);
    }

    public CustomerSlot Dequeue()
    {
        var slot = _slots.Dequeue();
        if (_minima[_first] == slot.QueuedOffset)
            (_first, _minimaCount) = (PlaceOf(1), _minimaCount - 1);
        return slot;
    }

    private int PlaceOf(int index) => (_first + index) % _minima.Length;

    private void Widen()
    {
        var wider = new long[2 * _minima.Length];
        for (var i = 0; i < _minimaCount; i++)
            wider[i] = _minima[PlaceOf(i)];
        (_minima, _first) = (wider, 0);
    }
}
