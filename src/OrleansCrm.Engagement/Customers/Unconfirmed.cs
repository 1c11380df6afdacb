using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Consent;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What a browser's key can say and not prove. Such an event stays in the history and changes nothing else: the server's own event of the
/// same order, refund or review counts by itself when it comes, so nothing has to be remembered of the claim.
/// </summary>
public static class Unconfirmed
{
    // What made-up purposes may take of the customer's bound: the rest stays for his own.
    private const int RecordsMax = Bounds.ConsentsMax / 2;

    /// <param name="entryType">The entry's type, with its origin.</param>
    /// <param name="eventName">The event's name as sent; null where it has none.</param>
    public static bool Is(string entryType, string? eventName) =>
        EntryTypes.IsFromBrowser(entryType) && eventName is not null && IsHeld(StorefrontEventNames.Of(eventName));

    /// <summary>The withdrawals: whoever holds a browser's key may take a consent back for a customer and give none.</summary>
    internal static List<ConsentChange> WithoutGrants(CustomerState state, List<ConsentChange> changes, in FoldStep step)
    {
        var withdrawals = changes.FindAll(c => !c.IsGranted && (state.Consents is null || state.Consents.Count < RecordsMax || IsKnown(state, c)));
        if (withdrawals.Count < changes.Count)
            step.Note("consent unconfirmed");
        return withdrawals;
    }

    private static bool IsKnown(CustomerState state, ConsentChange change) =>
        state.Consents!.Exists(r => r.Purpose == change.Purpose && r.Channel == change.Channel);

    internal static bool IsHeld(StorefrontEventName name) =>
        StorefrontEventNames.ConcernsOrder(name) || name is StorefrontEventName.ProductReviewed or StorefrontEventName.ReferralShared;
}
