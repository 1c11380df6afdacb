using System.Buffers;
using System.Text.Json;

namespace OrleansCrm.Server.Http;

/// <summary>A writer and its memory for each thread, for answers that are made in one go: most have a few dozen bytes.</summary>
internal sealed class JsonScratch
{
    /// <summary>What one large answer needed is not kept.</summary>
    private const int BytesKept = 64 * 1024;

    [ThreadStatic]
    private static JsonScratch? _ofThread;

    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private readonly Utf8JsonWriter _json;

    private JsonScratch() => _json = new Utf8JsonWriter(_bytes, JsonBodies.WriterOptions);

    /// <summary>An object with the members that <paramref name="write"/> writes; to be copied before anything else runs on this thread.</summary>
    public static ReadOnlySpan<byte> Render<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var scratch = _ofThread ?? new JsonScratch();

        // Whoever renders while rendering gets one of their own.
        _ofThread = null;
        scratch._bytes.ResetWrittenCount();
        scratch._json.Reset();
        scratch._json.WriteStartObject();
        write(scratch._json, value);
        scratch._json.WriteEndObject();
        scratch._json.Flush();
        if (scratch._bytes.Capacity <= BytesKept)
            _ofThread = scratch;
        return scratch._bytes.WrittenSpan;
    }
}
