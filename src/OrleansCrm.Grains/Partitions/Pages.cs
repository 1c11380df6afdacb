namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Values that are named by their places, which count from 1. There is always room for one more, made a page at a time: an array that doubles
/// would be half empty, and lie with its predecessors among the large objects, where the collector leaves gaps.
/// </summary>
internal sealed class Pages<T>
    where T : struct
{
    private const int PageBits = 8;
    private const int PageMask = (1 << PageBits) - 1;

    private T[][] _pages = [new T[1 << PageBits]];
    private int _taken;

    public ref T this[int place] => ref _pages[(place - 1) >> PageBits][(place - 1) & PageMask];

    /// <summary>The next place that was never taken.</summary>
    public int Take()
    {
        var page = _taken >> PageBits;
        if (page == _pages.Length)
            Array.Resize(ref _pages, 2 * page);
        _pages[page] ??= new T[1 << PageBits];
        return ++_taken;
    }

    /// <summary>Whether there is more room than one page.</summary>
    public bool IsLarge => _pages.Length > 1;

    /// <summary>Gives all places back, and the room of all pages but the first.</summary>
    public void Clear()
    {
        _pages = [_pages[0]];
        Array.Clear(_pages[0]);
        _taken = 0;
    }
}
