namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// How much one customer's state may hold. A change of any of these changes what histories mean, so they belong to the fold version
/// and are no options.
/// </summary>
internal static class Bounds
{
    /// <summary>Newest orders kept one by one; older ones become counts. A thousand leave any shop's customer whole and cost about 100 KB.</summary>
    public const int OrdersMax = 1_000;

    /// <summary>Orders that were refunded, cancelled or updated and have not been placed. More means that the sender never sends orders.</summary>
    public const int OrdersWaitingMax = 1_000;

    /// <summary>Priced lines kept per order, to price a refund that names products alone.</summary>
    public const int OrderLinesMax = 100;

    /// <summary>Earliest deliveries kept; the first one after the first order matters.</summary>
    public const int DeliveriesMax = 16;

    /// <summary>The most recently set traits are kept.</summary>
    public const int TraitsMax = 100;

    /// <summary>A trait of more bytes is left out.</summary>
    public const int TraitBytesMax = 2_048;

    /// <summary>Pairs of purpose and channel: ten purposes on ten channels. More means that a sender makes words up.</summary>
    public const int ConsentsMax = 100;

    /// <summary>Interactions shown with the profile; the whole timeline stands in the journal.</summary>
    public const int RecentMax = 20;

    /// <summary>Ledger lines kept in the state; totals cover all of them, the whole ledger stands in the journal.</summary>
    public const int LedgerLinesMax = 50;

    /// <summary>Terms of programs under which one customer bought.</summary>
    public const int TermsMax = 200;

    /// <summary>Points that are not for orders, kept one by one; the oldest are joined. A bonus a week for ten years.</summary>
    public const int CreditsMax = 500;

    /// <summary>Requests to spend points, kept one by one; the oldest are joined. One a week for five years.</summary>
    public const int RedemptionsMax = 250;

    /// <summary>Refused requests whose key still gets the same answer.</summary>
    public const int RefusalsMax = 64;

    /// <summary>Answers and reviews kept one by one; older ones become counts. A survey every two weeks for four years.</summary>
    public const int AnswersMax = 100;

    /// <summary>Refunds, failed payments, tickets and bad answers kept for the signals that count them; of more the oldest are no news.</summary>
    public const int SignalMarksMax = 100;

    /// <summary>Kinds of alert of which it is known that an agent has dealt with one: as many as a program may have.</summary>
    public const int HandledCasesMax = 30;
    /// <summary>Offers that one customer was shown; beyond them the one that was not shown for longest is forgotten.</summary>
    public const int OffersMax = 100;

    /// <summary>Parts of budgets and coupons that one customer holds or has used; beyond them the oldest is forgotten.</summary>
    public const int OfferHoldsMax = 50;

    /// <summary>Newest showings of one offer to one customer; what is older counts for nothing any more.</summary>
    public const int ExposuresMax = 20;

    /// <summary>Brought customers whose time is kept, to see how many came lately; the largest limit that a program can have.</summary>
    public const int ReferralsMax = 100;

    /// <summary>Policies whose answered cause is kept; twice as many as a program may have.</summary>
    public const int TriggerHistoriesMax = 40;

    /// <summary>Finished alerts that still answer to their id.</summary>
    public const int FinishedAlertsMax = 20;

    /// <summary>Notes of one alert: every change of it carries them all to every follower of the desk.</summary>
    public const int AlertNotesMax = 50;

    /// <summary>Agents of whom an alert remembers that they gave it back: more than work on one case, and who comes after that begins anew.</summary>
    public const int AlertPassesMax = 20;

    /// <summary>Orders named as evidence of an alert.</summary>
    public const int EvidenceMax = 5;

    /// <summary>
    /// Ids that one customer may have asked for. A person has a handful of browsers; a shared device or a script that makes up an id with
    /// every event would else grow the state without end.
    /// </summary>
    public const int IdentitiesMax = 100;

    /// <summary>Instants that may fall due before one entry; more can only be a rule that does not come to rest.</summary>
    public const int StepsMax = 1_000;

    /// <summary>From so many instants before one entry on, points pass over the rest in one step: a long silence after many orders.</summary>
    public const int PointsStepsMax = 500;
}
