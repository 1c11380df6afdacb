namespace OrleansCrm.Engagement.Customers;

/// <summary>The names of the Segment e-commerce specification that mean something here; every other name is only counted.</summary>
internal enum StorefrontEventName : byte
{
    Other = 0,
    ProductViewed,
    ProductAdded,
    ProductRemoved,
    CartViewed,
    CheckoutStarted,
    CouponApplied,
    PaymentFailed,
    OrderCompleted,
    OrderUpdated,
    OrderShipped,
    OrderDelivered,
    OrderRefunded,
    OrderCancelled,
    ProductReviewed,
    SurveyAnswered,
    ConsentChanged,
    ReferralShared,
    TicketOpened,
    TicketClosed,
}

/// <summary>For those outside: the names that a storefront sends on purpose.</summary>
public static class StorefrontEvents
{
    private static readonly string[] CountedNames = ["Idea Submitted"];

    // Of these nothing is read yet but that they happened.
    private static readonly byte[][] Counted = Array.ConvertAll(CountedNames, System.Text.Encoding.UTF8.GetBytes);

    public static IReadOnlyList<string> Names { get; } = [.. StorefrontEventNames.All, .. CountedNames];

    public static bool IsKnown(ReadOnlySpan<byte> utf8)
    {
        if (StorefrontEventNames.Find(utf8) != StorefrontEventName.Other)
            return true;
        foreach (var name in Counted)
        {
            if (utf8.SequenceEqual(name))
                return true;
        }

        return false;
    }
}

internal static class StorefrontEventNames
{
    private static readonly string[] Texts =
    [
        "", "Product Viewed", "Product Added", "Product Removed", "Cart Viewed", "Checkout Started", "Coupon Applied", "Payment Failed",
        "Order Completed", "Order Updated", "Order Shipped", "Order Delivered", "Order Refunded", "Order Cancelled", "Product Reviewed",
        "Survey Answered", "Consent Changed", "Referral Shared", "Ticket Opened", "Ticket Closed",
    ];

    public static ReadOnlySpan<string> All => Texts.AsSpan(1);

    private static readonly byte[][] Utf8 = Array.ConvertAll(Texts, System.Text.Encoding.UTF8.GetBytes);

    public static StorefrontEventName Find(ReadOnlySpan<byte> utf8)
    {
        for (var i = 1; i < Utf8.Length; i++)
        {
            if (utf8.SequenceEqual(Utf8[i]))
                return (StorefrontEventName)i;
        }

        return StorefrontEventName.Other;
    }

    public static StorefrontEventName Of(string text) => (StorefrontEventName)Math.Max(0, Array.IndexOf(Texts, text));

    public static string Text(StorefrontEventName name) => Texts[(int)name];

    /// <summary>Whether the event shows a closer look than a mere visit.</summary>
    public static bool ShowsInterest(StorefrontEventName name) =>
        name is >= StorefrontEventName.ProductViewed and <= StorefrontEventName.OrderUpdated and not StorefrontEventName.CouponApplied;

    public static bool ConcernsOrder(StorefrontEventName name) =>
        name is >= StorefrontEventName.OrderCompleted and <= StorefrontEventName.OrderCancelled;

    /// <summary>Whether it can add a purchase; such an entry never raises an alert.</summary>
    public static bool PlacesOrder(StorefrontEventName name) =>
        name is StorefrontEventName.OrderCompleted or StorefrontEventName.OrderUpdated;
}
