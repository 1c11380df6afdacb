using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Archives;

/// <summary>The archive files of a database, and where in them each entry stands.</summary>
internal sealed class ArchiveFolder : IDisposable
{
    private readonly JournalIdentity _identity;
    private readonly List<SafeFileHandle> _files = [];
    private readonly Dictionary<int, List<Place>> _places = [];

    private ArchiveFolder(JournalIdentity identity) => _identity = identity;

    /// <summary>SHA-256 of the files that were found, by name.</summary>
    public Dictionary<string, string> Digests { get; } = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">A file is damaged, or of another database.</exception>
    public static ArchiveFolder Open(string directory, JournalIdentity identity, CancellationToken cancellation)
    {
        var folder = new ArchiveFolder(identity);
        try
        {
            foreach (var path in Directory.GetFiles(directory, "*" + ArchiveWriter.Extension).Order(StringComparer.Ordinal))
            {
                cancellation.ThrowIfCancellationRequested();
                folder.Take(path);
            }

            foreach (var places in folder._places.Values)
                places.Sort((x, y) => x.Offset.CompareTo(y.Offset));
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <returns>Null when it is in no file, or in none that this database still has the key to.</returns>
    /// <exception cref="InvalidDataException">It is not what was archived.</exception>
    public Entry? Find(ArchivedStates states, int partition, long offset)
    {
        if (!_places.TryGetValue(partition, out var places))
            return null;
        var at = places.BinarySearch(new Place(offset, 0, 0), Place.ByOffset);
        while (at > 0 && places[at - 1].Offset == offset)
            at--;
        for (; at >= 0 && at < places.Count && places[at].Offset == offset; at++)
        {
            if (TryRead(states, partition, places[at]) is { } entry)
                return entry;
        }

        return null;
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void Take(string path)
    {
        using (var whole = File.OpenRead(path))
            Check(whole, path);
        var file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        _files.Add(file);
        Span<byte> head = stackalloc byte[ArchiveWriter.EntryHeadBytes];
        RandomAccess.Read(file, head[..ArchiveWriter.HeadBytes], 0);
        var partition = BinaryPrimitives.ReadInt32LittleEndian(head[24..]);
        if (!head[..ArchiveWriter.HeadBytes].SequenceEqual(ArchiveWriter.HeadOf(_identity, partition)))
            throw new InvalidDataException($"'{path}' is no archive of this database.");
        if (!_places.TryGetValue(partition, out var places))
            _places.Add(partition, places = []);
        for (long at = ArchiveWriter.HeadBytes; ;)
        {
            RandomAccess.Read(file, head, at);
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length < 0)
                return;
            places.Add(new Place(BinaryPrimitives.ReadInt64LittleEndian(head[(sizeof(int) + ArchiveWriter.HashBytes)..]), _files.Count - 1, at));
            at += ArchiveWriter.EntryHeadBytes + length + ArchiveWriter.TagBytes;
        }
    }

    private void Check(FileStream whole, string path)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var left = whole.Length - SHA256.HashSizeInBytes;
        if (left < ArchiveWriter.HeadBytes + ArchiveWriter.TailBytes - SHA256.HashSizeInBytes)
            throw new InvalidDataException($"'{path}' is damaged: it is not whole.");
        var chunk = new byte[1 << 16];
        while (left > 0)
        {
            var read = whole.Read(chunk, 0, (int)Math.Min(chunk.Length, left));
            digest.AppendData(chunk, 0, read);
            left -= read;
        }

        var said = new byte[SHA256.HashSizeInBytes];
        whole.ReadExactly(said);
        if (!digest.GetCurrentHash().AsSpan().SequenceEqual(said))
            throw new InvalidDataException($"'{path}' is damaged: it is not what was archived.");
        digest.AppendData(said);
        Digests[Path.GetFileName(path)] = Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private Entry? TryRead(ArchivedStates states, int partition, Place place)
    {
        var file = _files[place.File];
        var head = new byte[ArchiveWriter.EntryHeadBytes];
        RandomAccess.Read(file, head, place.At);
        if (states.KeyOf(new Guid(head.AsSpan(sizeof(int), ArchiveWriter.HashBytes), bigEndian: true)) is not { } key)
            return null;
        var sealedBytes = new byte[BinaryPrimitives.ReadInt32LittleEndian(head) + ArchiveWriter.TagBytes];
        RandomAccess.Read(file, sealedBytes, place.At + head.Length);
        var plain = new byte[sealedBytes.Length - ArchiveWriter.TagBytes];
        try
        {
            using var cipher = new AesGcm(key, ArchiveWriter.TagBytes);
            cipher.Decrypt(
                head.AsSpan(head.Length - ArchiveWriter.NonceBytes), sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length), plain,
                ArchiveWriter.PlaceOf(_identity, partition, place.Offset));
        }
        catch (AuthenticationTagMismatchException)
        {
            // Of a run that was stopped before the database had its keys.
            return null;
        }

        using var reader = new BinaryReader(new MemoryStream(plain));
        var (customer, message, type) = (reader.ReadString(), new Guid(reader.ReadBytes(16)), reader.ReadString());
        var (timeMs, recordedMs) = (reader.ReadInt64(), reader.ReadInt64());
        return new Entry(partition, place.Offset, customer, message, type, timeMs, recordedMs, plain[(int)reader.BaseStream.Position..]);
    }

    private readonly record struct Place(long Offset, int File, long At)
    {
        public static readonly IComparer<Place> ByOffset = Comparer<Place>.Create((x, y) => x.Offset.CompareTo(y.Offset));
    }
}
