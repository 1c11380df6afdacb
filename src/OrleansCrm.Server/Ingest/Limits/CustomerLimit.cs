namespace OrleansCrm.Server.Ingest.Limits;

/// <summary>
/// One bucket for each customer without remembering any: two tables of buckets, and a customer is over the limit when both of his are
/// spent. One bot shares a bucket with every 65,536th customer and both with hardly anyone, so it slows itself alone; a megabyte is enough
/// for any number of customers. The hash is seeded anew in every process: nobody can choose ids that meet a rival's buckets.
/// </summary>
internal sealed class CustomerLimit(Rate rate)
{
    private const int TableSize = 1 << 16;

    private readonly long[] _first = new long[TableSize];
    private readonly long[] _second = new long[TableSize];

    public bool IsOver(string customer, long now)
    {
        var hash = (uint)customer.GetHashCode();
        return rate.IsSpent(Volatile.Read(ref _first[hash & (TableSize - 1)]), now)
            && rate.IsSpent(Volatile.Read(ref _second[hash >> 16]), now);
    }

    public void Count(string customer, long now)
    {
        var hash = (uint)customer.GetHashCode();
        rate.Take(ref _first[hash & (TableSize - 1)], now, 1);
        rate.Take(ref _second[hash >> 16], now, 1);
    }

    /// <summary>Whole seconds until the customer's next event is taken, at least one.</summary>
    public int SecondsUntilToken(string customer, long now)
    {
        var hash = (uint)customer.GetHashCode();
        var fullAt = Math.Min(Volatile.Read(ref _first[hash & (TableSize - 1)]), Volatile.Read(ref _second[hash >> 16]));
        return rate.SecondsUntilToken(fullAt, now);
    }
}
