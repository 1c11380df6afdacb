namespace OrleansCrm.Server.Offers;

/// <summary>How offers reach customers' pages.</summary>
internal sealed class OfferPushOptions
{
    /// <summary>
    /// Connections of all customers in this process. Default 10,000: some 10 KB each, and a tenth of what the process takes altogether. Range
    /// 1 to 1,000,000.
    /// </summary>
    public int ConnectionsMax { get; set; } = 10_000;

    /// <summary>Connections of one customer: pages that are open at once. Default 10. Range 1 to 1,000.</summary>
    public int CustomerConnectionsMax { get; set; } = 10;

    public string? FindFault() => this switch
    {
        { ConnectionsMax: < 1 or > 1_000_000 } => "OfferPush:ConnectionsMax takes 1 to 1,000,000",
        { CustomerConnectionsMax: < 1 or > 1_000 } => "OfferPush:CustomerConnectionsMax takes 1 to 1,000",
        _ => null,
    };
}
