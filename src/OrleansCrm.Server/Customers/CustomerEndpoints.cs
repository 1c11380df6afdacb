using System.Globalization;
using Microsoft.Net.Http.Headers;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Customers;

internal static class CustomerEndpoints
{
    private const long MinuteMs = 60_000;

    public static void MapCustomers(this IEndpointRouteBuilder routes)
    {
        var customer = routes.MapGroup("/v1/customers/{id}").RequireAuthorization(Policies.Read).WithMetadata(new KeyScope(Scopes.Read));

        // Bound by hand: the services are those of the whole process, and a scope for each lookup would cost more than the lookup.
        var grains = routes.ServiceProvider.GetRequiredService<IGrainFactory>();
        var journal = routes.ServiceProvider.GetRequiredService<IJournal>();
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        var rendered = routes.ServiceProvider.GetRequiredService<RenderedProfiles>();
        var travel = routes.ServiceProvider.GetRequiredService<TimeTravel>();
        customer.MapGet("", context => GetProfileAsync(context, (string)context.Request.RouteValues["id"]!, grains, journal, rendered, travel, time));
        customer.MapGet("/timeline", GetTimelineAsync);
        customer.MapGet("/curve", (HttpContext context, string id, CustomerCurve curve) => curve.AnswerAsync(context, id));
        routes.MapGet("/v1/me", GetOwnProfileAsync).RequireAuthorization(Policies.Self).WithMetadata(new OpenToPages());
        OpenToPages.MapPreflight(routes, "/v1/me");
    }

    private static Task GetProfileAsync(
        HttpContext context, string id, IGrainFactory grains, IJournal journal, RenderedProfiles rendered, TimeTravel travel, TimeProvider time)
    {
        if (context.Request.QueryString.HasValue && context.Request.Query.TryGetValue("at", out var at))
            return travel.AnswerAsync(context, id, at.ToString());

        var asOf = AsOf(time);
        var keys = CustomerPath.KeysOf(context, context.User.Tenant(), id, out _);
        return keys.Length > 0 && rendered.Find(keys[0].ToString(), asOf) is { } found
            ? WriteProfileAsync(context, found)
            : CustomerLookup.AnswerFirstAsync(context, id, ProfileOf(context, grains, journal, asOf));
    }

    private static Task GetOwnProfileAsync(HttpContext context, IGrainFactory grains, IJournal journal, TimeProvider time) =>
        CustomerLookup.AnswerFirstAsync(context, [CustomerKey.Parse(context.User.Customer())], ProfileOf(context, grains, journal, AsOf(time)));

    private static long AsOf(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds() / MinuteMs * MinuteMs;

    private static Func<CustomerKey, Task<LookupResponse>> ProfileOf(HttpContext context, IGrainFactory grains, IJournal journal, long asOf) =>
        async key =>
        {
            var partition = CustomerLookup.PartitionOf(grains, journal, key);
            var found = await partition.LookupAsync(new LookupRequest(key.ToString(), LookupKind.Profile, asOf, ""));
            if (found.Status == LookupStatus.Found)
                await WriteProfileAsync(context, found);
            return found;
        };

    public static Task WriteProfileAsync(HttpContext context, LookupResponse found)
    {
        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{found.Version}-{found.AsOfMs / MinuteMs}\"");
        context.Response.Headers.ETag = etag;
        SetPrivate(context);
        if (!IsKnown(context.Request, etag))
            return JsonBodies.WriteRawAsync(context, 200, found.Body);
        context.Response.StatusCode = 304;
        return Task.CompletedTask;
    }

    private static bool IsKnown(HttpRequest request, string etag) =>
        request.Headers.IfNoneMatch.Count > 0
        && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(k => k.Equals(EntityTagHeaderValue.Any) || k.Tag == etag);

    private static async Task GetTimelineAsync(HttpContext context, string id, IGrainFactory grains, IJournal journal)
    {
        var before = context.Request.Query["before"] is [{ } cursor] ? PersonTimeline.ReadCursor(cursor) : [];
        if (before is null)
        {
            await Problems.WriteAsync(context, 400, "invalid_cursor", "\"before\" is what an earlier answer gave as \"next\".");
            return;
        }

        if (await Paging.ReadLimitAsync(context) is not { } limit)
            return;
        await CustomerLookup.AnswerFirstAsync(context, id, async key =>
        {
            var partition = CustomerLookup.PartitionOf(grains, journal, key);
            var owner = await partition.LookupAsync(new LookupRequest(key.ToString(), LookupKind.Owner, 0, ""));
            if (owner.Status != LookupStatus.Found)
                return owner;
            var timeline = new PersonTimeline(grains, journal.Identity.Partitions, IdentityList.Read(owner.Body));
            var (status, items, next, reach) = await timeline.ReadAsync(before, limit);
            if (status == LookupStatus.Found)
            {
                SetPrivate(context);
                await JsonBodies.WriteRawAsync(context, 200, TimelinePage.Render(items, next, reach));
            }

            return new LookupResponse(status, 0, 0, []);
        });
    }

    private static void SetPrivate(HttpContext context) => context.Response.Headers.CacheControl = "private, no-store";
}
