using Orleans;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Contracts.Decisions;

/// <summary>What a shop asks for.</summary>
/// <param name="Placement">One of <see cref="Placements"/>.</param>
/// <param name="Currency">Of the cart, three capital letters; empty for the program's.</param>
/// <param name="TotalMicros">What the cart costs in millionths; below 0 when there is no cart.</param>
/// <param name="Limit">Most offers and recommendations wanted.</param>
/// <param name="Coupons">What became of the codes that the customer has entered.</param>
/// <param name="Only">Ids of the offers that are thought of; null for all.</param>
/// <param name="Grant">How what can run out is given to who has not asked; null for a shop's question.</param>
[GenerateSerializer, Immutable, Alias("crm.decision-question")]
public sealed record DecisionQuestion(
    [property: Id(0)] string Placement,
    [property: Id(1)] string Currency,
    [property: Id(2)] long TotalMicros,
    [property: Id(3)] CartLine[] Lines,
    [property: Id(4)] int Limit,
    [property: Id(5)] CouponHold[] Coupons,
    [property: Id(6)] string[]? Only = null,
    [property: Id(7)] OfferGrant? Grant = null)
{
    public bool HasCart => TotalMicros >= 0;
}

/// <summary>Nobody enters a code for an offer that comes unasked: one is made.</summary>
/// <param name="UntilMs">Until when parts of budgets are held and codes are good, Unix milliseconds.</param>
/// <param name="CouponSeed">What codes are made of; of no meaning to who does not know the database's key.</param>
[GenerateSerializer, Immutable, Alias("crm.offer-grant")]
public sealed record OfferGrant(
    [property: Id(0)] long UntilMs,
    [property: Id(1)] ulong CouponSeed);

/// <summary>A code that was entered, or made for the customer.</summary>
/// <param name="Status"><c>held</c> for this customer, else why not.</param>
/// <param name="Offer">Id of the offer that it is good for; empty unless held.</param>
/// <param name="Holder">By whom, a hash that names nobody.</param>
/// <param name="UntilMs">Until when, Unix milliseconds.</param>
[GenerateSerializer, Immutable, Alias("crm.coupon-hold")]
public sealed record CouponHold(
    [property: Id(0)] string Code,
    [property: Id(1)] string Status,
    [property: Id(2)] string Offer,
    [property: Id(3)] ulong Holder,
    [property: Id(4)] long UntilMs)
{
    public const string Held = "held";

    public bool IsHeld => Status == Held;
}

/// <summary>A part of an offer's budget that a decision wants to hold for its customer.</summary>
/// <param name="Offer">Hash of the offer's id.</param>
/// <param name="Hold">What the hold is called.</param>
/// <param name="Amount">In the budget's unit: conversions, or millionths of the program's currency.</param>
[GenerateSerializer, Immutable, Alias("crm.budget-take")]
public sealed record BudgetTake(
    [property: Id(0)] ulong Offer,
    [property: Id(1)] ulong Hold,
    [property: Id(2)] long Amount,
    [property: Id(3)] long UntilMs);

/// <param name="Category">Empty where none is given.</param>
/// <param name="QuantityMicros">Millionths.</param>
/// <param name="PriceMicros">Of one, in millionths of the cart's currency.</param>
[GenerateSerializer, Immutable, Alias("crm.cart-line")]
public sealed record CartLine(
    [property: Id(0)] string Sku,
    [property: Id(1)] string Category,
    [property: Id(2)] long QuantityMicros,
    [property: Id(3)] long PriceMicros);

/// <summary>Where an answer will be shown.</summary>
public static class Placements
{
    public const string Checkout = "checkout";
    public const string Cart = "cart";
    public const string Home = "home";
    public const string AfterPurchase = "after_purchase";
    public const string WinBack = "win_back";

    public static readonly string[] All = [Checkout, Cart, Home, AfterPurchase, WinBack];
}

/// <param name="NamedAt">The offset in the decision's name; -1 when a partition is asked, which names it, and for one that is not journaled.</param>
/// <param name="ExpectedOffset">Where the customer's state must stand at least; of no meaning to a partition.</param>
/// <param name="NowMs">The request's time, Unix milliseconds.</param>
/// <param name="LimitMs">Until when the answer is wanted: later it has been answered without, and nothing is journaled.</param>
/// <param name="IsDegraded">Events that the decision should have seen are not through yet.</param>
/// <param name="Exhausted">Offers, by the hash of their id, of whose budget nothing is to be had; of no meaning to a partition, which knows.</param>
/// <param name="Opens">Whether somebody who was never seen is answered too; else he is <see cref="DecideStatus.NotFound"/>.</param>
/// <param name="Ask">What the customer's fold asks, where it is not a shop that does; the question is not looked at then, and the answer has a note alone.</param>
/// <param name="Nonce">The rest of the decision's name, with <paramref name="Partition"/>.</param>
/// <param name="CouponSeed">With <paramref name="Ask"/>: what a coupon's code is made of.</param>
[GenerateSerializer, Immutable, Alias("crm.decide")]
public sealed record DecideRequest(
    [property: Id(0)] string Customer,
    [property: Id(1)] long NamedAt,
    [property: Id(2)] long ExpectedOffset,
    [property: Id(3)] long NowMs,
    [property: Id(4)] long LimitMs,
    [property: Id(5)] bool Opens,
    [property: Id(6)] DecisionQuestion Question,
    [property: Id(7)] bool IsDegraded,
    [property: Id(8)] ulong[] Exhausted,
    [property: Id(9)] byte[]? Ask = null,
    [property: Id(10)] ulong Nonce = 0,
    [property: Id(11)] int Partition = 0,
    [property: Id(12)] ulong CouponSeed = 0)
{
    /// <summary>What the decision is called; null for one without a name.</summary>
    public DecisionId? Name => NamedAt < 0 ? null : new DecisionId(Partition, NamedAt, Nonce);
}

public enum DecideStatus : byte
{
    Unknown = 0,
    Done = 1,

    /// <summary>The state is absent or stands elsewhere.</summary>
    Behind = 2,

    NotFound = 3,

    /// <summary>The id belongs to another customer now: ask for <see cref="DecideResponse.MovedTo"/>.</summary>
    Moved = 4,

    Erased = 5,
    Unavailable = 6,
}

/// <param name="Made">UTF-8 JSON of what is journaled, with the answer in it: one buffer is made for both. Of the answer alone where nothing is.</param>
/// <param name="AnswerAt">Where the answer begins; 0 where nothing is journaled.</param>
/// <param name="Takes">What must be held before anybody may see the answer; a partition has done so.</param>
/// <param name="Coupon">What must be made before anybody may see it; null for nothing.</param>
[GenerateSerializer, Immutable, Alias("crm.decided")]
public sealed record DecideResponse(
    [property: Id(0)] DecideStatus Status,
    [property: Id(1)] byte[] Made,
    [property: Id(2)] int AnswerAt,
    [property: Id(3)] int AnswerLength,
    [property: Id(4)] string MovedTo,
    [property: Id(5)] BudgetTake[] Takes,
    [property: Id(6)] CouponHold? Coupon = null)
{
    public static readonly DecideResponse Behind = new(DecideStatus.Behind, [], 0, 0, "", []);

    public static readonly DecideResponse NotFound = new(DecideStatus.NotFound, [], 0, 0, "", []);

    public static readonly DecideResponse Erased = new(DecideStatus.Erased, [], 0, 0, "", []);

    public static readonly DecideResponse Unavailable = new(DecideStatus.Unavailable, [], 0, 0, "", []);

    /// <summary>UTF-8 JSON for the shop.</summary>
    public ReadOnlyMemory<byte> Answer => Made.AsMemory(AnswerAt, AnswerLength);

    /// <summary>What is journaled; empty for nothing.</summary>
    public byte[] Note => AnswerAt > 0 ? Made : [];
}

/// <param name="Entry">The decision's entry; null unless found.</param>
[GenerateSerializer, Immutable, Alias("crm.decision-found")]
public sealed record DecisionResponse([property: Id(0)] LookupStatus Status, [property: Id(1)] Entry? Entry)
{
    public static readonly DecisionResponse NotFound = new(LookupStatus.NotFound, null);

    public static readonly DecisionResponse Unavailable = new(LookupStatus.Unavailable, null);
}
