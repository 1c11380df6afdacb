using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Programs;

/// <summary>The rules of the tenant: read, replaced as a whole, and what they have been.</summary>
internal static class ProgramEndpoints
{
    /// <summary>Largest document, in bytes: every partition journals it.</summary>
    private const int BytesMax = 256 << 10;

    public static void MapProgram(this IEndpointRouteBuilder routes)
    {
        var program = routes.MapGroup("/v1/program").RequireAuthorization(Policies.Program);
        program.MapGet("", (HttpContext context, ProgramBoard board, ProgramLedger ledger) => Unavailable.GuardAsync(context, () => ShowAsync(context, board, ledger)));
        program.MapPut("", (HttpContext context, ProgramBoard board, ProgramLedger ledger, IAccountStore store, Audit audit) =>
            Unavailable.GuardAsync(context, () => PublishAsync(context, board, ledger, store, audit)));
        program.MapGet("/schema", (HttpContext context) => ShowSchemaAsync(context));
        program.MapGet("/versions", (HttpContext context, ProgramLedger ledger) => Unavailable.GuardAsync(context, () => ListAsync(context, ledger)));
        program.MapGet("/violations", (HttpContext context, TrackingWatch watch) =>
            Paging.WriteAsync(context, watch.ViolationsOf(context.User.Tenant()), violation => violation.Id, violation => violation.Shown));
        routes.MapGet("/v1/events/names", (HttpContext context, EventNames names) =>
            Paging.WriteAsync(context, names.ListOf(context.User.Tenant()), row => row.Name, row => new { name = row.Name, count = row.Count }))
            .RequireAuthorization(Policies.Program);
    }

    private static async Task ShowAsync(HttpContext context, ProgramBoard board, ProgramLedger ledger)
    {
        var tenant = context.User.Tenant();
        var program = board.Current(tenant);
        if (context.Request.Query["version"] is [{ } text] && text != program.Version.ToString(CultureInfo.InvariantCulture))
        {
            var versions = await VersionsAsync(tenant, ledger, context.RequestAborted);
            if (versions.Find(v => v.Version.ToString(CultureInfo.InvariantCulture) == text) is not { } older)
            {
                await Problems.WriteAsync(context, 404, "program_not_found", "There is no program of this version.");
                return;
            }

            program = older;
        }

        await WriteAsync(context, program);
    }

    private static async Task PublishAsync(HttpContext context, ProgramBoard board, ProgramLedger ledger, IAccountStore store, Audit audit)
    {
        if (await ReadDocumentAsync(context) is not { } document)
            return;
        int? expected = null;
        if (context.Request.Headers.IfMatch is [{ Length: > 0 } match] && match != "*")
        {
            if (!int.TryParse(match.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                await Problems.WriteAsync(context, 412, "version_conflict", "If-Match holds the ETag of the program that is to be replaced.");
                return;
            }

            expected = version;
        }

        var before = board.Current(context.User.Tenant()).Version;
        var (program, isTaken) = await ledger.PublishAsync(context.User.Tenant(), document, expected);
        if (isTaken && program.Version != before)
        {
            var version = program.Version.ToString(CultureInfo.InvariantCulture);
            await store.AddNoteAsync(audit.By(context.User, AuditActions.ProgramPublished, version), CancellationToken.None);
        }

        await board.ReloadAsync(CancellationToken.None);
        if (isTaken)
        {
            // As RFC 7234, 5.5 has it: the body is the document, which may be sent back as it is.
            foreach (var warning in ProgramWarnings.Of(program.Document))
                context.Response.Headers.Append(HeaderNames.Warning, $"299 - \"{warning}\"");
            await WriteAsync(context, program);
        }
        else
            await Problems.WriteAsync(context, expected is null ? 409 : 412, "version_conflict", $"Version {program.Version} is in force now; somebody else published it.");
    }

    /// <param name="member">The document may also be this member of the body; null for the body alone.</param>
    /// <returns>Null when a problem has been answered instead.</returns>
    public static async Task<ProgramDocument?> ReadDocumentAsync(HttpContext context, string? member = null)
    {
        if (await JsonBodies.ReadBytesAsync(context, BytesMax) is not { } body)
            return null;
        try
        {
            using var parsed = JsonDocument.Parse(body);
            return member is not null && parsed.RootElement.ValueKind == JsonValueKind.Object && parsed.RootElement.TryGetProperty(member, out var document)
                ? ProgramDocument.Parse(Encoding.UTF8.GetBytes(document.GetRawText()))
                : ProgramDocument.Parse(body.Span);
        }
        catch (JsonException)
        {
            await Problems.WriteAsync(context, 400, "invalid_json", "The body is not JSON.");
        }
        catch (ProgramException refused)
        {
            await Problems.WriteAsync(context, 422, "invalid_program", "The document has faults; nothing was changed.", null, json => WriteFaults(json, refused));
        }

        return null;
    }

    private static void WriteFaults(Utf8JsonWriter json, ProgramException refused)
    {
        json.WriteStartArray("errors");
        foreach (var fault in refused.Faults)
        {
            json.WriteStartObject();
            json.WriteString("field", fault.Field);
            json.WriteString("detail", fault.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task ListAsync(HttpContext context, ProgramLedger ledger)
    {
        var before = int.MaxValue;
        if (context.Request.Query["after"] is [{ } cursor] && !int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            await Problems.WriteAsync(context, 400, "invalid_cursor", "\"after\" is what an earlier answer gave as \"next\".");
            return;
        }

        if (await Paging.ReadLimitAsync(context) is not { } limit)
            return;
        var versions = await VersionsAsync(context.User.Tenant(), ledger, context.RequestAborted);
        var current = versions[^1].Version;
        var page = versions.Where(v => v.Version < before).OrderByDescending(v => v.Version).Take(limit).ToArray();
        await JsonBodies.WriteAsync(context, 200, new
        {
            items = page.Select(v => new
            {
                version = v.Version,
                publishedAt = v.PublishedMs == 0 ? (DateTime?)null : JsonBodies.Instant(v.PublishedMs),
                current = v.Version == current,
            }),
            next = page.Length == limit && page[^1].Version > 1 ? page[^1].Version.ToString(CultureInfo.InvariantCulture) : null,
        });
    }

    // The default, which nobody published, was the first.
    private static async Task<List<PublishedProgram>> VersionsAsync(string tenant, ProgramLedger ledger, CancellationToken cancellation) =>
        [PublishedProgram.DefaultOf(tenant), .. (await ledger.ReadAllAsync(cancellation)).Where(p => p.Tenant == tenant)];

    private static Task WriteAsync(HttpContext context, PublishedProgram program)
    {
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{program.Version}\"");
        context.Response.Headers.CacheControl = "private, no-store";
        return JsonBodies.WriteRawAsync(context, 200, program.Document.ToJson());
    }

    private static Task ShowSchemaAsync(HttpContext context) => JsonBodies.WriteRawAsync(context, 200, ProgramSchema.Json);
}
