using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Ownership;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Customers;

/// <summary>What a storefront event adds to the facts.</summary>
internal static class StorefrontFold
{
    /// <summary>How the summary of what concerns an order begins.</summary>
    public const string OrderWord = "order ";

    /// <returns>Whether the event can place an order.</returns>
    public static bool Apply(CustomerState state, ref FoldStep step)
    {
        var entry = step.Entry;
        var call = EntryTypes.CallOf(entry.Type);
        var isFromBrowser = EntryTypes.IsFromBrowser(entry.Type);
        var read = EventReader.Read(call, entry.Payload);
        var isHeld = isFromBrowser && Unconfirmed.IsHeld(read.Name);
        See(state, entry, ShowsInterest(call, read) && !isHeld, ref step);
        if (!isFromBrowser && read.Import != state.Import)
            state.Import = read.Import;

        if (call == EntryTypes.Identify && read.Traits.Length > 0)
        {
            Traits.Set(state, read.Traits, entry.TimeMs, isFromBrowser);
            step.FactsChanged |= !OwnerFold.IsSettled(state, step.Program);
        }

        AcquisitionFold.See(state, call, read, ref step);
        if (step.Program.Conditional is { Counted.Any: true } conditional)
        {
            // What was sent about the customer may be what a condition asks for.
            step.FactsChanged |= call == EntryTypes.Identify && read.Traits.Length > 0;
            if (call == EntryTypes.Track && !isHeld)
                conditional.Counted.See(state, read, ref step);
        }

        if (call == EntryTypes.Identify && !isFromBrowser)
        {
            Bonuses.SignUp(state, ref step);
            Referrals.See(state, Referrals.CodeIn(read.Traits), ref step);
            step.FactsChanged |= step.Program.Loyalty.Bonuses.Birthday > 0;
        }

        if (read.Consents is { Count: > 0 } consents)
            ChangeConsent(state, isFromBrowser ? Unconfirmed.WithoutGrants(state, consents, step) : consents, ref step);
        if (!isHeld)
            SignalFold.Apply(state, read, ref step);
        if (isHeld)
            step.Note("unconfirmed");
        else if (read.Name == StorefrontEventName.OrderDelivered)
            Deliver(state, entry.TimeMs, ref step);
        else if (read.Name is StorefrontEventName.ProductReviewed or StorefrontEventName.SurveyAnswered && read.Fault is null)
            FeedbackFold.Apply(state, read.Name, ref step);
        else if (read.Name == StorefrontEventName.ReferralShared)
            Referrals.Open(state, ref step);
        else if (StorefrontEventNames.ConcernsOrder(read.Name))
            OrderFold.Apply(state, read, ref step);
        if (read.ReferralCode.Length > 0 && read.Name == StorefrontEventName.OrderCompleted && !isHeld)
            Referrals.See(state, System.Text.Encoding.UTF8.GetString(read.ReferralCode), ref step);
        if (read.AnonymousId.Length > 0 || read.PreviousId.Length > 0)
            IdentityFold.Bind(state, read, ref step);

        RecentInteractions.Add(state, new RecentInteraction(entry.TimeMs, entry.Offset, TypeOf(entry.Type), NameOf(read), SummaryOf(read)));
        return !isHeld && StorefrontEventNames.PlacesOrder(read.Name);
    }

    private static bool ShowsInterest(string call, in StorefrontEvent read) =>
        call == EntryTypes.Identify || StorefrontEventNames.ShowsInterest(read.Name);

    private static void See(CustomerState state, Entry entry, bool isInterested, ref FoldStep step)
    {
        var isFirst = state.Events++ == 0;
        state.LastSeenMs = isFirst ? entry.TimeMs : Math.Max(state.LastSeenMs, entry.TimeMs);
        state.ActiveMonths.Add(entry.TimeMs);
        if (isFirst || entry.TimeMs < state.FirstSeenMs)
        {
            state.FirstSeenMs = entry.TimeMs;
            step.FactsChanged = true;
        }

        if (isInterested && (!state.HasOriented || entry.TimeMs < state.OrientedMs))
        {
            (state.HasOriented, state.OrientedMs) = (true, entry.TimeMs);
            step.FactsChanged = true;
        }
    }

    public static void Deliver(CustomerState state, long timeMs, ref FoldStep step)
    {
        var index = Array.BinarySearch(state.Deliveries, timeMs);
        if (index >= 0 || ~index == Bounds.DeliveriesMax)
            return;
        var kept = state.Deliveries.ToList();
        kept.Insert(~index, timeMs);
        state.Deliveries = [.. kept.Take(Bounds.DeliveriesMax)];
        step.FactsChanged = true;
    }

    private static void ChangeConsent(CustomerState state, List<ConsentChange> changes, ref FoldStep step)
    {
        if (changes.Count == 0)
            return;
        Consents.Set(state, changes, step.Entry.TimeMs, ref step);
        foreach (var change in changes)
            step.Note((change.IsGranted ? "consent granted " : "consent withdrawn ") + change.Purpose + " " + change.Channel);
        step.FactsChanged |= step.ConsentChanged;
    }

    // One instance for all states, whatever the journal's reader made.
    public static string TypeOf(string type) => type switch
    {
        EntryTypes.Identify => EntryTypes.Identify,
        EntryTypes.Page => EntryTypes.Page,
        EntryTypes.Screen => EntryTypes.Screen,
        EntryTypes.Group => EntryTypes.Group,
        EntryTypes.Alias => EntryTypes.Alias,
        EntryTypes.BrowserIdentify => EntryTypes.BrowserIdentify,
        EntryTypes.BrowserTrack => EntryTypes.BrowserTrack,
        EntryTypes.BrowserPage => EntryTypes.BrowserPage,
        EntryTypes.BrowserScreen => EntryTypes.BrowserScreen,
        EntryTypes.BrowserGroup => EntryTypes.BrowserGroup,
        EntryTypes.BrowserAlias => EntryTypes.BrowserAlias,
        _ => EntryTypes.Track,
    };

    private static string NameOf(in StorefrontEvent read) =>
        read.Name != StorefrontEventName.Other ? StorefrontEventNames.Text(read.Name) : RecentInteractions.NameOf(read.NameText);

    private static string SummaryOf(in StorefrontEvent read)
    {
        if (read.OrderId.Length == 0)
            return read.Product ?? "";
        var order = OrderWord + EventReader.Shortened(read.OrderId);
        var amount = read.Name == StorefrontEventName.OrderRefunded ? read.AmountMicros ?? read.Value : read.Value;
        return amount is { } micros ? order + ", " + (read.Currency is null ? "" : read.Currency + " ") + Rendering.Text(micros) : order;
    }
}
