using System.Text;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal;

/// <summary>What found customers are sorted by: by customer rising, by everything else falling, and customers of one value by customer.</summary>
public enum SearchOrder
{
    Customer,
    Risk,
    Revenue,
    Orders,
    LastSeen,
}

/// <summary>Customers of one tenant who have been seen and are nobody else's id.</summary>
/// <param name="Phase">And <paramref name="Tier"/>, <paramref name="Segment"/>, <paramref name="Campaign"/>, <paramref name="Owner"/>: empty for any.</param>
/// <param name="After">The last one of the page before; null from the start.</param>
/// <param name="Limit">At least 1.</param>
public sealed record CustomerSearch(
    string Tenant, string Phase, string Tier, long MinRiskMillionths, SearchOrder Order, FoundCustomer? After, int Limit, string Segment = "", string Campaign = "",
    string Owner = "")
{
    /// <summary>What stands in the column of whoever belongs to the segment; empty for any.</summary>
    internal string SegmentMark => Segment.Length == 0 ? "" : string.Concat(" ", Segment, " ");
}

/// <param name="Customer">Canonical key.</param>
public sealed record FoundCustomer(string Customer, SearchColumns Columns)
{
    /// <summary>What it is sorted by; 0 where that is the customer.</summary>
    public long ValueOf(SearchOrder order) => order switch
    {
        SearchOrder.Risk => Columns.RiskMillionths,
        SearchOrder.Revenue => Columns.RevenueMicros,
        SearchOrder.Orders => Columns.Orders,
        SearchOrder.LastSeen => Columns.LastSeenMs,
        _ => 0,
    };

    /// <summary>Joins what was found in several partitions.</summary>
    public static FoundCustomer[] Join(IEnumerable<FoundCustomer[]> found, SearchOrder order, int limit) =>
    [
        .. found.SelectMany(f => f)
            .OrderByDescending(f => f.ValueOf(order))
            .ThenBy(f => Encoding.UTF8.GetBytes(f.Customer), Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)))
            .Take(limit),
    ];
}
