using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Archives;

/// <summary>
/// Writes an archive of entries of one partition. Layout, numbers little-endian: <c>OCRMARC1</c>, 16 bytes database id, 4 bytes partition; for each
/// entry 4 bytes length of the ciphertext, 16 bytes keyed hash of the customer, 8 bytes offset, 12 bytes nonce, ciphertext, 16 bytes tag; then 4
/// bytes of ones, 8 bytes number of entries, and the SHA-256 of all before. An entry is encrypted with its customer's key (AES-256-GCM), which
/// stands in the database alone: the file names nobody, and erasing a customer there takes the sense out of what is here.
/// </summary>
internal sealed class ArchiveWriter : IDisposable
{
    public const string Extension = ".archive";
    public const int HashBytes = 16;
    public const int NonceBytes = 12;
    public const int TagBytes = 16;
    public const int EntryHeadBytes = sizeof(int) + HashBytes + sizeof(long) + NonceBytes;
    public const int HeadBytes = 8 + 16 + sizeof(int);
    public const int TailBytes = sizeof(int) + sizeof(long) + SHA256.HashSizeInBytes;

    private const string Unfinished = ".new";

    private readonly JournalIdentity _identity;
    private readonly int _partition;
    private readonly string _path;
    private readonly FileStream _file;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _plain = new();

    /// <param name="path">Where the file is to be; until it is whole it has another name.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public ArchiveWriter(string path, JournalIdentity identity, int partition)
    {
        (_path, _identity, _partition) = (path, identity, partition);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(path + Unfinished, options);
        Write(HeadOf(identity, partition));
    }

    public long Entries { get; private set; }

    public static byte[] HeadOf(JournalIdentity identity, int partition)
    {
        var head = new byte[HeadBytes];
        "OCRMARC1"u8.CopyTo(head);
        identity.DatabaseId.TryWriteBytes(head.AsSpan(8), bigEndian: true, out _);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(24), partition);
        return head;
    }

    /// <summary>What an entry is bound to besides its key.</summary>
    public static byte[] PlaceOf(JournalIdentity identity, int partition, long offset)
    {
        var place = new byte[HeadBytes + sizeof(long)];
        HeadOf(identity, partition).CopyTo(place, 0);
        BinaryPrimitives.WriteInt64LittleEndian(place.AsSpan(HeadBytes), offset);
        return place;
    }

    public void Add(Entry entry, byte[] key)
    {
        _plain.SetLength(0);
        using (var plain = new BinaryWriter(_plain, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            plain.Write(entry.Customer);
            plain.Write(entry.MessageId.ToByteArray());
            plain.Write(entry.Type);
            plain.Write(entry.TimeMs);
            plain.Write(entry.RecordedMs);
            plain.Write(entry.Payload);
        }

        var length = (int)_plain.Length;
        var bytes = new byte[EntryHeadBytes + length + TagBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        CustomerHash.Of(_identity.HashKey, entry.Customer).TryWriteBytes(bytes.AsSpan(sizeof(int)), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(int) + HashBytes), entry.Offset);
        var nonce = bytes.AsSpan(EntryHeadBytes - NonceBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using (var cipher = new AesGcm(key, TagBytes))
        {
            cipher.Encrypt(
                nonce, _plain.GetBuffer().AsSpan(0, length), bytes.AsSpan(EntryHeadBytes, length), bytes.AsSpan(EntryHeadBytes + length),
                PlaceOf(_identity, _partition, entry.Offset));
        }

        Write(bytes);
        Entries++;
    }

    /// <summary>Makes the file whole and durable, and gives it its name.</summary>
    /// <returns>SHA-256 of the whole file; lower-case hex.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public string Finish()
    {
        var tail = new byte[TailBytes - SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt32LittleEndian(tail, -1);
        BinaryPrimitives.WriteInt64LittleEndian(tail.AsSpan(sizeof(int)), Entries);
        Write(tail);
        Write(_digest.GetCurrentHash());
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_path + Unfinished, _path, overwrite: false);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        return Convert.ToHexStringLower(_digest.GetHashAndReset());
    }

    /// <summary>Gives up what is not finished.</summary>
    public void Dispose()
    {
        _digest.Dispose();
        _plain.Dispose();
        try
        {
            // Writes what it still holds, which a full disk refuses once more.
            _file.Dispose();
        }
        finally
        {
            File.Delete(_path + Unfinished);
        }
    }

    /// <summary>Removes what killed runs left behind in the directory.</summary>
    public static void Clear(string directory)
    {
        foreach (var leftover in Directory.GetFiles(directory, "*" + Extension + Unfinished))
            File.Delete(leftover);
    }

    // The new name is durable with its directory, which .NET does not open.
    private static void SyncDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = OpenForReading(directory, 0);
        try
        {
            if (handle < 0 || Sync(handle) != 0)
                throw new IOException($"'{directory}' cannot be made durable: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
        finally
        {
            if (handle >= 0)
                _ = Close(handle);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenForReading([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _digest.AppendData(bytes);
        _file.Write(bytes);
    }
}
