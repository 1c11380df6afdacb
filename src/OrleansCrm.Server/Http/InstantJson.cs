using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Http;

/// <summary>Instants in small bodies as everywhere else: ISO-8601, UTC, to the millisecond; one that names no zone is UTC, wherever the server stands.</summary>
internal sealed class InstantJson : JsonConverter<DateTimeOffset>
{
    private const int TextBytesMax = 64;

    public static JsonConverter<DateTime> OfDateTime { get; } = new Utc();

    public static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[TextBytesMax];
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > TextBytesMax
            || !IsoTime.TryParse(text[..reader.CopyString(text)], out var instant))
            throw new JsonException();
        return instant;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));

    private sealed class Utc : JsonConverter<DateTime>
    {
        public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("What is sent here is read as DateTimeOffset.");

        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));
    }
}
