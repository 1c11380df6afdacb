using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Reserves;

/// <summary>
/// One order uses a coupon. Whoever names it at the checkout holds it for a while, and nobody else has it meanwhile; the order uses it up, a
/// cancelled order gives it back.
/// </summary>
internal static class CouponFold
{
    public static void Apply(CustomerState state, CouponReserve coupon, JsonElement said, ref FoldStep step)
    {
        switch (step.Entry.Type)
        {
            case EntryTypes.CouponIssued:
                Issue(coupon, said, ref step);
                break;
            case EntryTypes.CouponHold:
                Hold(state, coupon, said.GetProperty("holder").GetUInt64(), ref step);
                break;
            case EntryTypes.CouponUse:
                Use(coupon, step.Entry.TimeMs, said.GetProperty("order").GetUInt64(), said.GetProperty("holder").GetUInt64(), ref step);
                break;
            case EntryTypes.CouponUnuse:
                if (coupon.Order == said.GetProperty("order").GetUInt64())
                    coupon.Order = 0;
                break;
            case EntryTypes.Wake:
                break;
            default:
                throw new UnknownEntryTypeException(step.Entry.Type);
        }
    }

    public static void Expire(CouponReserve coupon, long nowMs, ref FoldStep step)
    {
        if (coupon.EndsMs > 0 && coupon.EndsMs <= nowMs)
        {
            coupon.EndsMs = CouponReserve.Over;
            step.Note("coupon ended");
        }

        if (coupon.Holder == 0 || coupon.HeldUntilMs > nowMs)
            return;
        (coupon.Holder, coupon.HeldUntilMs) = (0, 0);
        step.Note("hold ended");
    }

    public static byte[] Render(CustomerState state, CouponReserve coupon, ProgramDocument program) => Rendering.Object(json =>
    {
        json.WriteString("code", ReserveKeys.CodeOfKey(state.Key));
        json.WriteString("offerId", OfferOf(state, coupon, program)?.Id);
        json.WriteString("status", coupon switch
        {
            { Order: not 0 } => "used",
            { EndsMs: CouponReserve.Over } => ReserveCodes.CouponExpired,
            { Holder: not 0 } => "held",
            _ => OfferOf(state, coupon, program) is null ? "unknown" : "free",
        });
        Rendering.WriteInstant(json, "heldUntil", coupon.Holder == 0 ? 0 : coupon.HeldUntilMs - SliceFold.GraceMs);
        if (coupon.EndsMs > 0)
            Rendering.WriteInstant(json, "validUntil", coupon.EndsMs - SliceFold.GraceMs);
    });

    private static Offer? OfferOf(CustomerState state, CouponReserve coupon, ProgramDocument program)
    {
        var offer = coupon.Offer != 0 ? BudgetFold.OfferOf(program, coupon.Offer) : program.FindCoupon(ReserveKeys.CodeOfKey(state.Key));
        return offer is { Coupon: not null } ? offer : null;
    }

    private static void Issue(CouponReserve coupon, JsonElement said, ref FoldStep step)
    {
        if (coupon.Offer == 0)
        {
            coupon.Offer = said.GetProperty("offer").GetUInt64();
            coupon.EndsMs = said.TryGetProperty("untilMs", out var untilMs) ? untilMs.GetInt64() + SliceFold.GraceMs : 0;
        }

        step.Answer("", "", []);
    }

    private static void Hold(CustomerState state, CouponReserve coupon, ulong holder, ref FoldStep step)
    {
        var offer = OfferOf(state, coupon, step.Program);
        var endsMs = coupon.EndsMs == 0 ? long.MaxValue : coupon.EndsMs - SliceFold.GraceMs;
        var refusal = offer is null ? ReserveCodes.CouponUnknown
            : coupon.Order != 0 ? ReserveCodes.CouponUsed
            : endsMs <= state.NewestMs ? ReserveCodes.CouponExpired
            : coupon.Holder != 0 && coupon.Holder != holder ? ReserveCodes.CouponHeld
            : "";
        if (refusal.Length > 0)
        {
            step.Answer(refusal, "", []);
            return;
        }

        var untilMs = Math.Min(endsMs, UtcDay.CeilingSecond(state.NewestMs) + offer!.HoldSeconds * 1_000L);
        (coupon.Holder, coupon.HeldUntilMs) = (holder, untilMs + SliceFold.GraceMs);
        step.Answer("", offer.Id, Rendering.Object(json => json.WriteNumber("untilMs", untilMs)));
    }

    private static void Use(CouponReserve coupon, long nowMs, ulong order, ulong holder, ref FoldStep step)
    {
        if (coupon.Order == order)
            return;
        var isOver = coupon.EndsMs == CouponReserve.Over || (coupon.EndsMs > 0 && coupon.EndsMs <= nowMs);
        if (coupon.Order != 0 || isOver || (coupon.Holder != 0 && coupon.Holder != holder))
        {
            step.Note("refused: " + (coupon.Order != 0 ? "used by another order" : isOver ? "no longer good" : "held by another customer"));
            return;
        }

        (coupon.Order, coupon.Holder, coupon.HeldUntilMs) = (order, 0, 0);
        step.Note("used");
    }
}
