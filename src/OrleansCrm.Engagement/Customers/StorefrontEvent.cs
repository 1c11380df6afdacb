using OrleansCrm.Engagement.Consent;

namespace OrleansCrm.Engagement.Customers;

/// <summary>What the fold needs of one event; spans lie in the payload.</summary>
internal ref struct StorefrontEvent
{
    public StorefrontEventName Name;

    /// <summary>The event's name (track) or the page's (page, screen) as UTF-8; empty where there is none.</summary>
    public ReadOnlySpan<byte> NameText;

    /// <summary>The traits object as sent; empty where there is none.</summary>
    public ReadOnlySpan<byte> Traits;

    /// <summary>The import that the event belongs to, else empty.</summary>
    public string Import;

    /// <summary>Other ids that the sender gives for the person; empty where there is none.</summary>
    public ReadOnlySpan<byte> AnonymousId;
    public ReadOnlySpan<byte> PreviousId;

    /// <summary>Objects of the context that say where the contact came from, as sent; empty where there is none.</summary>
    public ReadOnlySpan<byte> Campaign;
    public ReadOnlySpan<byte> Referrer;
    public ReadOnlySpan<byte> Page;

    public ReadOnlySpan<byte> OrderId;
    public ReadOnlySpan<byte> RefundId;
    public ReadOnlySpan<byte> TicketId;
    public ReadOnlySpan<byte> ReferralCode;
    public ReadOnlySpan<byte> Coupon;
    public long? RevenueMicros;
    public long? TotalMicros;
    public long? AmountMicros;

    /// <summary>What an order was given off; null where nothing is said, or nothing that is a number.</summary>
    public long? DiscountMicros;
    public string? Currency;

    /// <summary>A short description of the product in question.</summary>
    public string? Product;

    /// <summary>Null where the event has no product list.</summary>
    public List<ProductLine>? Products;

    /// <summary>Null where the event is not about consent.</summary>
    public List<ConsentChange>? Consents;

    /// <summary>The first fault that was found; the fold leaves out what is at fault.</summary>
    public EventFault? Fault;

    /// <summary>Revenue, else total, else the sum of the products that have a price; null where nothing is stated.</summary>
    public readonly long? Value => RevenueMicros ?? TotalMicros ?? ProductsValue();

    private readonly long? ProductsValue()
    {
        if (Products is null)
            return null;
        long sum = 0;
        var priced = false;
        foreach (var line in Products)
        {
            if (line.PriceMicros is not { } price)
                continue;
            priced = true;
            sum = Money.Add(sum, Money.Times(price, line.QuantityMicros));
        }

        return priced ? Money.Bounded(sum) : null;
    }
}

/// <param name="Key">Hash of the product's id, 0 where it has none.</param>
/// <param name="QuantityMicros">Millionths; 1,000,000 where none is stated.</param>
internal readonly record struct ProductLine(ulong Key, long? PriceMicros, long QuantityMicros);
