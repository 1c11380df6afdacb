using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Privacy;

/// <summary>What a person may ask of a shop: a copy of everything, and to be forgotten.</summary>
internal static class PrivacyEndpoints
{
    private static readonly LookupResponse Answered = new(LookupStatus.Found, 0, 0, []);

    public static void MapPrivacy(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/customers/{id}/export", ExportAsync).RequireAuthorization(Policies.Export);
        routes.MapDelete("/v1/customers/{id}", EraseAsync).RequireAuthorization(Policies.Erase);
        routes.MapGet("/v1/me/export", ExportOwnAsync).RequireAuthorization(Policies.Self).WithMetadata(new OpenToPages());
        routes.MapPut("/v1/me/consent", OwnConsent.SetAsync).RequireAuthorization(Policies.Self).WithMetadata(new OpenToPages());
    }

    private static Task ExportAsync(
        HttpContext context, string id, IGrainFactory grains, IJournal journal, IQuarantineStore quarantine, IAccountStore store, Audit audit, TimeProvider time) =>
        CustomerLookup.AnswerFirstAsync(context, id, key =>
            new CustomerExport(context, customer => CustomerLookup.PartitionOf(grains, journal, customer), quarantine, time).WriteAsync(
                key, () => store.AddNoteAsync(audit.By(context.User, AuditActions.CustomerExported, audit.NameOf(key)), CancellationToken.None)));

    // Of this there is no note: it would tell nobody anything, and customers could push the notes about others out.
    private static Task ExportOwnAsync(
        HttpContext context, IGrainFactory grains, IJournal journal, IQuarantineStore quarantine, TimeProvider time) =>
        CustomerLookup.AnswerFirstAsync(context, [CustomerKey.Parse(context.User.Customer())], key =>
            new CustomerExport(context, customer => CustomerLookup.PartitionOf(grains, journal, customer), quarantine, time).WriteAsync(key, () => Task.CompletedTask));

    private static Task EraseAsync(HttpContext context, string id, IGrainFactory grains, IJournal journal, IAccountStore store, Audit audit) =>
        CustomerLookup.AnswerFirstAsync(context, id, async key =>
        {
            var partition = CustomerLookup.PartitionOf(grains, journal, key);
            var owner = await partition.LookupAsync(new LookupRequest(key.ToString(), LookupKind.Owner, 0, ""));
            if (owner.Status is not (LookupStatus.Found or LookupStatus.Erased))
                return owner;
            var response = await partition.EraseAsync(key.ToString(), isAwaited: true);

            // The receipt says which erasure it was, and names nobody.
            if (response.Status is EraseStatus.Done or EraseStatus.UnderWay)
                await store.AddNoteAsync(audit.By(context.User, AuditActions.CustomerErased, response.ReceiptId), CancellationToken.None);
            switch (response.Status)
            {
                case EraseStatus.Done:
                    await JsonBodies.WriteAsync(context, 200, Receipt(response, "done"));
                    return Answered;
                case EraseStatus.UnderWay:
                    context.Response.Headers.RetryAfter = "5";
                    await JsonBodies.WriteAsync(context, 202, Receipt(response, "erasing"));
                    return Answered;
                case EraseStatus.NotFound:
                    return LookupResponse.NotFound;
                default:
                    return LookupResponse.Unavailable;
            }
        });

    private static object Receipt(EraseResponse response, string status) => new
    {
        receiptId = response.ReceiptId,
        status,
        requestedAt = JsonBodies.Instant(response.RequestedMs),
        doneAt = response.DoneMs == 0 ? (DateTime?)null : JsonBodies.Instant(response.DoneMs),
        stores = response.Stores.ToDictionary(store => store.Store, store => store.Count),
    };
}
