using System.Buffers;
using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Customers;

/// <summary>A page of a customer's entries as JSON. Payloads pass through as they came.</summary>
internal static class TimelinePage
{
    private static readonly JsonReaderOptions PayloadOptions = new() { MaxDepth = 100 };

    public static ReadOnlyMemory<byte> Render(TimelineItem[] items, string? next, long reachesBackToMs)
    {
        var buffer = new ArrayBufferWriter<byte>(1024 + items.Sum(i => i.Entry.Payload.Length + 256));
        using var json = new Utf8JsonWriter(buffer, JsonBodies.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var item in items)
            WriteItem(json, item);
        json.WriteEndArray();
        json.WriteString("next", next);
        if (reachesBackToMs > 0)
            json.WriteString("reachesBackTo", JsonBodies.Instant(reachesBackToMs));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    public static void WriteItem(Utf8JsonWriter json, TimelineItem item)
    {
        var entry = item.Entry;
        var (name, messageId) = ReadNames(entry.Payload);
        json.WriteStartObject();
        json.WriteString("id", entry.PublicId);
        json.WriteString("type", EntryTypes.CallOf(entry.Type));
        json.WriteString("event", name);
        if (EntryTypes.IsFromBrowser(entry.Type))
            json.WriteString("origin", "browser");
        if (Unconfirmed.Is(entry.Type, name))
            json.WriteBoolean("unconfirmed", true);
        json.WriteString("time", DateTimeOffset.FromUnixTimeMilliseconds(entry.TimeMs).UtcDateTime);
        json.WriteString("recordedAt", DateTimeOffset.FromUnixTimeMilliseconds(entry.RecordedMs).UtcDateTime);
        if (messageId is not null)
            json.WriteString("messageId", messageId);
        json.WritePropertyName("payload");
        if (entry.Payload.Length > 0)
            json.WriteRawValue(entry.Payload, skipInputValidation: true);
        else
            json.WriteNullValue();
        json.WriteStartArray("outcomes");
        foreach (var outcome in item.Outcomes)
            json.WriteStringValue(outcome);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static (string? Name, string? MessageId) ReadNames(byte[] payload)
    {
        string? name = null, messageId = null;
        var reader = new Utf8JsonReader(payload, PayloadOptions);
        if (payload.Length == 0 || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.NameIs("event"u8);
            var isId = reader.NameIs("messageId"u8);
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
                name = reader.GetString();
            else if (isId && reader.TokenType == JsonTokenType.String)
                messageId = reader.GetString();
            else
                reader.Skip();
        }

        return (name, messageId);
    }
}
