using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// Kinds of customers that what is learned about offers is kept apart for. Few, so that each has data enough; numbers are stored and may only
/// grow.
/// </summary>
internal static class OfferBuckets
{
    private const byte New = 0;
    private const byte Active = 1;
    private const byte Loyal = 2;
    private const byte Leaving = 3;

    /// <summary>What they are called, by number.</summary>
    public static readonly string[] Words = ["new", "active", "loyal", "leaving"];

    public static string WordOf(byte bucket) => bucket < Words.Length ? Words[bucket] : Words[New];

    public static byte Of(CustomerState state) => state.Standing.Phase switch
    {
        Phase.Purchase or Phase.Bonding => Active,
        Phase.Loyalty or Phase.Advocacy => Loyal,
        Phase.Recapture or Phase.Lost => Leaving,
        _ => New,
    };
}
