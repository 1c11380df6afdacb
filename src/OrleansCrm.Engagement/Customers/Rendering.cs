using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Customers;

/// <summary>How times, money and probabilities stand in the JSON that leaves this room.</summary>
internal static class Rendering
{
    /// <summary>Answers are application/json, never put into HTML as they stand, so letters need no escapes.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const long LatestMs = 253_402_300_799_999;
    private const long EarliestMs = -62_135_596_800_000;
    private const int RoundTripLength = 28;
    private const int InstantLength = 24;
    private const int EntryLengthMax = 32;

    // A sign, thirteen digits, a point, six more.
    private const int MicrosLengthMax = 24;

    /// <summary>What one large customer needed is not kept.</summary>
    private const int ScratchBytesKept = 64 * 1024;

    // Scratch for each thread: a profile is rendered for most lookups of a busy shop, and its writer would cost more memory than its bytes.
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Bytes, Utf8JsonWriter Json)? _scratch;

    public static byte[] Object(Action<Utf8JsonWriter> write) => Object(write, static (json, write) => write(json));

    /// <summary>The same without a closure, for what is rendered often.</summary>
    public static byte[] Object<T>(in T value, Action<Utf8JsonWriter, T> write)
    {
        var scratch = _scratch ?? CreateScratch();

        // Whoever renders while rendering, or throws, leaves nothing behind.
        _scratch = null;
        scratch.Bytes.ResetWrittenCount();
        scratch.Json.Reset();
        scratch.Json.WriteStartObject();
        write(scratch.Json, value);
        scratch.Json.WriteEndObject();
        scratch.Json.Flush();
        if (scratch.Bytes.Capacity <= ScratchBytesKept)
            _scratch = scratch;
        return scratch.Bytes.WrittenSpan.ToArray();
    }

    public static string Instant(long ms) => TimeOf(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes what <see cref="Instant"/> says, without making a text of it.</summary>
    public static void WriteTime(Utf8JsonWriter json, string name, long ms)
    {
        // The round-trip form has seven decimals; three of them are said.
        Span<byte> text = stackalloc byte[RoundTripLength];
        TimeOf(ms).TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[InstantLength - 1] = (byte)'Z';
        json.WriteString(name, text[..InstantLength]);
    }

    /// <summary>Writes the entry's public id, without making a text of it.</summary>
    public static void WriteEntry(Utf8JsonWriter json, string name, EntryId id)
    {
        Span<byte> text = stackalloc byte[EntryLengthMax];
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"{id.Partition}-{id.Offset}", out var length);
        json.WriteString(name, text[..length]);
    }

    /// <summary>Writes the instant, or null for 0.</summary>
    public static void WriteInstant(Utf8JsonWriter json, string name, long ms)
    {
        if (ms == 0)
            json.WriteNull(name);
        else
            WriteTime(json, name, ms);
    }

    internal static DateTime TimeOf(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(ms, EarliestMs, LatestMs)).UtcDateTime;

    private static (ArrayBufferWriter<byte> Bytes, Utf8JsonWriter Json) CreateScratch()
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        return (bytes, new Utf8JsonWriter(bytes, Options));
    }

    /// <summary>Millionths as a plain decimal number without trailing zeros.</summary>
    public static void WriteAmount(Utf8JsonWriter json, long micros)
    {
        Span<byte> digits = stackalloc byte[MicrosLengthMax];
        json.WriteRawValue(digits[..FormatMicros(micros, digits)], skipInputValidation: true);
    }

    public static void WriteMoney(Utf8JsonWriter json, string name, long micros, string currency)
    {
        json.WriteStartObject(name);
        json.WritePropertyName("amount");
        WriteAmount(json, micros);
        json.WriteString("currency", currency);
        json.WriteEndObject();
    }

    /// <summary>Six decimals: more would only show rounding.</summary>
    public static void WriteProbability(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        WriteRounded(json, Math.Clamp(value, 0, 1));
    }

    /// <summary>Writes what <see cref="Rounded"/> gives, which is a tenth of the work that the shortest digits of any number are.</summary>
    public static void WriteRounded(Utf8JsonWriter json, double value) => WriteAmount(json, (long)Math.Floor(value * 1e6 + 0.5));

    /// <summary>Six decimals; what is read back from them is the same number.</summary>
    public static double Rounded(double value) => Math.Floor(value * 1e6 + 0.5) / 1e6;

    public static string Text(long micros) => Plain(micros).ToString("0.00####", CultureInfo.InvariantCulture);

    /// <summary>Millionths rounded to the hundredth, half up.</summary>
    public static long ToCents(double micros) => (long)Math.Floor(Math.Clamp(micros, -9e17, 9e17) / 10_000 + 0.5) * 10_000;

    // Division of decimals drops trailing zeros of the quotient, so 12.340000 is written 12.34.
    private static decimal Plain(long micros) => micros / 1_000_000m;

    /// <summary>The same digits as <see cref="Plain"/> has, without a division of decimals.</summary>
    private static int FormatMicros(long micros, Span<byte> digits)
    {
        var length = 0;
        var size = micros < 0 ? 0 - (ulong)micros : (ulong)micros;
        if (micros < 0)
            digits[length++] = (byte)'-';
        var (whole, rest) = Math.DivRem(size, 1_000_000);
        whole.TryFormat(digits[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
        if (rest == 0)
            return length;
        digits[length++] = (byte)'.';
        for (ulong place = 100_000; rest > 0; place /= 10)
        {
            (var digit, rest) = Math.DivRem(rest, place);
            digits[length++] = (byte)('0' + digit);
        }

        return length;
    }
}
