using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// Which offers a customer may be shown, and which of them he is: drawn by how likely each is the best, seeded by the decision. Good until the
/// thread chooses again.
/// </summary>
internal sealed class OfferChoice
{
    /// <summary>A cart that grows click by click is followed so often within one hold; then the discount stays where it is.</summary>
    private const int HeldPartsMax = 20;

    [ThreadStatic]
    private static OfferVerdict[]? _verdictScratch;

    [ThreadStatic]
    private static List<int>? _eligibleScratch;

    /// <summary>Every offer of the program, in its order.</summary>
    public required OfferVerdict[] Verdicts { get; init; }

    /// <summary>Places in <see cref="Verdicts"/> of those that are shown, first first.</summary>
    public required List<int> Shown { get; init; }

    public required byte Bucket { get; init; }

    /// <summary>What must be held of budgets before the offers may be seen.</summary>
    public List<BudgetTake> Takes { get; init; } = NoTakes;

    /// <summary>Codes that are made for the customer, of the offers that are shown.</summary>
    public List<CouponHold> Coupons { get; init; } = NoCoupons;

    private static readonly List<BudgetTake> NoTakes = [];

    private static readonly List<CouponHold> NoCoupons = [];

    public static readonly OfferChoice None = new() { Verdicts = [], Shown = [], Bucket = 0 };

    public static OfferChoice Of(
        CustomerState state, ProgramDocument program, DecisionQuestion question, DecisionTables tables, DecisionId? id, long nowMs, ulong[] exhausted)
    {
        if (program.Offers.Count == 0)
            return None;
        var (bucket, verdicts) = (OfferBuckets.Of(state), _verdictScratch);
        if (verdicts?.Length != program.Offers.Count)
            _verdictScratch = verdicts = new OfferVerdict[program.Offers.Count];
        var eligible = _eligibleScratch ??= [];
        eligible.Clear();
        for (var i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = new OfferVerdict(program.Offers[i], ReasonAgainst(program.Offers[i], state, program, question, nowMs, exhausted));
            if (verdicts[i].Reason.Length == 0)
                eligible.Add(i);
        }

        tables.Weigh(verdicts, eligible, bucket);
        var shown = id is { } named ? Draw(verdicts, eligible, question.Limit, named.Nonce) : Refuse(verdicts, eligible, "not_journaled");
        var takes = Hold(verdicts, shown, state, program, question, id, nowMs, exhausted);
        return new OfferChoice { Verdicts = verdicts, Shown = shown, Bucket = bucket, Takes = takes, Coupons = MakeCoupons(verdicts, shown, state, question, nowMs) };
    }

    public void WriteShown(Utf8JsonWriter json)
    {
        json.WriteStartArray("offers");
        foreach (var place in Shown)
        {
            var verdict = Verdicts[place];
            json.WriteStartObject();
            json.WriteString("offerId", verdict.Offer.Id);
            json.WriteString("kind", verdict.Offer.Kind);
            json.WriteString("title", verdict.Offer.Title);
            json.WritePropertyName("value");
            Rendering.WriteAmount(json, verdict.Offer.ValueMicros);
            Rendering.WriteProbability(json, "score", verdict.Score);
            json.WriteStartArray("reasons");
            json.WriteStringValue(verdict.IsLikeliest ? "likeliest_to_convert" : "explored");
            json.WriteEndArray();
            if (verdict.HeldUntilMs != 0)
                Rendering.WriteTime(json, "heldUntil", verdict.HeldUntilMs);
            if (verdict.DiscountMax is { } most)
                Rendering.WriteMoney(json, "maxDiscount", most.Micros, most.Currency);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public void Explain(Utf8JsonWriter json)
    {
        json.WriteStartArray("offers");
        foreach (var verdict in Verdicts)
        {
            json.WriteStartObject();
            json.WriteString("offerId", verdict.Offer.Id);
            json.WriteBoolean("eligible", verdict.IsEligible);
            json.WriteBoolean("shown", verdict.IsEligible && verdict.Reason.Length == 0);
            json.WriteStartArray("reasons");
            if (verdict.Reason.Length > 0)
                json.WriteStringValue(verdict.Reason);
            json.WriteEndArray();
            if (verdict.IsEligible)
            {
                Rendering.WriteProbability(json, "propensity", verdict.Odds.Propensity);
                json.WritePropertyName("exposures");
                Rendering.WriteRounded(json, Thousandths(verdict.Odds.Shown));
                json.WritePropertyName("conversions");
                Rendering.WriteRounded(json, Thousandths(verdict.Odds.Converted));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static double Thousandths(double value) => Math.Floor(value * 1_000 + 0.5) / 1_000;

    /// <returns>Empty when nothing speaks against it.</returns>
    private static string ReasonAgainst(
        Offer offer, CustomerState state, ProgramDocument program, DecisionQuestion question, long nowMs, ulong[] exhausted)
    {
        if (question.Only is { } only && !only.Contains(offer.Id))
            return "not_asked_for";
        if (offer.Placements.Count > 0 && !offer.Placements.Contains(question.Placement))
            return "placement";
        if (nowMs < offer.FromMs)
            return "not_started";
        if (offer.UntilMs != 0 && nowMs >= offer.UntilMs)
            return "ended";
        if (offer.When is { } when && !when.Holds(state, program, nowMs))
            return "condition";
        if (!Fits(offer.Cart, program, question) || (offer.CostsByCart && !CheckoutPoints.IsValued(program, question)))
            return "cart";
        if (offer.Purpose.Length > 0 && !Consents.IsGranted(state, program, offer.Purpose, offer.Channel))
            return "consent";
        if (offer.Coupon is not null && FindCoupon(state, question, offer, nowMs) is null)
            return "coupon";
        if (offer.Budget.IsLimited && Array.IndexOf(exhausted, offer.Key) >= 0 && (state.Offers?.HeldOf(offer.Key, nowMs).Parts ?? 0) == 0)
            return "budget";
        if (offer.ControlShareMicros > 0 && IsControl(offer, state))
            return "control_group";
        if (state.Offers?.Find(offer.Key) is not { } history)
            return "";
        if (offer.PerCustomer > 0 && history.Converted >= offer.PerCustomer)
            return "customer_cap";
        return offer.Frequency.Times > 0 && history.ShownSince(nowMs - offer.Frequency.Days * UtcDay.Ms) >= offer.Frequency.Times ? "frequency_cap" : "";
    }

    /// <summary>What was entered, or is made; who still has one that was made has that, or one part of a budget would stand for two codes.</summary>
    private static CouponHold? FindCoupon(CustomerState state, DecisionQuestion question, Offer offer, long nowMs)
    {
        foreach (var coupon in question.Coupons)
        {
            if (coupon.IsHeld && coupon.Offer == offer.Id)
                return coupon;
        }

        if (question.Grant is not null && state.Offers?.MadeFor(offer.Key, nowMs) is { } made)
            return new CouponHold(made.Code, CouponHold.Held, offer.Id, 0, made.UntilMs);
        return question.Grant is { } grant && offer.Coupon is { } rule
            ? new CouponHold(ReserveKeys.CodeOf(rule.Prefix, grant.CouponSeed ^ offer.Key), CouponHold.Held, offer.Id, 0, EndOf(grant, offer))
            : null;
    }

    private static List<CouponHold> MakeCoupons(OfferVerdict[] verdicts, List<int> shown, CustomerState state, DecisionQuestion question, long nowMs)
    {
        if (question.Grant is null)
            return NoCoupons;
        var made = new List<CouponHold>();
        foreach (var place in shown)
        {
            if (FindCoupon(state, question, verdicts[place].Offer, nowMs) is { } coupon)
                made.Add(coupon);
        }

        return made;
    }

    /// <summary>
    /// Says of what is shown until when the customer has it, and what has to be taken for that from budgets: what is held already is not taken
    /// again, and what a cart that has grown costs more is. Where that is not to be had, the discount is no more than what is held.
    /// </summary>
    private static List<BudgetTake> Hold(
        OfferVerdict[] verdicts, List<int> shown, CustomerState state, ProgramDocument program, DecisionQuestion question, DecisionId? id, long nowMs,
        ulong[] exhausted)
    {
        List<BudgetTake>? takes = null;
        foreach (var place in shown)
        {
            ref var verdict = ref verdicts[place];
            var offer = verdict.Offer;
            verdict.HeldUntilMs = FindCoupon(state, question, offer, nowMs)?.UntilMs ?? 0;
            if (!offer.Budget.IsLimited)
                continue;

            // A code that is made has a part of its own.
            var isMade = question.Grant is not null && offer.Coupon is not null && state.Offers?.MadeFor(offer.Key, nowMs) is null;
            var held = isMade ? default : state.Offers?.HeldOf(offer.Key, nowMs) ?? default;
            var untilMs = held.Parts > 0 ? held.UntilMs
                : question.Grant is { } grant ? EndOf(grant, offer)
                : UtcDay.CeilingSecond(nowMs) + offer.HoldSeconds * 1_000L;
            verdict.HeldUntilMs = Earlier(verdict.HeldUntilMs, untilMs);
            var missing = offer.CostOf(question.HasCart ? CheckoutPoints.InProgramCurrency(program, question) : 0) - held.Amount;
            if (missing > 0 && (held.Parts == 0 || (held.Parts < HeldPartsMax && Array.IndexOf(exhausted, offer.Key) < 0)))
            {
                (takes ??= []).Add(new BudgetTake(offer.Key, id!.Value.Nonce ^ offer.Key, missing, untilMs));
                held = held with { Amount = held.Amount + missing };
            }

            if (offer.Budget.AmountMicros > 0)
                verdict.DiscountMax = CheckoutPoints.InCartCurrency(program, question, held.Amount);
        }

        return takes ?? NoTakes;
    }

    private static long EndOf(OfferGrant grant, Offer offer) => offer.UntilMs == 0 ? grant.UntilMs : Math.Min(grant.UntilMs, offer.UntilMs);

    private static long Earlier(long x, long y) => x == 0 ? y : Math.Min(x, y);

    private static bool Fits(CartRule rule, ProgramDocument program, DecisionQuestion question)
    {
        if (rule is { FromMicros: 0, UntilMicros: 0, Products: null or { Count: 0 } })
            return true;
        if (!question.HasCart)
            return false;
        var total = CheckoutPoints.InProgramCurrency(program, question);
        if (total < rule.FromMicros || (rule.UntilMicros > 0 && total > rule.UntilMicros))
            return false;
        if (rule.Products is not { Count: > 0 } products)
            return true;
        foreach (var line in question.Lines)
        {
            if (products.Contains(line.Sku))
                return true;
        }

        return false;
    }

    /// <summary>The same customer is in it for ever, whatever else changes.</summary>
    private static bool IsControl(Offer offer, CustomerState state) =>
        (long)(EventReader.HashOf(state.Key, offer.Id) % 1_000_000) < offer.ControlShareMicros;

    private static List<int> Draw(OfferVerdict[] verdicts, List<int> left, int limit, ulong seed)
    {
        var shown = new List<int>(Math.Min(limit, left.Count));
        var random = new SeededRandom(seed);
        while (left.Count > 0 && shown.Count < limit)
        {
            var (total, likeliest) = (0.0, left[0]);
            foreach (var place in left)
            {
                total += verdicts[place].Odds.Propensity;
                if (verdicts[place].Odds.Propensity > verdicts[likeliest].Odds.Propensity)
                    likeliest = place;
            }

            var until = random.Uniform() * total;
            var at = 0;
            while (at < left.Count - 1 && (until -= verdicts[left[at]].Odds.Propensity) > 0)
                at++;
            var chosen = left[at];
            left.RemoveAt(at);
            verdicts[chosen].Score = verdicts[chosen].Odds.Propensity / total;
            verdicts[chosen].IsLikeliest = chosen == likeliest;
            shown.Add(chosen);
            Exclude(verdicts, left, verdicts[chosen].Offer);
        }

        Refuse(verdicts, left, "limit");
        return shown;
    }

    private static void Exclude(OfferVerdict[] verdicts, List<int> left, Offer chosen)
    {
        for (var i = left.Count - 1; i >= 0; i--)
        {
            ref var other = ref verdicts[left[i]];
            other.Reason = !chosen.IsStackable || !other.Offer.IsStackable ? "not_stackable"
                : chosen.ExclusionGroup.Length > 0 && chosen.ExclusionGroup == other.Offer.ExclusionGroup ? "exclusion_group"
                : "";
            if (other.Reason.Length > 0)
                left.RemoveAt(i);
        }
    }

    private static List<int> Refuse(OfferVerdict[] verdicts, List<int> places, string reason)
    {
        foreach (var place in places)
            verdicts[place].Reason = reason;
        return [];
    }
}

/// <summary>What became of one offer in a decision.</summary>
internal struct OfferVerdict(Offer offer, string reason)
{
    public readonly Offer Offer = offer;

    /// <summary>Whether the customer might have been shown it.</summary>
    public readonly bool IsEligible = reason.Length == 0;

    /// <summary>Why it is not shown; empty for one that is.</summary>
    public string Reason = reason;

    public OfferOdds Odds;

    /// <summary>The probability with which it was drawn where it stands.</summary>
    public double Score;

    public bool IsLikeliest;

    /// <summary>Until when the customer has it for certain; 0 where it cannot run out.</summary>
    public long HeldUntilMs;

    /// <summary>What is held of a budget of an amount; null for no such budget.</summary>
    public (long Micros, string Currency)? DiscountMax;
}

/// <summary>What was taken from the tables.</summary>
/// <param name="Propensity">The probability to be drawn first among all that are eligible.</param>
internal readonly record struct OfferOdds(double Propensity, double Shown, double Converted);
