using System.Globalization;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Loyalty;

/// <summary>
/// Points are spent in two steps: a hold sets them aside while a payment is under way, a commit spends them. Each is a command in the
/// journal that the fold of the customer decides on; a repeat with the same key is answered with what was decided first.
/// </summary>
internal static class LoyaltyEndpoints
{
    private const string KeyHeader = "Idempotency-Key";
    private const int KeyLengthMax = 255;
    private const int LimitDefault = 50;
    private const int LimitMax = 500;
    private const int ReasonLengthMax = 500;
    public const long PointsMax = 1_000_000_000_000;

    public static void MapLoyalty(this IEndpointRouteBuilder routes)
    {
        const string Redemptions = "/v1/customers/{id}/redemptions";
        routes.MapPost(Redemptions, HoldAsync).RequireAuthorization(Policies.Redeem).WithMetadata(new OpenToPages());
        routes.MapPost(Redemptions + "/{hold}/commit", (HttpContext context, string id, string hold, PointCommands commands) =>
            EndAsync(context, id, hold, EntryTypes.RedemptionCommit, commands)).RequireAuthorization(Policies.Redeem).WithMetadata(new OpenToPages());
        routes.MapPost(Redemptions + "/{hold}/cancel", (HttpContext context, string id, string hold, PointCommands commands) =>
            EndAsync(context, id, hold, EntryTypes.RedemptionCancel, commands)).RequireAuthorization(Policies.Redeem).WithMetadata(new OpenToPages());
        OpenToPages.MapPreflight(routes, Redemptions);
        routes.MapPost("/v1/customers/{id}/adjustments", AdjustAsync).RequireAuthorization(Policies.Adjust);
        routes.MapPost("/v1/customers/{id}/referral", (HttpContext context, string id, PointCommands commands) =>
            commands.AnswerAsync(context, id, EntryTypes.ReferralOpen, "{}"u8.ToArray(), 200)).RequireAuthorization(Policies.Redeem).WithMetadata(new OpenToPages());
        OpenToPages.MapPreflight(routes, "/v1/customers/{id}/referral");
        routes.MapGet("/v1/customers/{id}/ledger", GetLedgerAsync).RequireAuthorization(Policies.Read);
    }

    private static async Task HoldAsync(HttpContext context, string id, PointCommands commands)
    {
        if (await JsonBodies.ReadAsync<HoldRequest>(context) is not { } request || await ReadKeyAsync(context) is not { } key)
            return;
        if (request.Points is not (>= 1 and <= PointsMax))
        {
            await Problems.WriteAsync(context, 400, "invalid_points", $"\"points\" is a whole number from 1 to {PointsMax}.");
            return;
        }

        if (request.OrderId?.Length > KeyLengthMax)
        {
            await Problems.WriteAsync(context, 400, "invalid_order", $"\"orderId\" has at most {KeyLengthMax} characters.");
            return;
        }

        var payload = LoyaltyCommands.Hold(key, request.Points.Value, request.OrderId ?? "", Actor(context));
        await commands.AnswerAsync(context, id, EntryTypes.RedemptionHold, payload, 201);
    }

    private static Task EndAsync(HttpContext context, string id, string hold, string type, PointCommands commands) =>
        commands.AnswerAsync(context, id, type, LoyaltyCommands.End(hold, Actor(context)), 200);

    private static async Task AdjustAsync(HttpContext context, string id, PointCommands commands)
    {
        if (await JsonBodies.ReadAsync<AdjustmentRequest>(context) is not { } request || await ReadKeyAsync(context) is not { } key)
            return;
        if (request.Points is not (>= -PointsMax and <= PointsMax and not 0))
        {
            await Problems.WriteAsync(context, 400, "invalid_points", $"\"points\" is a whole number between {-PointsMax} and {PointsMax}, not 0.");
            return;
        }

        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > ReasonLengthMax)
        {
            await Problems.WriteAsync(context, 400, "invalid_reason", $"\"reason\" has 1 to {ReasonLengthMax} characters.");
            return;
        }

        var payload = LoyaltyCommands.Adjust(key, request.Points.Value, request.Reason, Actor(context));
        await commands.AnswerAsync(context, id, EntryTypes.PointsAdjust, payload, 201);
    }

    private static async Task GetLedgerAsync(HttpContext context, string id, IGrainFactory grains, IJournal journal, CustomerReplay replay)
    {
        var query = context.Request.Query;
        var (before, limit) = (long.MaxValue, LimitDefault);
        if (query["before"] is [{ } cursor] && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            await Problems.WriteAsync(context, 400, "invalid_cursor", "\"before\" is what an earlier answer gave as \"next\".");
            return;
        }

        if (query["limit"] is [{ } text]
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= LimitMax))
        {
            await Problems.WriteAsync(context, 400, "invalid_limit", $"\"limit\" is a number from 1 to {LimitMax}.");
            return;
        }

        await CustomerLookup.AnswerFirstAsync(context, id, async key =>
        {
            var partition = grains.GetGrain<IPartitionGrain>(key.PartitionOf(journal.Identity.Partitions));
            var found = await partition.LookupAsync(new LookupRequest(key.ToString(), LookupKind.Ledger, 0, LedgerRenderer.Page(before, limit)));
            if (found.Status != LookupStatus.Found)
                return found;
            context.Response.Headers.CacheControl = "private, no-store";
            if (found.Body.Length == 0)
                return await ReplayLedgerAsync(context, key, before, limit, replay);
            await JsonBodies.WriteRawAsync(context, 200, found.Body);
            return found;
        });
    }

    /// <summary>The state keeps the newest lines; who has more of them is folded once more.</summary>
    private static async Task<LookupResponse> ReplayLedgerAsync(HttpContext context, CustomerKey key, long before, int limit, CustomerReplay replay)
    {
        var answered = new LookupResponse(LookupStatus.Found, 0, 0, []);
        if (!await replay.TryBeginAsync(context))
            return answered;
        try
        {
            var replayed = await replay.FoldAsync(key, long.MaxValue, context.RequestAborted, keepsLines: true);
            if (replayed.Refusal is { } refusal)
                await refusal.WriteAsync(context);
            else if (replayed.Customer is { } customer)
                await JsonBodies.WriteRawAsync(context, 200, customer.RenderLedger(before, limit));
            else
                return new LookupResponse(replayed.Status, 0, 0, []);
            return answered;
        }
        catch (JournalException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return LookupResponse.Unavailable;
        }
        finally
        {
            replay.End();
        }
    }

    /// <returns>Null when a problem has been answered instead.</returns>
    public static async Task<string?> ReadKeyAsync(HttpContext context)
    {
        if (context.Request.Headers[KeyHeader] is [{ Length: >= 1 and <= KeyLengthMax } key])
            return key;
        await Problems.WriteAsync(
            context, 400, "invalid_idempotency_key", $"The header {KeyHeader} has 1 to {KeyLengthMax} characters: a repeat with the same key does nothing twice.");
        return null;
    }

    public static string Actor(HttpContext context) =>
        context.User.HasCustomerScope(CustomerScopes.Redeem) ? "customer" : context.User.Actor();

    private sealed record HoldRequest(long? Points, string? OrderId);

    private sealed record AdjustmentRequest(long? Points, string? Reason);
}
