using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansCrm.Engagement.Customers;

/// <summary>How times, money and probabilities stand in the JSON that leaves this room.</summary>
internal static class Rendering
{
    /// <summary>Answers are application/json, never put into HTML as they stand, so letters need no escapes.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const long LatestMs = 253_402_300_799_999;
    private const long EarliestMs = -62_135_596_800_000;

    public static byte[] Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static string Instant(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(ms, EarliestMs, LatestMs))
            .UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes the instant, or null for 0.</summary>
    public static void WriteInstant(Utf8JsonWriter json, string name, long ms)
    {
        if (ms == 0)
            json.WriteNull(name);
        else
            json.WriteString(name, Instant(ms));
    }

    /// <summary>Millionths as a plain decimal number without trailing zeros.</summary>
    public static void WriteAmount(Utf8JsonWriter json, long micros) => json.WriteNumberValue(Plain(micros));

    public static void WriteMoney(Utf8JsonWriter json, string name, long micros, string currency)
    {
        json.WriteStartObject(name);
        json.WritePropertyName("amount");
        WriteAmount(json, micros);
        json.WriteString("currency", currency);
        json.WriteEndObject();
    }

    /// <summary>Six decimals: more would only show rounding.</summary>
    public static void WriteProbability(Utf8JsonWriter json, string name, double value) =>
        json.WriteNumber(name, Plain((long)Math.Floor(Math.Clamp(value, 0, 1) * 1e6 + 0.5)));

    public static string Text(long micros) => Plain(micros).ToString("0.00####", CultureInfo.InvariantCulture);

    /// <summary>Millionths rounded to the hundredth, half up.</summary>
    public static long ToCents(double micros) => (long)Math.Floor(Math.Clamp(micros, -9e17, 9e17) / 10_000 + 0.5) * 10_000;

    // Division of decimals drops trailing zeros of the quotient, so 12.340000 is written 12.34.
    private static decimal Plain(long micros) => micros / 1_000_000m;
}
