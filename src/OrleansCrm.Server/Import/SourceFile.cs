using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;

namespace OrleansCrm.Server.Import;

/// <summary>A file to import, plain or gzip. Read as often as needed, never held whole.</summary>
internal sealed class SourceFile(string path)
{
    private const int BufferBytes = 1 << 16;

    public string Path { get; } = path;

    /// <summary>The content, decompressed when the first two bytes are those of gzip (a name ending in .gz proves nothing).</summary>
    public Stream OpenRead()
    {
        var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>
    /// Names the import by what the file says: the same content under another name, or compressed, is the same import, and events it
    /// brought before are recognised.
    /// </summary>
    public string ImportName(ImportFormat format)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = OpenRead();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        int read;
        while ((read = content.Read(buffer, 0, buffer.Length)) > 0)
            hash.AppendData(buffer, 0, read);
        ArrayPool<byte>.Shared.Return(buffer);
        var digest = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
        return $"{FormatName(format)}-{digest}";
    }

    public static string FormatName(ImportFormat format) => format == ImportFormat.Events ? "events" : "online-retail";
}
