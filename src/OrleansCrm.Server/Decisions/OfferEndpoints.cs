using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Decisions;

/// <summary>What can run out of offers: coupons are made and looked at, budgets looked at.</summary>
internal static class OfferEndpoints
{
    private const int CouponsMax = 1_000;

    public static void MapOffers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/offers/{id}/coupons", IssueAsync).RequireAuthorization(Policies.Program);
        routes.MapGet("/v1/offers/{id}/budget", (HttpContext context, string id, CouponDesk desk, ProgramBoard programs) =>
            Unavailable.GuardAsync(context, () => TellBudgetAsync(context, id, desk, programs))).RequireAuthorization(Policies.Program);
        routes.MapGet("/v1/coupons/{code}", (HttpContext context, string code, CouponDesk desk) =>
            Unavailable.GuardAsync(context, () => TellCouponAsync(context, code, desk))).RequireAuthorization(Policies.Program);
    }

    private static async Task IssueAsync(HttpContext context, string id, CouponDesk desk, ProgramBoard programs)
    {
        if (await JsonBodies.ReadAsync<IssueRequest>(context) is not { } request)
            return;
        if (request.Count is not (>= 1 and <= CouponsMax))
            await Problems.WriteAsync(context, 400, "invalid_count", $"\"count\" is a whole number from 1 to {CouponsMax}.");
        else if (Find(context, id, programs) is not { Coupon: { } coupon } offer)
            await Problems.WriteAsync(context, 404, "offer_not_found", "The program has no such offer with \"coupon\".");
        else
            await Unavailable.GuardAsync(context, async () =>
            {
                if (await desk.IssueAsync(context.User.Tenant(), offer.Key, coupon.Prefix, request.Count.Value) is { } codes)
                    await JsonBodies.WriteAsync(context, 201, new { offerId = offer.Id, codes });
                else
                    await Problems.WriteUnavailableAsync(context);
            });
    }

    private static async Task TellBudgetAsync(HttpContext context, string id, CouponDesk desk, ProgramBoard programs)
    {
        if (Find(context, id, programs) is not { Budget: var budget } offer || (budget.Times == 0 && budget.AmountMicros == 0))
        {
            await Problems.WriteAsync(context, 404, "offer_not_found", "The program has no such offer with a \"budget\".");
            return;
        }

        if (await desk.CountAsync(context.User.Tenant(), offer.Key) is not { } count)
        {
            await Problems.WriteUnavailableAsync(context);
            return;
        }

        var isAmount = budget.AmountMicros > 0;
        decimal Say(long amount) => isAmount ? amount / 1_000_000m : amount;
        var total = isAmount ? budget.AmountMicros : budget.Times;
        await JsonBodies.WriteAsync(context, 200, new
        {
            offerId = offer.Id,
            unit = isAmount ? "amount" : "times",
            total = Say(total),
            spent = Say(count.Spent),
            held = Say(count.Held),
            free = Say(Math.Max(0, total - count.Spent - count.Held)),
        });
    }

    private static async Task TellCouponAsync(HttpContext context, string code, CouponDesk desk)
    {
        var known = ReserveKeys.CodeOf(code);
        var found = known.Length == 0 ? LookupResponse.NotFound : await desk.LookAsync(ReserveKeys.Coupon(context.User.Tenant(), known));
        if (found.Status == LookupStatus.Unavailable)
            await Problems.WriteUnavailableAsync(context);
        else if (found is not { Status: LookupStatus.Found, Body.Length: > 0 })
            await Problems.WriteAsync(context, 404, "coupon_not_found", "No such coupon has been made or used.");
        else
            await JsonBodies.WriteRawAsync(context, 200, found.Body);
    }

    private static Offer? Find(HttpContext context, string id, ProgramBoard programs) =>
        programs.Current(context.User.Tenant()).Document.Offers.FirstOrDefault(offer => offer.Id == id);

    private sealed record IssueRequest(int? Count);
}
