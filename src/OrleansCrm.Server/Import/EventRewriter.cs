using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Import;

/// <summary>
/// Gives an event of a file the time, the import's name and, where it has none, the message id with which it goes out. Clocks of the
/// machine that once sent it (<c>sentAt</c>, <c>originalTimestamp</c>) are left out: against today's clock they would look years slow.
/// </summary>
internal sealed class EventRewriter(ImportPlan plan)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(4 * 1024);

    /// <summary>When it happened: <c>timestamp</c>, else <c>originalTimestamp</c>.</summary>
    public static bool TryTime(JsonElement json, out long unixMs)
    {
        unixMs = 0;
        if (!json.TryGetProperty("timestamp", out var field) && !json.TryGetProperty("originalTimestamp", out field))
            return false;
        if (field.ValueKind != JsonValueKind.String || !IsoTime.TryParse(Encoding.UTF8.GetBytes(field.GetString()!), out var time))
            return false;
        unixMs = time.ToUnixTimeMilliseconds();
        return true;
    }

    public byte[] Write(JsonElement source, long timeMs, string messageIdIfNone)
    {
        _buffer.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_buffer, Options);
        json.WriteStartObject();
        var hasMessageId = false;
        var hasContext = false;
        foreach (var property in source.EnumerateObject())
        {
            if (property.NameEquals("timestamp") || property.NameEquals("originalTimestamp") || property.NameEquals("sentAt"))
                continue;
            if (property.NameEquals("context") && property.Value.ValueKind == JsonValueKind.Object)
            {
                if (!hasContext)
                    WriteContext(json, property.Value);
                hasContext = true;
                continue;
            }

            if (property.NameEquals("messageId"))
            {
                if (property.Value is { ValueKind: JsonValueKind.Null } || property.Value.GetRawText() == "\"\"")
                    continue;
                hasMessageId = true;
            }

            property.WriteTo(json);
        }

        if (!hasContext)
            WriteContext(json, default);
        if (!hasMessageId)
            json.WriteString("messageId", messageIdIfNone);
        json.WriteString("timestamp", IsoText.Of(timeMs));
        json.WriteEndObject();
        json.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    private void WriteContext(Utf8JsonWriter json, JsonElement context)
    {
        json.WriteStartObject("context");
        if (context.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in context.EnumerateObject())
            {
                if (!property.NameEquals("import"))
                    property.WriteTo(json);
            }
        }

        json.WriteString("import", plan.Import);
        json.WriteEndObject();
    }
}
