using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansCrm.Server.Http;

/// <summary>Small JSON in and out of the endpoints that administer.</summary>
internal static class JsonBodies
{
    /// <summary>Largest body of a request that administers, in bytes: e-mail addresses, names and notes fit many times over.</summary>
    public const int BytesMax = 64 * 1024;

    /// <summary>Quotes, letters of any language and signs stand as they are: who reads an answer reads it as it was meant, and no page takes JSON for HTML.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = WriterOptions.Encoder, Converters = { new InstantJson(), InstantJson.OfDateTime } };

    /// <summary>Reads the body as JSON, whatever its content type says.</summary>
    /// <returns>Null when a problem has been answered instead.</returns>
    public static async Task<T?> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var body = await ReadBytesAsync(context);
        if (body is null)
            return null;
        string? path = null;
        try
        {
            if (JsonSerializer.Deserialize<T>(body.Value.Span, Options) is { } value)
                return value;
        }
        catch (JsonException e)
        {
            path = e.Path;
        }

        var (detail, field) = BodyFault.Of(typeof(T), body.Value.Span, path);
        await Problems.WriteAsync(context, 400, "invalid_json", detail, null, field is null ? null : json => json.WriteString("field", field));
        return null;
    }

    /// <returns>Null when a problem has been answered instead.</returns>
    public static async Task<ReadOnlyMemory<byte>?> ReadBytesAsync(HttpContext context, int bytesMax = BytesMax)
    {
        if (context.Request.ContentLength <= bytesMax || context.Request.ContentLength is null)
        {
            using var buffer = new MemoryStream();
            var chunk = new byte[4096];
            int read;
            while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0 && buffer.Length + read <= bytesMax)
                buffer.Write(chunk, 0, read);
            if (read == 0)
                return buffer.ToArray();
        }

        await Problems.WriteAsync(context, 413, "too_large", $"The body may have {bytesMax} bytes.");
        return null;
    }

    public static DateTime Instant(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;

    public static Task WriteAsync<T>(HttpContext context, int status, T value)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(value, Options, context.RequestAborted);
    }

    /// <summary>Writes one small object, whose members <paramref name="write"/> writes, with its length in the head.</summary>
    public static Task WriteObjectAsync<T>(HttpContext context, string contentType, T value, Action<Utf8JsonWriter, T> write)
    {
        var body = JsonScratch.Render(value, write);
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.BodyWriter.Write(body);
        return context.Response.BodyWriter.FlushAsync(context.RequestAborted).AsTask();
    }

    // Without the request's token, which would be made for it: a write to a connection that is gone returns by itself.
    public static async Task WriteRawAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json);
    }
}
