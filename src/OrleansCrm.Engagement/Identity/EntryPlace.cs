using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Identity;

/// <summary>
/// Where an entry stands that a fact came from: an offset in the customer's own partition, or, of what came with another id, offset and
/// partition in one number.
/// </summary>
internal static class EntryPlace
{
    private const int OffsetBits = 48;

    /// <param name="place">An offset, or what was a place to the former owner.</param>
    public static long Of(int partition, long place) => place >> OffsetBits == 0 ? (partition + 1L) << OffsetBits | place : place;

    public static EntryId ToId(CustomerState state, long place) =>
        place >> OffsetBits == 0 ? new EntryId(state.Partition, place) : new EntryId((int)(place >> OffsetBits) - 1, place & ((1L << OffsetBits) - 1));
}
