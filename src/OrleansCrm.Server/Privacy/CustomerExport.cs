using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Server.Customers;

namespace OrleansCrm.Server.Privacy;

/// <summary>
/// Everything the engine holds about a customer as one JSON document: what the state holds, then every entry of the journal, newest first.
/// Sent page by page, so that a long history needs no memory.
/// </summary>
internal static class CustomerExport
{
    /// <summary>Entries of one page: a few megabytes when every event is as large as it may be.</summary>
    private const int Page = 100;

    /// <returns>Found once the answer is under way; what fails from then on ends the connection, so that nobody takes a part for all.</returns>
    public static async Task<LookupResponse> WriteAsync(
        HttpContext context, CustomerKey key, Func<CustomerKey, IPartitionGrain> partitionOf, DateTimeOffset now)
    {
        var state = await partitionOf(key).LookupAsync(new LookupRequest(key.ToString(), LookupKind.Export, now.ToUnixTimeMilliseconds(), ""));
        if (state.Status != LookupStatus.Found)
            return state;

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "private, no-store";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"customer-export.json\"";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("exportedAt", now.UtcDateTime);
        json.WriteString("asOf", DateTimeOffset.FromUnixTimeMilliseconds(state.AsOfMs).UtcDateTime);
        json.WritePropertyName("customer");
        json.WriteRawValue(state.Body, skipInputValidation: true);
        json.WriteStartArray("entries");
        foreach (var identity in IdentitiesOf(key, state.Body))
        {
            if (!await WriteEntriesAsync(json, partitionOf(identity), identity, context.RequestAborted))
            {
                context.Abort();
                return state;
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return state;
    }

    /// <summary>The customer and the ids linked to it, whose events stand under those ids.</summary>
    private static IEnumerable<CustomerKey> IdentitiesOf(CustomerKey key, byte[] state)
    {
        using var parsed = JsonDocument.Parse(state);
        return
        [
            .. parsed.RootElement.GetProperty("profile").GetProperty("identities").EnumerateArray()
                .Select(id => CustomerKey.Parse(key.Tenant + "/" + id.GetString())).Prepend(key).Distinct(),
        ];
    }

    /// <returns>False when the engine could not go on.</returns>
    private static async Task<bool> WriteEntriesAsync(Utf8JsonWriter json, IPartitionGrain partition, CustomerKey key, CancellationToken cancellation)
    {
        var before = long.MaxValue;
        while (true)
        {
            var page = await partition.TimelineAsync(new TimelineRequest(key.ToString(), before, Page));
            if (page.Status == LookupStatus.NotFound)
                return true;
            if (page.Status != LookupStatus.Found)
                return false;
            foreach (var entry in page.Entries)
                TimelinePage.WriteEntry(json, entry);
            await json.FlushAsync(cancellation);
            if (!page.HasMore || page.Entries.Length == 0)
                return true;
            before = page.Entries[^1].Offset;
        }
    }
}
