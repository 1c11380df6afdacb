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
/// One customer gives points to another. The receiver's code is opened first: the giver's history then names nobody but a code, and the
/// points find whoever the receiver has been merged into.
/// </summary>
internal static class TransferEndpoints
{
    private const int OpenPolls = 40;
    private static readonly TimeSpan OpenPoll = TimeSpan.FromMilliseconds(50);

    public static void MapTransfers(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/customers/{id}/household", JoinAsync).RequireAuthorization(Policies.Adjust);
        routes.MapDelete("/v1/customers/{id}/household", (HttpContext context, string id, PointCommands commands) =>
            commands.AnswerAsync(context, id, EntryTypes.HouseholdJoin, Households.Command("", LoyaltyEndpoints.Actor(context)), 200)).RequireAuthorization(Policies.Adjust);
        const string Path = "/v1/customers/{id}/transfers";
        routes.MapPost(Path, TransferAsync).RequireAuthorization(Policies.Redeem).WithMetadata(new OpenToPages());
        OpenToPages.MapPreflight(routes, Path);
    }

    private static async Task TransferAsync(HttpContext context, string id, PointCommands commands, IGrainFactory grains, IJournal journal, TimeProvider time)
    {
        if (await JsonBodies.ReadAsync<TransferRequest>(context) is not { } request || await LoyaltyEndpoints.ReadKeyAsync(context) is not { } key)
            return;
        if (request.Points is not (>= 1 and <= LoyaltyEndpoints.PointsMax))
        {
            await Problems.WriteAsync(context, 400, "invalid_points", $"\"points\" is a whole number from 1 to {LoyaltyEndpoints.PointsMax}.");
            return;
        }

        await AnswerAsync(context, request.To, "to", grains, journal, time, code => commands.AnswerAsync(
            context, id, EntryTypes.PointsTransfer, Transfers.Command(key, request.Points.Value, code, LoyaltyEndpoints.Actor(context)), 201));
    }

    /// <summary>From now on the customer's points go to the pool of the head, and are spent from there.</summary>
    private static async Task JoinAsync(HttpContext context, string id, PointCommands commands, IGrainFactory grains, IJournal journal, TimeProvider time)
    {
        if (await JsonBodies.ReadAsync<HouseholdRequest>(context) is not { } request)
            return;
        await AnswerAsync(context, request.Head, "head", grains, journal, time, code => commands.AnswerAsync(
            context, id, EntryTypes.HouseholdJoin, Households.Command(code, LoyaltyEndpoints.Actor(context)), 200));
    }

    /// <param name="field">Where the request names the other customer.</param>
    /// <param name="answer">Takes the other's code, once it is open.</param>
    private static async Task AnswerAsync(
        HttpContext context, string? other, string field, IGrainFactory grains, IJournal journal, TimeProvider time, Func<string, Task> answer)
    {
        var receivers = CustomerPath.KeysOf(context.User.Tenant(), other ?? "", out var error);
        if (receivers.Length == 0)
        {
            await Problems.WriteAsync(context, 400, "invalid_customer_id", $"\"{field}\" can be no customer: {error}.");
            return;
        }

        await Unavailable.GuardAsync(context, async () =>
        {
            var (receiver, found) = await CustomerLookup.FindAsync(grains, journal, receivers);
            if (found.Status == LookupStatus.Moved)
                (receiver, found) = await CustomerLookup.FindAsync(grains, journal, [CustomerKey.Parse(found.MovedTo)]);
            if (found.Status == LookupStatus.NotFound)
                await Problems.WriteAsync(context, 404, "customer_not_found", "No event of the receiver has been seen.");
            else if (found.Status == LookupStatus.Erased)
                await Problems.WriteAsync(context, 410, "erased", "The receiver was erased.");
            else if (found.Status == LookupStatus.Found && receiver.Kind != CustomerKind.User)
                await Problems.WriteAsync(context, 409, Transfers.Anonymous, "Points are given by and to known customers alone.");
            else if (found.Status != LookupStatus.Found || !await OpenAsync(receiver, grains, journal, time))
                await Problems.WriteUnavailableAsync(context);
            else
                await answer(Referrals.CodeOf(receiver.ToString()));
        });
    }

    /// <returns>Whether the receiver is reached by the code now.</returns>
    private static async Task<bool> OpenAsync(CustomerKey receiver, IGrainFactory grains, IJournal journal, TimeProvider time)
    {
        var code = CustomerKey.Parse(Referrals.KeyOf(receiver.Tenant, Referrals.CodeOf(receiver.ToString())));
        for (var i = 0; i < OpenPolls; i++)
        {
            var (_, found) = await CustomerLookup.FindAsync(grains, journal, [code]);
            if (found.Status == LookupStatus.Moved)
                return true;
            if (i == 0)
            {
                var open = new NewEntry(receiver.ToString(), Guid.NewGuid(), EntryTypes.ReferralOpen, time.GetUtcNow().ToUnixTimeMilliseconds(), "{}"u8.ToArray());
                await CustomerLookup.PartitionOf(grains, journal, receiver).AppendAsync(new AppendRequest([open]));
            }

            await Task.Delay(OpenPoll, time);
        }

        return false;
    }

    private sealed record HouseholdRequest(string? Head);

    private sealed record TransferRequest(string? To, long? Points);
}
