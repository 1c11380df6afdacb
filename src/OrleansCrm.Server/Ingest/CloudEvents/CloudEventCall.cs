using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Server.Ingest.CloudEvents;

/// <summary>
/// Turns a CloudEvent into the call that a storefront would have made. The event's type names the call by its end: <c>order.completed</c>,
/// <c>com.shop.order_completed.v2</c> and <c>OrderCompleted</c> are the event <c>Order Completed</c>, and <c>identify</c> sets traits; every
/// other type is the name of an event as it stands. The data are its properties, and everything else is kept beside them.
/// </summary>
internal static class CloudEventCall
{
    private const string UserPrefix = "user:";
    private const string AnonymousPrefix = "anonymous:";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly FrozenDictionary<string, string> Names = StorefrontEvents.Names.ToFrozenDictionary(Bare, StringComparer.Ordinal);

    /// <summary>The name of the event that a type means; null for <c>identify</c>.</summary>
    public static string? EventOf(string type)
    {
        var parts = type.Split(['.', '/', ':'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > 1 && IsVersion(parts[^1]))
            parts = parts[..^1];
        if (parts.Length == 0)
            return type;
        if (parts[^1].Equals(EntryTypes.Identify, StringComparison.OrdinalIgnoreCase))
            return null;
        return Names.GetValueOrDefault(Bare(parts[^1]))
            ?? (parts.Length > 1 ? Names.GetValueOrDefault(Bare(parts[^2] + parts[^1])) : null)
            ?? type;
    }

    public static Envelope ToEnvelope(CloudEvent source, int index)
    {
        var name = EventOf(source.Type);
        var (field, customer) = CustomerOf(source.Subject);
        return new Envelope
        {
            Index = index,
            Type = name is null ? EntryTypes.Identify : EntryTypes.Track,
            Event = name is null ? default : Encoding.UTF8.GetBytes(name),
            MessageId = source.Id,
            Source = source.Source,
            UserId = field == "userId" ? customer : null,
            AnonymousId = field == "anonymousId" ? customer : null,
            Timestamp = new Field<DateTimeOffset>(source.Time, IsFaulty: false),
            Json = Write(source, name, field, customer),
            Properties = name is not null && HasObject(source) ? source.Data : default,
            Fault = FaultOf(source, customer) is var (code, detail) ? new Rejection(index, source.Id, code, detail) : null,
        };
    }

    private static (string Code, string Detail)? FaultOf(CloudEvent source, string? customer)
    {
        if (customer is null)
            return ("missing_user", "\"subject\" is missing: it says which customer the event is about.");
        var reader = new Utf8JsonReader(source.Data.Span, new JsonReaderOptions { MaxDepth = BatchReader.BodyDepthMax });
        while (source.Data.Length > 0 && reader.Read())
        {
            if (reader.CurrentDepth > BatchReader.ItemDepthMax)
                return ("too_deep", $"The data is nested more than {BatchReader.ItemDepthMax} deep.");
        }

        return null;
    }

    /// <summary>The field of the call that names the customer, and the id; no id for no subject.</summary>
    public static (string Field, string? Id) CustomerOf(string? subject) =>
        subject is null ? ("userId", null)
        : subject.StartsWith(AnonymousPrefix, StringComparison.Ordinal) ? ("anonymousId", subject[AnonymousPrefix.Length..])
        : subject.StartsWith(UserPrefix, StringComparison.Ordinal) ? ("userId", subject[UserPrefix.Length..])
        : ("userId", subject);

    private static byte[] Write(CloudEvent source, string? name, string field, string? customer)
    {
        var buffer = new ArrayBufferWriter<byte>(source.Data.Length + 512);
        using var json = new Utf8JsonWriter(buffer, Options);
        var isObject = HasObject(source);
        json.WriteStartObject();
        json.WriteString("type", name is null ? EntryTypes.Identify : EntryTypes.Track);
        if (name is not null)
            json.WriteString("event", name);
        json.WriteString(field, customer);
        json.WriteString("messageId", source.Id);
        if (source.Attributes.FirstOrDefault(a => a.Key == "time") is { Key: not null } time)
            WriteRaw(json, "timestamp", time.Value);
        if (isObject)
        {
            json.WritePropertyName(name is null ? "traits" : "properties");
            json.WriteRawValue(source.Data.Span, skipInputValidation: true);
        }

        json.WriteStartObject("context");
        json.WriteStartObject("cloudEvent");
        foreach (var (attribute, value) in source.Attributes)
            WriteRaw(json, attribute, value);
        if (!isObject && source.Data.Length > 0)
        {
            json.WritePropertyName("data");
            json.WriteRawValue(source.Data.Span, skipInputValidation: true);
        }

        if (source.DataBase64 is not null)
            json.WriteString("data_base64", source.DataBase64);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static bool HasObject(CloudEvent source) => source.Data.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static void WriteRaw(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.GetRawText(), skipInputValidation: true);
    }

    private static string Bare(string name)
    {
        var bare = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c is not (' ' or '_' or '-'))
                bare.Append(char.ToLowerInvariant(c));
        }

        return bare.ToString();
    }

    private static bool IsVersion(string part) => part.Length is > 1 and <= 8 && part[0] is 'v' or 'V' && part.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
}
