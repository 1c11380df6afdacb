using System.Buffers;
using System.Text.Json;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// The state as it is stored: UTF-8 JSON that begins with <c>{"v":1</c>. Equal states give equal bytes, and decoding gives the very
/// same state back, so a fold from a snapshot goes on as the unbroken one would.
/// </summary>
public static class SnapshotCodec
{
    /// <summary>The form of the bytes; not the fold's version, which is about meaning.</summary>
    public const int Version = 1;

    [ThreadStatic]
    private static Scratch? _scratch;

    public static byte[] Encode(CustomerState state)
    {
        var scratch = _scratch ??= new Scratch();
        scratch.Bytes.ResetWrittenCount();
        scratch.Json.Reset();
        SnapshotWriter.Write(scratch.Json, state);
        scratch.Json.Flush();
        state.Pack();
        return scratch.Bytes.WrittenSpan.ToArray();
    }

    /// <exception cref="SnapshotVersionException">The bytes are of another version, or no snapshot at all.</exception>
    public static CustomerState Decode(ReadOnlySpan<byte> utf8Json)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = 64 });
            using var parsed = JsonDocument.ParseValue(ref reader);
            var version = parsed.RootElement.GetProperty("v").GetInt32();
            if (version != Version)
                throw new SnapshotVersionException($"The snapshot has version {version}; this build reads version {Version}.");
            return SnapshotReader.Read(parsed.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new SnapshotVersionException("The snapshot cannot be read: " + e.Message);
        }
    }

    /// <summary>What writing needs over and over; a million states are encoded again and again.</summary>
    private sealed class Scratch
    {
        public Scratch() => Json = new Utf8JsonWriter(Bytes, Rendering.Options);

        public ArrayBufferWriter<byte> Bytes { get; } = new(4096);

        public Utf8JsonWriter Json { get; }
    }
}
