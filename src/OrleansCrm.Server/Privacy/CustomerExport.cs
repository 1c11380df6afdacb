using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Quarantine;

namespace OrleansCrm.Server.Privacy;

/// <summary>
/// Everything the engine holds about a customer as one JSON document: what the state holds, every entry of the journal, newest first, and
/// what was refused and kept. Sent page by page, so that a long history needs no memory.
/// </summary>
internal sealed class CustomerExport(
    HttpContext context, Func<CustomerKey, IPartitionGrain> partitionOf, IQuarantineStore quarantine, TimeProvider time)
{
    private const int PageBytesMax = 4 << 20;

    /// <summary>Entries of one page: a few megabytes when every event is as large as it may be.</summary>
    private const int Page = 100;

    /// <param name="note">Done before the first byte is sent.</param>
    /// <returns>Found once the answer is under way; what fails from then on ends the connection, so that nobody takes a part for all.</returns>
    public async Task<LookupResponse> WriteAsync(CustomerKey key, Func<Task> note)
    {
        var now = time.GetUtcNow();
        var state = await partitionOf(key).LookupAsync(new LookupRequest(key.ToString(), LookupKind.Export, now.ToUnixTimeMilliseconds(), ""));
        if (state.Status != LookupStatus.Found)
            return state;

        await note();
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "private, no-store";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"customer-export.json\"";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, JsonBodies.WriterOptions);
        json.WriteStartObject();
        json.WriteString("exportedAt", InstantJson.Text(now));
        json.WriteString("asOf", DateTimeOffset.FromUnixTimeMilliseconds(state.AsOfMs).UtcDateTime);
        json.WritePropertyName("customer");
        json.WriteRawValue(state.Body, skipInputValidation: true);
        json.WriteStartArray("entries");
        await SendAsync(json);
        var identities = IdentitiesOf(key, state.Body);
        long reachesBackToMs = 0;
        foreach (var identity in identities)
        {
            if (await WriteEntriesAsync(json, identity, identities) is not { } reach)
            {
                context.Abort();
                return state;
            }

            reachesBackToMs = Math.Max(reachesBackToMs, reach);
        }

        json.WriteEndArray();
        if (reachesBackToMs > 0)
            json.WriteString("reachesBackTo", JsonBodies.Instant(reachesBackToMs));
        json.WriteStartArray("refused");
        foreach (var identity in identities)
            await WriteRefusedAsync(json, identity);
        json.WriteEndArray();
        json.WriteEndObject();
        return state;
    }

    /// <summary>The customer and the ids linked to it, whose events stand under those ids.</summary>
    private static CustomerKey[] IdentitiesOf(CustomerKey key, byte[] state)
    {
        using var parsed = JsonDocument.Parse(state);
        return
        [
            .. parsed.RootElement.GetProperty("profile").GetProperty("identities").EnumerateArray()
                .Select(id => CustomerKey.Parse(key.Tenant + "/" + id.GetString())).Prepend(key).Distinct(),
        ];
    }

    /// <returns>When the newest entry was recorded that was moved to an archive, 0 for none; null when the engine could not go on.</returns>
    private async Task<long?> WriteEntriesAsync(Utf8JsonWriter json, CustomerKey key, CustomerKey[] identities)
    {
        var before = long.MaxValue;
        while (true)
        {
            var page = await partitionOf(key).TimelineAsync(new TimelineRequest(key.ToString(), before, Page));
            if (page.Status == LookupStatus.NotFound)
                return 0;
            if (page.Status != LookupStatus.Found)
                return null;
            foreach (var item in TimelineItem.Of(page))
                TimelinePage.WriteItem(json, NamesAnother(item.Entry, identities) ? new TimelineItem(item.Entry with { Payload = [] }, []) : item);
            await SendAsync(json);
            if (!page.HasMore || page.Entries.Length == 0)
                return page.ReachesBackToMs;
            before = page.Entries[^1].Offset;
        }
    }

    private async Task WriteRefusedAsync(Utf8JsonWriter json, CustomerKey key)
    {
        var before = long.MaxValue;
        while (true)
        {
            var rows = await quarantine.ReadAsync(
                new QuarantineQuery(key.Tenant, "", before, Page, PageBytesMax, key.ToString()), context.RequestAborted);
            foreach (var row in rows)
                JsonSerializer.Serialize(json, QuarantineEndpoints.Shown(row), JsonSerializerOptions.Web);
            await SendAsync(json);
            if (rows.Length == 0)
                return;
            before = rows[^1].Id;
        }
    }

    // The writer's own flush only hands its bytes on to the response, which would gather all of them.
    private async Task SendAsync(Utf8JsonWriter json)
    {
        json.Flush();
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Somebody else has claimed one of the ids, and was refused: who it was is not for this person to read.</summary>
    private static bool NamesAnother(Entry entry, CustomerKey[] identities) =>
        entry.Type == EntryTypes.IdentityClaim
        && !Array.Exists(identities, i => i.ToString() == IdentityClaim.ClaimantOf(i.Tenant, entry.Payload));
}
