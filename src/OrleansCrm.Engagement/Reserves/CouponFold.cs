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
                coupon.Offer = coupon.Offer == 0 ? said.GetProperty("offer").GetUInt64() : coupon.Offer;
                step.Answer("", "", []);
                break;
            case EntryTypes.CouponHold:
                Hold(state, coupon, said.GetProperty("holder").GetUInt64(), ref step);
                break;
            case EntryTypes.CouponUse:
                Use(coupon, said.GetProperty("order").GetUInt64(), said.GetProperty("holder").GetUInt64(), ref step);
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
            { Holder: not 0 } => "held",
            _ => OfferOf(state, coupon, program) is null ? "unknown" : "free",
        });
        Rendering.WriteInstant(json, "heldUntil", coupon.Holder == 0 ? 0 : coupon.HeldUntilMs - SliceFold.GraceMs);
    });

    private static Offer? OfferOf(CustomerState state, CouponReserve coupon, ProgramDocument program)
    {
        var offer = coupon.Offer != 0 ? BudgetFold.OfferOf(program, coupon.Offer) : program.FindCoupon(ReserveKeys.CodeOfKey(state.Key));
        return offer is { Coupon: not null } ? offer : null;
    }

    private static void Hold(CustomerState state, CouponReserve coupon, ulong holder, ref FoldStep step)
    {
        var offer = OfferOf(state, coupon, step.Program);
        if (offer is null || coupon.Order != 0 || (coupon.Holder != 0 && coupon.Holder != holder))
        {
            step.Answer(offer is null ? ReserveCodes.CouponUnknown : coupon.Order != 0 ? ReserveCodes.CouponUsed : ReserveCodes.CouponHeld, "", []);
            return;
        }

        var untilMs = UtcDay.CeilingSecond(state.NewestMs) + offer.HoldSeconds * 1_000L;
        (coupon.Holder, coupon.HeldUntilMs) = (holder, untilMs + SliceFold.GraceMs);
        step.Answer("", offer.Id, Rendering.Object(json => json.WriteNumber("untilMs", untilMs)));
    }

    private static void Use(CouponReserve coupon, ulong order, ulong holder, ref FoldStep step)
    {
        if (coupon.Order == order)
            return;
        if (coupon.Order != 0 || (coupon.Holder != 0 && coupon.Holder != holder))
        {
            step.Note(coupon.Order != 0 ? "refused: used by another order" : "refused: held by another customer");
            return;
        }

        (coupon.Order, coupon.Holder, coupon.HeldUntilMs) = (order, 0, 0);
        step.Note("used");
    }
}
