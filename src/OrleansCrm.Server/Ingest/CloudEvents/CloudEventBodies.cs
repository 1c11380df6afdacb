using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace OrleansCrm.Server.Ingest.CloudEvents;

/// <summary>Reads CloudEvents out of requests: structured and batched from JSON, binary from the headers and the body.</summary>
internal static class CloudEventBodies
{
    private const string HeaderPrefix = "ce-";

    // An item that is too deep is refused by itself, so the body may be as deep as any.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = BatchReader.BodyDepthMax };

    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;

    /// <summary>The body as JSON.</summary>
    /// <returns>Null when it is none.</returns>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
            return null;
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads one CloudEvent in the JSON format.</summary>
    public static CloudEvent? ReadStructured(JsonElement json, out CloudEventFault? fault)
    {
        // What is no CloudEvent at all is told so, not that its first member has a bad name.
        if (!json.TryGetProperty("specversion"u8, out _))
        {
            fault = CloudEventFault.Missing("specversion");
            return null;
        }

        var attributes = new CloudEventAttributes();
        JsonElement? data = null;
        string? base64 = null;
        foreach (var member in json.EnumerateObject())
        {
            fault = null;
            if (member.NameEquals("data"))
                data = member.Value;
            else if (member.NameEquals("data_base64"))
                base64 = ReadBase64(member.Value, out fault);
            else
                fault = NameOf(member) is { } name ? attributes.Add(name, member.Value) : CloudEventFault.Invalid("", "is no name of an attribute");
            if (fault is not null)
                return null;
        }

        if (data is not null && base64 is not null)
        {
            fault = new CloudEventFault("invalid_data", "data_base64", "\"data\" and \"data_base64\" exclude each other.");
            return null;
        }

        return attributes.Finish(out fault) is { } read
            ? read with { Data = data is { } d ? Encoding.UTF8.GetBytes(d.GetRawText()) : default, DataBase64 = base64 }
            : null;
    }

    public static bool IsBinary(IHeaderDictionary headers) =>
        headers.ContainsKey("ce-specversion") || headers.ContainsKey("ce-id") || headers.ContainsKey("ce-type") || headers.ContainsKey("ce-source");

    /// <summary>Reads one whose attributes are headers and whose data is the body.</summary>
    public static CloudEvent? ReadBinary(HttpRequest request, ReadOnlyMemory<byte> body, out CloudEventFault? fault)
    {
        var attributes = new CloudEventAttributes();
        foreach (var (header, values) in request.Headers)
        {
            if (!header.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var name = header[HeaderPrefix.Length..].ToLowerInvariant();
            fault = values is [{ } value] && Decode(value) is { } text
                ? attributes.Add(name, JsonSerializer.SerializeToElement(text))
                : CloudEventFault.Invalid(name, "is given twice, or is not percent-encoded UTF-8");
            if (fault is not null)
                return null;
        }

        var contentType = request.ContentType;
        if (!string.IsNullOrEmpty(contentType) && (fault = attributes.Add("datacontenttype", JsonSerializer.SerializeToElement(contentType))) is not null)
            return null;
        if (attributes.Finish(out fault) is not { } read)
            return null;
        if (body.Length == 0)
            return read;
        using var json = Parse(body);
        if (json is not null)
            return read with { Data = body.ToArray() };
        if (IsJson(contentType))
        {
            fault = new CloudEventFault("invalid_data", "data", "The data is no JSON, though its content type says so.");
            return null;
        }

        return read with { DataBase64 = Convert.ToBase64String(body.Span) };
    }

    private static bool IsJson(string? contentType) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var type) || type.MediaType is not { } media
        || media.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);

    private static string? ReadBase64(JsonElement value, out CloudEventFault? fault)
    {
        fault = null;
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes))
            return Convert.ToBase64String(bytes);
        fault = new CloudEventFault("invalid_data", "data_base64", "\"data_base64\" is no base64.");
        return null;
    }

    // The HTTP binding percent-encodes what a header cannot hold. What is no escape stands for itself.
    private static string? Decode(string value)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '%' && i + 2 < value.Length && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]))
            {
                bytes[length++] = Convert.FromHexString(value.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(value.AsSpan(i, char.IsHighSurrogate(value[i]) && i + 1 < value.Length ? 2 : 1), bytes.AsSpan(length));
                i += char.IsHighSurrogate(value[i]) ? 1 : 0;
            }
        }

        return Utf8.IsValid(bytes.AsSpan(0, length)) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
