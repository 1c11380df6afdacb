namespace OrleansCrm.Server.Benchmarks;

/// <summary>Memory of this process at a moment.</summary>
/// <param name="Count">Customers in it, or events it has taken.</param>
/// <param name="ResidentBytes">What the system has given it: heap, database caches, code, and what the collector keeps in reserve.</param>
/// <param name="HeapBytes">Managed objects; those alone that live when the mark was made with a collection.</param>
internal readonly record struct MemoryMark(long Count, long ResidentBytes, long HeapBytes)
{
    /// <param name="collects">Whether to collect garbage, after the resident memory is read.</param>
    public static MemoryMark Now(long count, bool collects)
    {
        var resident = Environment.WorkingSet;
        return new MemoryMark(count, resident, GC.GetTotalMemory(collects));
    }
}
