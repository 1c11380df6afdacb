using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Customers;

/// <summary>Two known customers are one person: only an administrator can say so, and which of the two survives.</summary>
internal static class MergeEndpoints
{
    private const string Merged = "merged";

    public static void MapMerge(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/customers/{id}/merge", MergeAsync).RequireAuthorization(Policies.Admin);

    private static async Task MergeAsync(
        HttpContext context, string id, IGrainFactory grains, IJournal journal, IAccountStore store, Audit audit, TimeProvider time)
    {
        if (await JsonBodies.ReadAsync<MergeRequest>(context) is not { } request)
            return;
        var tenant = context.User.Tenant();
        var others = CustomerPath.KeysOf(context, tenant, id, out var error);
        var survivors = CustomerPath.KeysOf(tenant, request.Into ?? "", out var intoError);
        if (others.Length == 0 || survivors.Length == 0)
        {
            await Problems.WriteAsync(context, 400, "invalid_customer_id", $"This can be no customer: {(others.Length == 0 ? error : "into: " + intoError)}.");
            return;
        }

        await Unavailable.GuardAsync(context, async () =>
        {
            var (other, otherIs) = await CustomerLookup.FindAsync(grains, journal, others);
            var (survivor, survivorIs) = await CustomerLookup.FindAsync(grains, journal, survivors);
            if (otherIs.Status == LookupStatus.Moved && otherIs.MovedTo == survivor.ToString())
                await AnswerAsync(context, 200, Merged, survivor, other);
            else if (otherIs.Status == LookupStatus.Moved || survivorIs.Status == LookupStatus.Moved)
                await Problems.WriteAsync(context, 409, LinkCodes.AlreadyLinked, "One of the two belongs to another customer already.");
            else if (otherIs.Status == LookupStatus.NotFound || survivorIs.Status == LookupStatus.NotFound)
                await Problems.WriteAsync(context, 404, "customer_not_found", "No event of one of the two has been seen.");
            else if (otherIs.Status == LookupStatus.Erased || survivorIs.Status == LookupStatus.Erased)
                await Problems.WriteAsync(context, 410, LinkCodes.Erased, "One of the two was erased.");
            else if (otherIs.Status != LookupStatus.Found || survivorIs.Status != LookupStatus.Found)
                await Problems.WriteUnavailableAsync(context);
            else if (survivor.Kind != CustomerKind.User)
                await Problems.WriteAsync(context, 422, "survivor_is_anonymous", "A customer is merged into a known one.");
            else if (await SendAsync(context, CustomerLookup.PartitionOf(grains, journal, survivor), survivor, other, time) is { } word)
            {
                var note = audit.By(context.User, AuditActions.CustomerMerged, audit.NameOf(other), audit.NameOf(survivor));
                await store.AddNoteAsync(note, CancellationToken.None);
                await AnswerAsync(context, word == Merged ? 200 : 202, word, survivor, other);
            }
        });
    }

    /// <returns>What has come of it; null when a problem has been answered.</returns>
    private static async Task<string?> SendAsync(HttpContext context, IPartitionGrain partition, CustomerKey survivor, CustomerKey other, TimeProvider time)
    {
        var command = new NewEntry(
            survivor.ToString(),
            Guid.NewGuid(),
            EntryTypes.IdentityMerge,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            MergeCommand.ToPayload(IdOf(other), context.User.IsAgent() ? context.User.Email() : "key"));
        var response = await partition.AppendAsync(new AppendRequest([command]));
        var outcome = response.Outcomes.FirstOrDefault();
        if (response.Status == AppendStatus.Overloaded)
            await Problems.WriteAsync(context, 429, "overloaded", "More comes in than can be worked on; try again.", response.RetryAfterSeconds);
        else if (response.Status != AppendStatus.Done || response.Verdicts[0] == EntryVerdict.Faulted)
            await Problems.WriteUnavailableAsync(context);
        else if (outcome is null or { Code: "" })
            return Merged;
        else if (outcome.Code == LinkCodes.Linking)
            return LinkCodes.Linking;
        else
            await Problems.WriteAsync(context, 409, outcome.Code, DetailOf(outcome.Code));
        return null;
    }

    private static Task AnswerAsync(HttpContext context, int status, string word, CustomerKey survivor, CustomerKey other) =>
        JsonBodies.WriteAsync(context, status, new { id = survivor.Id, merged = IdOf(other), status = word });

    private static string IdOf(CustomerKey key) => (key.Kind == CustomerKind.User ? "user:" : "anonymous:") + key.Id;

    private static string DetailOf(string code) => code switch
    {
        LinkCodes.Erased => "One of the two was erased.",
        LinkCodes.SameCustomer => "A customer cannot be merged into himself.",
        LinkCodes.Busy => "One of the two waits for another id just now; try again.",
        LinkCodes.TooManyIdentities => "Together they have more ids than one customer may have.",
        _ => "One of the two belongs to another customer already.",
    };

    /// <param name="Into">Who survives: an id, with <c>user:</c> in front where an anonymous id reads the same.</param>
    private sealed record MergeRequest(string? Into);
}
