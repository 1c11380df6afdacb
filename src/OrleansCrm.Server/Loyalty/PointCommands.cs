using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Loyalty;

/// <summary>Journals a command about a customer's points and answers with what the fold decided.</summary>
internal sealed class PointCommands(IGrainFactory grains, IJournal journal, TimeProvider time)
{
    /// <param name="status">When it was carried out.</param>
    public async Task AnswerAsync(HttpContext context, string id, string type, byte[] payload, int status)
    {
        var keys = CustomerPath.KeysOf(context, context.User.Tenant(), id, out var error);
        if (keys.Length == 0)
        {
            await Problems.WriteAsync(context, 400, "invalid_customer_id", $"This can be no customer: {error}.");
            return;
        }

        if (context.User.HasCustomerScope(CustomerScopes.Redeem))
        {
            keys = Array.FindAll(keys, key => key.ToString() == context.User.Customer());
            if (keys.Length == 0)
            {
                await Problems.WriteAsync(context, 403, "forbidden", "This token is good for another customer.");
                return;
            }
        }

        await CustomerLookup.AnswerFirstAsync(context, keys, key => SendAsync(context, key, type, payload, status));
    }

    private async Task<LookupResponse> SendAsync(HttpContext context, CustomerKey key, string type, byte[] payload, int status)
    {
        var partition = CustomerLookup.PartitionOf(grains, journal, key);
        var owner = await partition.LookupAsync(new LookupRequest(key.ToString(), LookupKind.Owner, 0, ""));
        if (owner.Status != LookupStatus.Found)
            return owner;
        var command = new NewEntry(key.ToString(), Guid.NewGuid(), type, time.GetUtcNow().ToUnixTimeMilliseconds(), payload, EngineSpans.OfRequest);
        var response = await partition.AppendAsync(new AppendRequest([command]));
        if (response.Status == AppendStatus.Overloaded)
        {
            await Problems.WriteAsync(context, 429, "overloaded", "More comes in than can be worked on; try again.", response.RetryAfterSeconds);
            return owner;
        }

        if (response.Status == AppendStatus.Done && response.Verdicts[0] == EntryVerdict.Erased)
            return LookupResponse.Erased;
        if (response is not { Status: AppendStatus.Done, Outcomes: [var outcome, ..] })
            return LookupResponse.Unavailable;
        if (outcome.Code == LoyaltyCodes.Moved)
            return new LookupResponse(LookupStatus.Moved, 0, 0, [], outcome.Detail);
        context.Response.Headers.CacheControl = "private, no-store";
        await WriteAsync(context, outcome, status);
        return owner;
    }

    private static Task WriteAsync(HttpContext context, CommandOutcome outcome, int status) => outcome.Code switch
    {
        "" => JsonBodies.WriteRawAsync(context, status, outcome.Body),
        LoyaltyCodes.KeyReused => Problems.WriteAsync(context, 422, outcome.Code, "This Idempotency-Key was used for another request."),
        LoyaltyCodes.HoldNotFound => Problems.WriteAsync(context, 404, outcome.Code, "This customer has no such hold."),
        LoyaltyCodes.Insufficient => Problems.WriteAsync(context, 409, outcome.Code, "The customer has fewer points to spend."),
        LoyaltyCodes.BelowMinimum => Problems.WriteAsync(context, 409, outcome.Code, "The program asks for more points at once."),
        Transfers.SameCustomer => Problems.WriteAsync(context, 409, outcome.Code, "Giver and receiver are one customer."),
        Transfers.Anonymous => Problems.WriteAsync(context, 409, outcome.Code, "Points are given by and to known customers alone."),
        LoyaltyCodes.HoldExpired => Problems.WriteAsync(context, 409, outcome.Code, "The hold has run out; its points are free again."),
        LoyaltyCodes.HoldCancelled => Problems.WriteAsync(context, 409, outcome.Code, "The hold was cancelled."),
        _ => Problems.WriteAsync(context, 409, outcome.Code, "The points were spent."),
    };
}
