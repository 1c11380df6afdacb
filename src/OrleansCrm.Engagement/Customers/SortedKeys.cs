namespace OrleansCrm.Engagement.Customers;

/// <summary>A set of 64-bit hashes as one sorted array: natural keys are kept for ever, so eight bytes each is what they may cost.</summary>
internal sealed class SortedKeys
{
    private ulong[] _keys;

    public SortedKeys() => _keys = [];

    /// <param name="keys">Sorted, without repetition.</param>
    public SortedKeys(ulong[] keys)
    {
        _keys = keys;
        Count = keys.Length;
    }

    public int Count { get; private set; }

    public ReadOnlySpan<ulong> Keys => _keys.AsSpan(0, Count);

    public bool Contains(ulong key) => Keys.BinarySearch(key) >= 0;

    /// <summary>False when it is there already.</summary>
    public bool Add(ulong key)
    {
        var index = Keys.BinarySearch(key);
        if (index >= 0)
            return false;
        index = ~index;
        if (Count == _keys.Length)
            Array.Resize(ref _keys, Math.Max(2, Count + Count / 2));
        Array.Copy(_keys, index, _keys, index + 1, Count - index);
        _keys[index] = key;
        Count++;
        return true;
    }
}
