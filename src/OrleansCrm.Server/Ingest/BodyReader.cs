using System.Buffers;
using System.IO.Compression;

namespace OrleansCrm.Server.Ingest;

internal enum BodyStatus
{
    Unknown = 0,
    Read = 1,
    TooLarge = 2,

    /// <summary>Compressed in a way that is not read here.</summary>
    UnknownEncoding = 3,

    /// <summary>Says that it is compressed, and is not.</summary>
    Corrupt = 4,

    /// <summary>Too many bodies are being worked on.</summary>
    Busy = 5,
}

/// <summary>Reads bodies into pooled memory: decompressed, never beyond the bound, and all of them together within a budget.</summary>
internal sealed class BodyReader(IngestOptions options)
{
    private const int FirstBytes = 16 * 1024;

    private long _taken;

    public async ValueTask<(BodyStatus Status, Body Body)> ReadAsync(HttpRequest request)
    {
        var cancellation = request.HttpContext.RequestAborted;
        var encoding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip" or "deflate" or "br"))
            return (BodyStatus.UnknownEncoding, default);
        if (request.ContentLength > options.BodyBytesMax)
        {
            await DrainAsync(request, cancellation);
            return (BodyStatus.TooLarge, default);
        }

        // Room is taken as bytes arrive: the length that a sender only announces would take it from everybody else, with no key at all.
        var (status, body) = await FillAsync(request.Body, Math.Min(request.ContentLength ?? FirstBytes, FirstBytes), cancellation);
        if (status == BodyStatus.TooLarge)
            await DrainAsync(request, cancellation);
        if (status != BodyStatus.Read || encoding is "" or "identity" || body.Length == 0)
            return (status, body);

        using (body)
        {
            try
            {
                await using var plain = Decompress(encoding, body);
                return await FillAsync(plain, Math.Min(body.Length * 4L, options.BodyBytesMax), cancellation);
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                return (BodyStatus.Corrupt, default);
            }
        }
    }

    private static Stream Decompress(string encoding, Body body)
    {
        var packed = new MemoryStream(body.Array, 0, body.Length, writable: false);
        return encoding switch
        {
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "deflate" when IsZlib(body.Memory.Span) => new ZLibStream(packed, CompressionMode.Decompress),
            "deflate" => new DeflateStream(packed, CompressionMode.Decompress),
            _ => new GZipStream(packed, CompressionMode.Decompress),
        };
    }

    // "deflate" means zlib, but some clients send the bare stream. The two bytes of a zlib header are divisible by 31.
    private static bool IsZlib(ReadOnlySpan<byte> body) =>
        body.Length >= 2 && (body[0] & 0x0f) == 8 && ((body[0] << 8) | body[1]) % 31 == 0;

    private async ValueTask<(BodyStatus Status, Body Body)> FillAsync(Stream source, long expected, CancellationToken cancellation)
    {
        // One byte more than allowed tells a body that fits from one that does not.
        var limit = options.BodyBytesMax + 1;
        var body = Take((int)Math.Clamp(expected + 1, 1, limit));
        if (body.IsEmpty)
            return (BodyStatus.Busy, default);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == body.Capacity)
                {
                    if (length >= limit)
                        return Drop(ref body, BodyStatus.TooLarge);
                    var larger = Take(Math.Min(limit, length * 2));
                    if (larger.IsEmpty)
                        return Drop(ref body, BodyStatus.Busy);
                    body.Array.AsSpan(0, length).CopyTo(larger.Array);
                    body.Dispose();
                    body = larger;
                }

                var read = await source.ReadAsync(body.Array.AsMemory(length, body.Capacity - length), cancellation);
                if (read == 0)
                    return (BodyStatus.Read, body with { Length = length });
                length += read;
                if (length >= limit)
                    return Drop(ref body, BodyStatus.TooLarge);
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static (BodyStatus, Body) Drop(ref Body body, BodyStatus status)
    {
        body.Dispose();
        body = default;
        return (status, default);
    }

    // A sender that is cut off in the middle of its body mostly sees a broken connection in place of the answer.
    private async Task DrainAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.Headers.Expect.Count > 0 || request.ContentLength > options.DrainBytesMax)
            return;
        var scratch = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            long drained = 0;
            int read;
            while (drained < options.DrainBytesMax && (read = await request.Body.ReadAsync(scratch, cancellation)) > 0)
                drained += read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private Body Take(int bytes)
    {
        var array = ArrayPool<byte>.Shared.Rent(bytes);
        if (Interlocked.Add(ref _taken, array.Length) <= options.BodiesBytesMax)
            return new Body(this, array, Math.Min(array.Length, options.BodyBytesMax + 1), 0);
        Return(array);
        return default;
    }

    private void Return(byte[] array)
    {
        Interlocked.Add(ref _taken, -array.Length);
        ArrayPool<byte>.Shared.Return(array);
    }

    /// <summary>A body in pooled memory; whoever reads it gives it back.</summary>
    internal readonly record struct Body(BodyReader Owner, byte[] Array, int Capacity, int Length) : IDisposable
    {
        public bool IsEmpty => Array is null;

        public ReadOnlyMemory<byte> Memory => Array.AsMemory(0, Length);

        public void Dispose()
        {
            if (Array is not null)
                Owner.Return(Array);
        }
    }
}
