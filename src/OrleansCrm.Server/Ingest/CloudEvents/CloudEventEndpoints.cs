using System.Text.Json;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest.Browsers;
using OrleansCrm.Server.Ingest.Limits;

namespace OrleansCrm.Server.Ingest.CloudEvents;

/// <summary>CloudEvents 1.0 over HTTP: binary, structured and batched.</summary>
internal static class CloudEventEndpoints
{
    private const string Path = "/v1/events";
    private const string Structured = "application/cloudevents";
    private const string Batched = "application/cloudevents-batch";

    public static void MapCloudEvents(this IEndpointRouteBuilder routes)
    {
        var take = CrossOrigin.Open(HttpMethods.Post, TakeAsync);
        routes.MapMethods(
            Path,
            [HttpMethods.Post, HttpMethods.Options],
            context => HttpMethods.IsOptions(context.Request.Method) && context.Request.Headers.ContainsKey("WebHook-Request-Origin")
                ? ShakeHandsAsync(context)
                : take(context)).AllowAnonymous();
    }

    // A sender of webhooks asks first whether it may, so that nobody can turn it on a third party. Whoever has a key may.
    private static Task ShakeHandsAsync(HttpContext context)
    {
        if (OriginOf(context) is null)
            return IngestEndpoints.RefuseKeyAsync(context);
        context.Response.Headers.Allow = "POST, OPTIONS";
        context.Response.Headers["WebHook-Allowed-Origin"] = "*";
        context.Response.Headers["WebHook-Allowed-Rate"] = "*";
        return Task.CompletedTask;
    }

    private static async Task TakeAsync(HttpContext context)
    {
        if (OriginOf(context) is not { } origin)
        {
            await IngestEndpoints.RefuseKeyAsync(context);
            return;
        }

        var (status, body) = await context.RequestServices.GetRequiredService<BodyReader>().ReadAsync(context.Request);
        using (body)
        {
            if (status != BodyStatus.Read)
                await IngestEndpoints.RefuseBodyAsync(context, status);
            else if (await ReadAsync(context, CloudEventBodies.WithoutMark(body.Memory)) is { } batch)
                await SendAsync(context, origin, batch);
        }
    }

    private static IngestOrigin? OriginOf(HttpContext context) => context.RequestServices.GetRequiredService<IngestKeys>()
        .Find(IngestKeys.KeyIn(context.Request.Headers.Authorization) ?? (string?)context.Request.Query["writeKey"], isImport: false);

    /// <returns>Null when a problem has been answered instead.</returns>
    private static async Task<Batch?> ReadAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var contentType = context.Request.ContentType ?? "";
        var isFormat = contentType.StartsWith(Structured, StringComparison.OrdinalIgnoreCase);
        if (isFormat && !contentType.Contains("+json", StringComparison.OrdinalIgnoreCase))
        {
            await Problems.WriteAsync(context, 415, "unsupported_format", "CloudEvents are read in the JSON format.");
            return null;
        }

        if (!isFormat && CloudEventBodies.IsBinary(context.Request.Headers))
            return await OneAsync(context, CloudEventBodies.ReadBinary(context.Request, body, out var wrong), wrong);

        using var json = CloudEventBodies.Parse(body);
        if (json is null)
        {
            await Problems.WriteAsync(context, 400, "invalid_json", "The body is not JSON, and no header says that it is the data of a CloudEvent.");
            return null;
        }

        var kind = json.RootElement.ValueKind;
        var isBatch = contentType.StartsWith(Batched, StringComparison.OrdinalIgnoreCase) || (!isFormat && kind == JsonValueKind.Array);
        switch (kind)
        {
            case JsonValueKind.Array when isBatch:
                return ReadBatch(json.RootElement, context.RequestServices.GetRequiredService<IngestOptions>().BatchEventsMax);
            case JsonValueKind.Object when !isBatch:
                return await OneAsync(context, Read(json.RootElement, out var fault), fault);
            default:
                await Problems.WriteAsync(context, 400, "invalid_shape", isBatch ? "A batch is an array of CloudEvents." : "A CloudEvent is an object.");
                return null;
        }
    }

    private static async Task<Batch?> OneAsync(HttpContext context, CloudEvent? read, CloudEventFault? fault)
    {
        if (read is not null)
            return new Batch([CloudEventCall.ToEnvelope(read, 0)], null, default);
        await Problems.WriteAsync(context, 400, fault!.Code, fault.Detail, null, json => json.WriteString("attribute", fault.Attribute));
        return null;
    }

    private static Batch ReadBatch(JsonElement list, int itemsMax)
    {
        var total = list.GetArrayLength();
        var read = new List<Envelope>(Math.Min(total, 2 * itemsMax));
        foreach (var json in list.EnumerateArray().Take(2 * itemsMax))
            read.Add(ReadItem(json, read.Count));
        return new Batch([.. read.Take(itemsMax)], null, default) { Total = total, Surplus = [.. read.Skip(itemsMax)] };
    }

    private static CloudEvent? Read(JsonElement json, out CloudEventFault? fault)
    {
        try
        {
            return CloudEventBodies.ReadStructured(json, out fault);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON by its grammar, but no text.
            fault = new CloudEventFault("invalid_json", "", "A text of the event is no Unicode.");
            return null;
        }
    }

    private static Envelope ReadItem(JsonElement json, int index)
    {
        var fault = new CloudEventFault("invalid_item", "", "The item is no JSON object.");
        if (json.ValueKind == JsonValueKind.Object && Read(json, out fault) is { } read)
            return CloudEventCall.ToEnvelope(read, index);

        // Whom it is about: what is kept of it goes when that customer is erased.
        var (field, customer) = CloudEventCall.CustomerOf(SubjectOf(json));
        return new Envelope
        {
            Index = index,
            UserId = field == "userId" ? customer : null,
            AnonymousId = field == "anonymousId" ? customer : null,
            Json = System.Text.Encoding.UTF8.GetBytes(json.GetRawText()),
            Fault = new Rejection(index, null, fault!.Code, fault.Detail),
        };
    }

    private static string? SubjectOf(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.String
                ? subject.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task SendAsync(HttpContext context, IngestOrigin origin, Batch batch)
    {
        if (!await context.RequestServices.GetRequiredService<IngestLimits>().AdmitAsync(context, origin, batch.Total))
            return;
        var isStrict = context.Request.Headers["X-Strict-Mode"] == "1";
        var answer = await context.RequestServices.GetRequiredService<IngestPipeline>().SendAsync(origin, batch, isStrict, context.RequestAborted);
        await IngestEndpoints.AnswerAsync(context, answer);
    }
}
