using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest.Browsers;
using OrleansCrm.Server.Ingest.CloudEvents;
using OrleansCrm.Server.Ingest.Limits;

namespace OrleansCrm.Server.Ingest;

/// <summary>Segment's HTTP tracking format, as its SDKs send it: JSON whatever the content type says, the key in one of four places.</summary>
internal static class IngestEndpoints
{
    private static readonly (string Path, string Short, string Type)[] Calls =
    [
        ("identify", "i", EntryTypes.Identify),
        ("track", "t", EntryTypes.Track),
        ("page", "p", EntryTypes.Page),
        ("screen", "s", EntryTypes.Screen),
        ("group", "g", EntryTypes.Group),
        ("alias", "a", EntryTypes.Alias),
    ];

    // The keys are checked by the handlers: a key may stand in the body. So they answer right after routing, and with the services of the
    // whole process: a scope per request is more than a single event needs.
    public static void MapIngest(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        foreach (var (path, brief, type) in Calls)
        {
            Map("/v1/" + path, type);
            Map("/v1/" + brief, type);
        }

        foreach (var path in new[] { "/v1/batch", "/v1/b", "/beacon/v1/batch" })
            Map(path, null);
        Map("/v1/import", null, isImport: true);
        routes.MapCloudEvents();
        routes.MapSdkSettings();

        void Map(string path, string? type, bool isImport = false) => routes
            .MapMethods(
                path,
                [HttpMethods.Post, HttpMethods.Options],
                CrossOrigin.Open(HttpMethods.Post, context => TakeAsync(context, services, type, isImport)))
            .AllowAnonymous()
            .ShortCircuit();
    }

    private static async Task TakeAsync(HttpContext context, IServiceProvider services, string? type, bool isImport)
    {
        var keys = services.GetRequiredService<IngestKeys>();
        var fromHeader = IngestKeys.KeyIn(context.Request.Headers.Authorization);
        var origin = fromHeader is null ? null : keys.Find(fromHeader, isImport);
        if (fromHeader is not null && origin is null)
        {
            await RefuseKeyAsync(context);
            return;
        }

        var (status, body) = await services.GetRequiredService<BodyReader>().ReadAsync(context.Request);
        using (body)
        {
            if (status != BodyStatus.Read)
                await RefuseBodyAsync(context, status);
            else
                await TakeBodyAsync(context, services, type, isImport, origin, body.Memory);
        }
    }

    private static async Task TakeBodyAsync(
        HttpContext context, IServiceProvider services, string? type, bool isImport, IngestOrigin? origin, ReadOnlyMemory<byte> body)
    {
        var options = services.GetRequiredService<IngestOptions>();
        var meter = services.GetRequiredService<BodyMeter>();
        var began = meter.Begin();
        Batch batch;
        try
        {
            batch = type is null ? BatchReader.ReadBatch(body, options.BatchEventsMax) : BatchReader.ReadSingle(body, type);
        }
        catch (BodyFormatException fault)
        {
            if (origin is null && services.GetRequiredService<IngestKeys>().Find(context.Request.Query["writeKey"], isImport) is null)
                await RefuseKeyAsync(context);
            else
                await Problems.WriteAsync(context, 400, fault.Code, fault.Message);
            return;
        }

        meter.Parsed(body.Length, batch.Total, began);
        origin ??= services.GetRequiredService<IngestKeys>().Find(batch.WriteKey ?? (string?)context.Request.Query["writeKey"], isImport);
        if (origin is null)
        {
            await RefuseKeyAsync(context);
            return;
        }

        if (!await services.GetRequiredService<IngestLimits>().AdmitAsync(context, origin, batch.Total))
            return;
        var isStrict = context.Request.Headers["X-Strict-Mode"] == "1";
        var answer = await services.GetRequiredService<IngestPipeline>().SendAsync(origin, batch, isStrict, context.RequestAborted);
        await AnswerAsync(context, answer);
    }

    internal static Task AnswerAsync(HttpContext context, IngestAnswer answer) => answer.Status switch
    {
        IngestStatus.Done => WriteDoneAsync(context, answer),
        IngestStatus.Refused => Problems.WriteAsync(
            context, 400, "malformed_item", "The batch has malformed items and was asked to be taken whole; nothing was taken.", null, json => WriteRejected(json, answer)),
        IngestStatus.Overloaded => Problems.WriteAsync(
            context, 429, "overloaded", "More comes in than can be worked on; send it again.", answer.RetryAfterSeconds),
        IngestStatus.Limited => Problems.WriteAsync(context, 429, answer.Limit, IngestLimits.Explain(answer.Limit), answer.RetryAfterSeconds),
        _ => Problems.WriteUnavailableAsync(context, answer.RetryAfterSeconds),
    };

    private static Task WriteDoneAsync(HttpContext context, IngestAnswer answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        return JsonBodies.WriteObjectAsync(context, "application/json; charset=utf-8", answer, static (json, done) =>
        {
            json.WriteBoolean("success", true);
            json.WriteNumber("accepted", done.Accepted);
            json.WriteNumber("duplicate", done.Duplicate);
            WriteRejected(json, done);
            if (done.Warnings > 0)
                json.WriteNumber("warnings", done.Warnings);
            if (done.Linking > 0)
                json.WriteNumber("linking", done.Linking);
            if (done.Unlinked.Count > 0)
                WriteItems(json, "unlinked", done.Unlinked);
        });
    }

    private static void WriteRejected(Utf8JsonWriter json, IngestAnswer answer)
    {
        WriteItems(json, "rejected", answer.Rejected);
        if (answer.RejectedMore > 0)
            json.WriteNumber("rejectedMore", answer.RejectedMore);
    }

    private static void WriteItems(Utf8JsonWriter json, string name, IReadOnlyList<Rejection> items)
    {
        json.WriteStartArray(name);
        foreach (var rejection in items)
        {
            json.WriteStartObject();
            json.WriteNumber("index", rejection.Index);
            json.WriteString("messageId", rejection.MessageId);
            json.WriteString("code", rejection.Code);
            json.WriteString("detail", rejection.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static Task RefuseBodyAsync(HttpContext context, BodyStatus status)
    {
        switch (status)
        {
            case BodyStatus.UnknownEncoding:
                context.Response.Headers.AcceptEncoding = "gzip, deflate, br";
                return Problems.WriteAsync(context, 415, "unsupported_encoding", "A body is plain, or compressed with gzip, deflate or br.");
            case BodyStatus.TooLarge:
                var bytesMax = context.RequestServices.GetRequiredService<IngestOptions>().BodyBytesMax;
                return Problems.WriteAsync(context, 413, "too_large", $"A body has at most {bytesMax} bytes after decompression.");
            case BodyStatus.Busy:
                return Problems.WriteAsync(context, 429, "overloaded", "Too many bodies are being worked on; send it again.", retryAfterSeconds: 1);
            default:
                return Problems.WriteAsync(context, 400, "invalid_encoding", "The body is not compressed as its Content-Encoding says.");
        }
    }

    internal static Task RefuseKeyAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"ingest\", Bearer";
        return Problems.WriteAsync(context, 401, "unauthorized", "A write key is needed: Basic user name, Bearer, writeKey in the body or in the query.");
    }
}
