namespace OrleansCrm.Contracts.Entries;

/// <summary>The words that stand in an entry's type. Stored: a word never changes its meaning.</summary>
public static class EntryTypes
{
    // What a storefront sends, named as in Segment's tracking format.
    public const string Identify = "identify";
    public const string Track = "track";
    public const string Page = "page";
    public const string Screen = "screen";
    public const string Group = "group";
    public const string Alias = "alias";

    // The same calls, sent with a key that anybody can read in a page: see IsFromBrowser.
    public const string BrowserIdentify = BrowserPrefix + Identify;
    public const string BrowserTrack = BrowserPrefix + Track;
    public const string BrowserPage = BrowserPrefix + Page;
    public const string BrowserScreen = BrowserPrefix + Screen;
    public const string BrowserGroup = BrowserPrefix + Group;
    public const string BrowserAlias = BrowserPrefix + Alias;

    private const string BrowserPrefix = "browser.";

    /// <summary>An instant that the customer's state wanted to be woken at has come.</summary>
    public const string Wake = "wake";

    // Commands of agents, judged by the fold.
    public const string AlertClaim = "alert.claim";
    public const string AlertRelease = "alert.release";
    public const string AlertResolve = "alert.resolve";
    public const string AlertSnooze = "alert.snooze";
    public const string AlertNote = "alert.note";
    public const string AlertAssign = "alert.assign";

    /// <summary>The server itself gives an alert to an agent, or back to its desk.</summary>
    public const string AlertDispatch = "alert.dispatch";

    /// <summary>A word on whose customer it is.</summary>
    public const string CustomerOwner = "customer.owner";

    // Commands about points, judged by the fold.
    public const string RedemptionHold = "redemption.hold";
    public const string RedemptionCommit = "redemption.commit";
    public const string RedemptionCancel = "redemption.cancel";
    public const string PointsAdjust = "points.adjust";
    public const string PointsTransfer = "points.transfer";

    /// <summary>The customer's points go to another one's pool from now on, or no longer.</summary>
    public const string HouseholdJoin = "household.join";

    // What a giver and a receiver tell each other. Only partitions write them.
    public const string PointsGiven = "points.given";
    public const string PointsReturned = "points.returned";

    /// <summary>Somebody asks for the customer's referral code.</summary>
    public const string ReferralOpen = "referral.open";

    // What a friend and who brought him tell each other. Only partitions write them.
    public const string ReferralStands = "referral.stands";
    public const string ReferralAccepted = "referral.accepted";

    /// <summary>A person puts the customer into a phase.</summary>
    public const string PhaseForce = "phase.force";

    /// <summary>What the customer was offered; nobody waits until it is journaled.</summary>
    public const string DecisionMade = "decision.made";

    /// <summary>What a policy of the program has offered the customer. Only partitions write it.</summary>
    public const string DecisionTriggered = "decision.triggered";

    /// <summary>Of the budget of what a policy would offer there was nothing just now: the customer's fold asks again. Only partitions write it.</summary>
    public const string TriggerWaits = "trigger.waits";

    // A slice of an offer's budget, judged by its fold; see OrleansCrm.Engagement.Reserves.
    public const string BudgetTake = "budget.take";
    public const string BudgetRelease = "budget.release";

    // What customers, slices and budgets tell each other. Only partitions write them.
    public const string BudgetSpent = "budget.spent";
    public const string BudgetUnspent = "budget.unspent";
    public const string BudgetAsk = "budget.ask";
    public const string BudgetGrant = "budget.grant";
    public const string BudgetRecall = "budget.recall";
    public const string BudgetReturn = "budget.return";

    // A coupon, judged by its fold.
    public const string CouponIssued = "coupon.issued";
    public const string CouponHold = "coupon.hold";

    // What an order tells a coupon. Only partitions write them.
    public const string CouponUse = "coupon.use";
    public const string CouponUnuse = "coupon.unuse";

    // One person's two ids, told from customer to customer; see OrleansCrm.Engagement.Identity. Only partitions write them.
    public const string IdentityClaim = "identity.claim";
    public const string IdentityHandover = "identity.handover";
    public const string IdentityRefused = "identity.refused";
    public const string IdentityForwarded = "identity.forwarded";
    public const string IdentityMoved = "identity.moved";

    /// <summary>An administrator's command to the customer who survives: another one is the same person.</summary>
    public const string IdentityMerge = "identity.merge";

    /// <summary>Turns the customer's state into a tombstone for good.</summary>
    public const string ErasureRequested = "erasure.requested";

    /// <summary>Nothing names the customer any more.</summary>
    public const string ErasureDone = "erasure.done";

    /// <summary>What remains of an entry of an erased customer: it has neither customer nor content, and everybody passes over it.</summary>
    public const string Erased = "erased";

    /// <summary>
    /// The customer's entries up to here were moved to an archive: it stands in the place of the last of them, with the state that they led to.
    /// </summary>
    public const string HistoryArchived = "history.archived";

    // Partition-wide: they belong to every customer of the partition.
    public const string ProgramPublished = "program.published";
    public const string ProgramSwept = "program.swept";
    public const string FoldRaised = "fold.raised";
    public const string ImportStarted = "import.started";
    public const string ImportRenewed = "import.renewed";
    public const string ImportEnded = "import.ended";

    /// <summary>Entries of the partition were moved to an archive file, which it names.</summary>
    public const string HistoryCompacted = "history.compacted";

    /// <summary>Whether it is what an agent, or the server in their name, does with an alert, which the payload names.</summary>
    public static bool IsAlertCommand(string type) =>
        type is AlertClaim or AlertRelease or AlertResolve or AlertSnooze or AlertNote or AlertAssign or AlertDispatch;

    /// <summary>Whether it was sent by another customer and not from outside.</summary>
    public static bool IsBetweenCustomers(string type) =>
        type is IdentityClaim or IdentityHandover or IdentityRefused or IdentityForwarded or IdentityMoved or ReferralStands or ReferralAccepted
            or PointsGiven or PointsReturned or BudgetSpent or BudgetUnspent or BudgetAsk or BudgetGrant or BudgetRecall or BudgetReturn
            or CouponUse or CouponUnuse;

    /// <summary>Whether it is what an id says to the customer who has claimed it.</summary>
    public static bool AnswersClaim(string type) => type is IdentityHandover or IdentityRefused;

    /// <summary>The type of a storefront's call by its name; null when it is none.</summary>
    public static string? FindCall(ReadOnlySpan<byte> utf8) => utf8.Length switch
    {
        4 when utf8.SequenceEqual("page"u8) => Page,
        5 when utf8.SequenceEqual("track"u8) => Track,
        5 when utf8.SequenceEqual("group"u8) => Group,
        5 when utf8.SequenceEqual("alias"u8) => Alias,
        6 when utf8.SequenceEqual("screen"u8) => Screen,
        8 when utf8.SequenceEqual("identify"u8) => Identify,
        _ => null,
    };

    /// <summary>
    /// Whether the entry came with a browser's key. Its sender can be anybody, so it proves no order, refund, review, referral or consent; the
    /// origin stands in the type because the payload is the sender's own.
    /// </summary>
    public static bool IsFromBrowser(string type) => type.StartsWith(BrowserPrefix, StringComparison.Ordinal);

    /// <summary>The type that a call has when it comes with a browser's key.</summary>
    /// <param name="call">One of the six calls of a storefront.</param>
    public static string FromBrowser(string call) => call switch
    {
        Identify => BrowserIdentify,
        Track => BrowserTrack,
        Page => BrowserPage,
        Screen => BrowserScreen,
        Group => BrowserGroup,
        Alias => BrowserAlias,
        _ => throw new ArgumentOutOfRangeException(nameof(call), call, "No call of a storefront."),
    };

    /// <summary>The call without its origin; every other type as it is.</summary>
    public static string CallOf(string type) => !IsFromBrowser(type) ? type : type switch
    {
        BrowserIdentify => Identify,
        BrowserTrack => Track,
        BrowserPage => Page,
        BrowserScreen => Screen,
        BrowserGroup => Group,
        BrowserAlias => Alias,
        _ => type,
    };

    /// <summary>Whether every customer of the partition has to fold it; an import's start and renewal concern the partition alone.</summary>
    public static bool IsFoldedByAll(string type) => type is ProgramPublished or FoldRaised;
}
