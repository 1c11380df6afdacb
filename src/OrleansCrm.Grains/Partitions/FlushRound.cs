namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// The longest-dirty customers of one moment, to be written chunk by chunk in the order of the key: neighbours share pages, where the order
/// in which they became dirty touches a page of its own for nearly every row (measured: less than half the writing). Chunks keep an even
/// pace, so that commits never find the database busy with one long flush.
/// </summary>
internal sealed class FlushRound
{
    /// <summary>Sorting that many takes tens of milliseconds, for which commits wait.</summary>
    private const int SlotsMax = 1 << 16;

    private readonly List<CustomerSlot> _slots = [];
    private long _oldestOffset;
    private int _taken;

    /// <summary>Monotonic timestamp.</summary>
    public long Began { get; private set; }

    public bool IsOver => Left == 0;

    /// <summary>Customers that are not in a chunk yet.</summary>
    public int Left => _slots.Count - _taken;

    /// <summary>No customer that is left needs an entry before this one; <see cref="long.MaxValue"/> when the round is over.</summary>
    public long OldestOffset => IsOver ? long.MaxValue : _oldestOffset;

    public void Begin(DirtyQueue dirty, long now)
    {
        _slots.Clear();
        _taken = 0;
        _oldestOffset = dirty.OldestOffset;
        Began = now;
        while (dirty.Count > 0 && _slots.Count < SlotsMax)
            _slots.Add(dirty.Dequeue());
        _slots.Sort(static (a, b) => string.CompareOrdinal(a.Customer, b.Customer));
    }

    /// <summary>Whether the next chunk's turn has come when the whole round takes <paramref name="spread"/>.</summary>
    public bool IsDue(TimeSpan elapsed, TimeSpan spread) => elapsed * _slots.Count >= spread * _taken;

    public CustomerSlot[] Take(int max)
    {
        var chunk = _slots.Slice(_taken, Math.Min(max, _slots.Count - _taken)).ToArray();
        _taken += chunk.Length;
        return chunk;
    }
}
