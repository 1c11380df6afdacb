using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Signals;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Trials;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Everything that is known of one customer: facts, and what follows from them. Changed by <see cref="CustomerFold"/> alone, in place;
/// whoever meets an exception there throws the state away. No dictionaries and no sets, whose order would depend on history.
/// Not safe for two threads at once.
/// </summary>
public sealed class CustomerState
{
    private CustomerState(string key) => Key = key;

    public static CustomerState Create(string customerKey) => new(customerKey);

    /// <summary>Canonical key, <c>tenant/user:id</c>.</summary>
    public string Key { get; }

    /// <summary>The entry folded last, own or partition-wide; -1 for none.</summary>
    public long Offset { get; internal set; } = -1;

    /// <summary>How many own entries were folded.</summary>
    public long Version { get; internal set; }

    /// <summary>The customer's clock: the newest time of an own entry, Unix milliseconds; 0 while there is none.</summary>
    public long NewestMs { get; internal set; }

    /// <summary>When the state wants to be woken, Unix milliseconds in whole seconds; 0 for never. May lie in the past: then at once.</summary>
    public long NextWakeMs { get; internal set; }

    /// <summary>The import that the newest storefront event belongs to, else empty.</summary>
    public string Import { get; internal set; } = "";

    /// <summary>Offset of the publication whose program is in force; -1 for <see cref="Program.ProgramDocument.Default"/>.</summary>
    public long ProgramOffset { get; internal set; } = -1;

    /// <summary>What an erased customer leaves behind in the sums; null for one who was not erased. With it nothing else is kept.</summary>
    public MetricSum[]? Remains { get; internal set; }

    /// <summary>Whether no own entry has been folded.</summary>
    public bool IsEmpty => Version == 0;

    /// <summary>The partition of the own entries; -1 while there are none.</summary>
    internal int Partition { get; set; } = -1;

    /// <summary>Storefront events applied.</summary>
    internal long Events { get; set; }

    /// <summary>Earliest and newest time of a storefront event; meaningful when there are events.</summary>
    internal long FirstSeenMs { get; set; }

    internal long LastSeenMs { get; set; }

    /// <summary>The months with storefront events.</summary>
    internal MonthSet ActiveMonths;

    internal bool HasOriented { get; set; }

    /// <summary>Earliest time of an event that showed interest.</summary>
    internal long OrientedMs { get; set; }

    /// <summary>Earliest deliveries, rising.</summary>
    internal long[] Deliveries { get; set; } = [];

    /// <summary>By name.</summary>
    internal List<Trait>? Traits { get; set; }

    /// <summary>By purpose and channel.</summary>
    internal List<ConsentRecord>? Consents { get; set; }

    /// <summary>Orders that were placed, by time and key.</summary>
    internal OrderHistory? Orders { get; set; }

    /// <summary>Orders heard of and not placed, in the order in which they were heard of.</summary>
    internal List<Order>? WaitingOrders { get; set; }

    /// <summary>Placed orders too old to be kept one by one: their keys, and what they were as purchases.</summary>
    internal SortedKeys? ClosedOrders { get; set; }

    internal PurchaseScan ClosedPurchases;

    internal long ClosedReturnedMs { get; set; }

    internal SortedKeys? Refunds { get; set; }

    /// <summary>Orders placed and not cancelled.</summary>
    internal long OrderCount { get; set; }

    /// <summary>Revenue net of refunds and cancellations, by currency.</summary>
    internal List<CurrencyTotal>? Revenue { get; set; }

    internal PointsLedger? Ledger { get; set; }

    /// <summary>Answers to surveys, and reviews; null for none.</summary>
    internal FeedbackRecord? Feedback { get; set; }

    /// <summary>What was offered; null for nothing.</summary>
    internal OfferRecord? Offers { get; set; }

    /// <summary>What was offered without asking; null for nothing.</summary>
    internal TriggerRecord? Triggers { get; set; }

    /// <summary>What can run out, in a state that is nobody's; null in those of customers.</summary>
    internal Reserves.Reserve? Reserve { get; set; }

    /// <summary>Null while points are what the orders are worth; see <see cref="LoyaltyFold"/>.</summary>
    internal LoyaltyAccount? Loyalty { get; set; }

    /// <summary>What follows from the standing orders; see <see cref="PurchaseHistoryFold"/>.</summary>
    internal PurchaseScan Purchases;

    internal ChurnInstants Churn { get; set; }

    /// <summary>Null while nothing has happened that a signal is read from.</summary>
    internal SignalRecord? Signals { get; set; }

    /// <summary>Null for who was never drawn; see <see cref="TrialFold"/>.</summary>
    internal TrialRecord? Trials { get; set; }

    /// <summary>Newest time of an order, whatever became of it; 0 for none.</summary>
    internal long OrderedMs { get; set; }

    /// <summary>Follows from the orders, like <see cref="Purchases"/>.</summary>
    internal BuyingTrend Trend { get; set; }

    /// <summary>The latest order that brought the customer back from recapture or loss; 0 for none.</summary>
    internal long ReturnedMs { get; set; }

    /// <summary>Phase and churn status at <see cref="NewestMs"/>.</summary>
    internal Standing Standing { get; set; }

    /// <summary>Null while no contact has said where it came from.</summary>
    internal Acquisition? Acquisition { get; set; }

    /// <summary>The phase that a person has put the customer into last; null for none.</summary>
    internal ForcedPhase? Forced { get; set; }

    /// <summary>Null while the customer has neither been brought nor brought anybody.</summary>
    internal ReferralRecord? Referral { get; set; }

    /// <summary>When the first order of who was brought will have stood; 0 for never.</summary>
    internal long ReferralNextMs { get; set; }

    /// <summary>When the next birthday earns points; 0 for never.</summary>
    internal long BirthdayNextMs { get; set; }

    /// <summary>Names of the segments that the customer belongs to at <see cref="NewestMs"/>, sorted.</summary>
    internal string[] Segments { get; set; } = [];

    /// <summary>When time alone may change them next, in whole seconds; 0 for never.</summary>
    internal long SegmentsNextMs { get; set; }

    /// <summary>By name; null while the program's conditions count nothing.</summary>
    internal List<CountedTimes>? Counted { get; set; }

    /// <summary>At most one unfinished alert of each kind, and the latest finished ones, in the order in which they were raised.</summary>
    internal List<Alert>? Alerts { get; set; }

    /// <summary>The facts ask for another alert than there is, and the entry just folded was not one to raise or change it.</summary>
    internal bool IsAlertStale { get; set; }

    /// <summary>An agent has resolved an alert: none is raised until there is a purchase after this one.</summary>
    internal bool HasResolved { get; set; }

    internal long ResolvedPurchaseMs { get; set; }

    /// <summary>The agent whom a command has named as the customer's owner; empty while trait and rules decide.</summary>
    internal string GivenOwner { get; set; } = "";

    /// <summary>The agent whom the customer belongs to, by e-mail address; empty for nobody.</summary>
    internal string Owner { get; set; } = "";

    /// <summary>By time.</summary>
    internal List<RecentInteraction>? Recent { get; set; }

    /// <summary>Canonical key of the customer that this id was linked to; empty for one who is on his own.</summary>
    public string LinkedTo { get; internal set; } = "";

    /// <summary>Other ids of this person, and ids that were asked for and not got, in the order in which they were first seen here.</summary>
    public IReadOnlyList<LinkedIdentity> Identities => Links ?? (IReadOnlyList<LinkedIdentity>)[];

    internal List<LinkedIdentity>? Links { get; set; }

    /// <summary>Whether the customer belongs to the segment.</summary>
    internal bool IsIn(string segment)
    {
        foreach (var name in Segments)
        {
            if (string.Equals(name, segment, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Makes the state that of a customer of whom nothing is known but the place in the journal, the ledger, and the alerts that are over:
    /// those answer to their ids for ever.
    /// </summary>
    internal void ForgetFacts()
    {
        (Events, FirstSeenMs, LastSeenMs, ActiveMonths, Import) = (0, 0, 0, default, "");
        (HasOriented, OrientedMs, Deliveries, Traits, Consents, Recent) = (false, 0, [], null, null, null);
        (Orders, WaitingOrders, ClosedOrders, ClosedPurchases, ClosedReturnedMs, Refunds) = (null, null, null, default, 0, null);
        (Loyalty, Feedback, Offers, Triggers) = (null, null, null, null);
        (OrderCount, Revenue, Purchases, Churn, ReturnedMs) = (0, null, default, default, 0);
        (Segments, SegmentsNextMs, Counted, Acquisition) = ([], 0, null, null);
        (Signals, OrderedMs, Trend, Trials) = (null, 0, default, null);
        (Forced, BirthdayNextMs, Referral, ReferralNextMs) = (null, 0, null, 0);
        (IsAlertStale, HasResolved, ResolvedPurchaseMs, Links) = (false, false, 0, null);
        (GivenOwner, Owner) = ("", "");
    }

    /// <summary>Forgets everything but where it stands, for good.</summary>
    internal void Erase(MetricSum[] remains)
    {
        ForgetFacts();
        (Remains, LinkedTo, NextWakeMs, ProgramOffset) = (remains, "", 0, -1);
        (Ledger, Alerts, Standing) = (null, null, default);
    }

    /// <summary>Placed orders, to be read and neither kept nor changed.</summary>
    internal OrderReader ReadOrders() => Orders is null ? default : Orders.Read();

    /// <summary>Lets go of the objects that few ask for again: orders and ledger lines, of which there may be hundreds.</summary>
    internal void Pack()
    {
        Orders?.Pack();
        Ledger?.Pack();
    }

    /// <summary>
    /// Lets go of the same where little would have to be packed anew: by the time that the state is stored they would be old for the collector,
    /// who finds such objects dead only when memory has grown by them.
    /// </summary>
    internal void PackNew()
    {
        Orders?.PackNew();
        Ledger?.PackNew();
    }

    internal string Tenant => CustomerKey.TenantOf(Key);

    /// <summary>The customer's id as the sender knows it.</summary>
    internal string Id => Key[(Key.IndexOf(':') + 1)..];
}
