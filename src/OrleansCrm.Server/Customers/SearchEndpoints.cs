using System.Globalization;
using System.Text;
using System.Text.Json;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Customers;

/// <summary>Customers by what they are like, as of the last flush.</summary>
internal static class SearchEndpoints
{
    private const string Me = "me";

    public static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/customers", SearchAsync).RequireAuthorization(Policies.Read);

    private static async Task SearchAsync(HttpContext context, IGrainFactory grains, IJournal journal, ProgramBoard board, SearchTurns turns, TimeProvider time)
    {
        var tenant = context.User.Tenant();
        if (await Paging.ReadLimitAsync(context) is not { } limit || await ReadAsync(context, tenant, limit) is not { } search)
            return;
        if (!await turns.TryTakeAsync(context.RequestAborted))
        {
            await Problems.WriteAsync(context, 429, "overloaded", "Others are searching; try again.", retryAfterSeconds: 1);
            return;
        }

        try
        {
            var partitions = Enumerable.Range(0, journal.Identity.Partitions).ToArray();
            var statuses = await Task.WhenAll(partitions.Select(p => grains.GetGrain<IPartitionGrain>(p).TouchAsync()));
            var asOf = Math.Min(statuses.Min(s => s.StoredMs), time.GetUtcNow().ToUnixTimeMilliseconds());
            var found = new List<FoundCustomer[]>();
            foreach (var partition in partitions)
                found.Add(await journal.SearchAsync(partition, search with { Limit = limit + 1 }, context.RequestAborted));
            var joined = FoundCustomer.Join(found, search.Order, limit + 1);
            await WriteAsync(context, joined, limit, search.Order, asOf, board.Current(tenant).Document.Currency);
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e) && !context.RequestAborted.IsCancellationRequested)
        {
            await Problems.WriteUnavailableAsync(context);
        }
        finally
        {
            turns.End();
        }
    }

    private static Task WriteAsync(HttpContext context, FoundCustomer[] found, int limit, SearchOrder order, long asOf, string currency) =>
        JsonBodies.WriteAsync(context, 200, new
        {
            asOf = JsonBodies.Instant(asOf),
            items = found.Take(limit).Select(f => new
            {
                id = CustomerKey.Parse(f.Customer).Id,
                kind = CustomerKey.Parse(f.Customer).Kind == CustomerKind.User ? "user" : "anonymous",
                phase = f.Columns.Phase,
                tier = f.Columns.Tier,
                risk = f.Columns.RiskMillionths / 1e6,
                orders = f.Columns.Orders,
                revenue = new { amount = f.Columns.RevenueMicros / 1_000_000m, currency },
                segments = f.Columns.Segments.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                owner = f.Columns.Owner.Length == 0 ? null : f.Columns.Owner,
                campaign = f.Columns.Campaign.Length == 0 ? null : f.Columns.Campaign,
                lastSeen = JsonBodies.Instant(f.Columns.LastSeenMs),
            }),
            next = found.Length > limit ? CursorOf(found[limit - 1], order) : null,
        });

    /// <returns>Null when a problem has been answered instead.</returns>
    private static async Task<CustomerSearch?> ReadAsync(HttpContext context, string tenant, int limit)
    {
        var query = context.Request.Query;
        double risk = 0;
        FoundCustomer? after = null;
        if (OrderOf(query["sort"].ToString()) is not { } order)
            await Problems.WriteAsync(context, 400, "invalid_sort", "\"sort\" is id, risk, revenue, orders or lastSeen.");
        else if (query["phase"].ToString() is { Length: > 0 } phase && !PhaseCommands.Words.Contains(phase))
            await Problems.WriteAsync(context, 400, "invalid_phase", $"\"phase\" is one of {string.Join(", ", PhaseCommands.Words)}.");
        else if (query["owner"] == Me && !context.User.IsAgent())
            await Problems.WriteAsync(context, 400, "invalid_owner", "\"me\" is an agent; a key names an address.");
        else if (query["minRisk"] is [{ } text]
            && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out risk) && risk is >= 0 and <= 1))
            await Problems.WriteAsync(context, 400, "invalid_risk", "\"minRisk\" is a number from 0 to 1.");
        else if (query["after"] is [{ } cursor] && (after = ReadCursor(cursor, order, tenant)) is null)
            await Problems.WriteAsync(context, 400, "invalid_cursor", "\"after\" is what an earlier answer with the same \"sort\" gave as \"next\".");
        else
            return new CustomerSearch(tenant, query["phase"].ToString(), query["tier"].ToString(), (long)Math.Ceiling(risk * 1e6), order, after, limit,
                query["segment"].ToString(), query["campaign"].ToString(), OwnerOf(context));
        return null;
    }

    /// <summary><see cref="Me"/> is the agent who asks.</summary>
    private static string OwnerOf(HttpContext context) =>
        context.Request.Query["owner"].ToString() is var owner && owner == Me ? context.User.Email() : owner;

    private static SearchOrder? OrderOf(string sort) => sort switch
    {
        "" or "lastSeen" => SearchOrder.LastSeen,
        "id" => SearchOrder.Customer,
        "risk" => SearchOrder.Risk,
        "revenue" => SearchOrder.Revenue,
        "orders" => SearchOrder.Orders,
        _ => null,
    };

    private static string CursorOf(FoundCustomer last, SearchOrder order) =>
        Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new Cursor((int)order, last.ValueOf(order), IdOf(last.Customer))))
            .TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static FoundCustomer? ReadCursor(string cursor, SearchOrder order, string tenant)
    {
        try
        {
            var base64 = cursor.Replace('-', '+').Replace('_', '/');
            var read = JsonSerializer.Deserialize<Cursor>(Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '=')));
            if (read is null || read.Order != (int)order || read.Customer is null)
                return null;
            var value = read.Value;
            return new FoundCustomer(string.Concat(tenant, "/", read.Customer), new SearchColumns("", "", value, value, value, value));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string IdOf(string customer) => customer[(customer.IndexOf('/') + 1)..];

    /// <param name="Customer">Without the tenant, which is always that of the caller.</param>
    private sealed record Cursor(int Order, long Value, string? Customer);
}

/// <summary>A search looks through the rows of all customers of a tenant: two at once, so that ingest and lookups have the disk too.</summary>
internal sealed class SearchTurns : IDisposable
{
    private const int AtOnce = 2;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turns = new(AtOnce);

    public Task<bool> TryTakeAsync(CancellationToken cancellation) => _turns.WaitAsync(Wait, cancellation);

    public void End() => _turns.Release();

    public void Dispose() => _turns.Dispose();
}
