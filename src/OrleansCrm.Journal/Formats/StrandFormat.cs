namespace OrleansCrm.Journal.Formats;

/// <summary>Offsets of a strand as a version byte and the distances between them; message ids as 16 bytes each, in the same order.</summary>
internal static class StrandFormat
{
    private const byte Version = 1;
    private const int IdBytes = 16;

    public static byte[] EncodeOffsets(long[] offsets)
    {
        var buffer = new byte[1 + offsets.Length * Varint.BytesMax];
        buffer[0] = Version;
        var length = 1;
        long before = 0;
        foreach (var offset in offsets)
        {
            length += Varint.Write(buffer.AsSpan(length), (ulong)(offset - before));
            before = offset;
        }

        return buffer[..length];
    }

    public static long[] DecodeOffsets(ReadOnlySpan<byte> data, int count)
    {
        if (data.Length == 0 || data[0] != Version)
            throw new FormatException("A stored strand has a version that this program does not know.");
        var offsets = new long[count];
        var position = 1;
        long before = 0;
        for (var i = 0; i < count; i++)
            offsets[i] = before += (long)Varint.Read(data, ref position);
        return position == data.Length ? offsets : throw new FormatException("A stored strand has more offsets than messages.");
    }

    public static byte[] EncodeIds(Guid[] ids)
    {
        var buffer = new byte[ids.Length * IdBytes];
        for (var i = 0; i < ids.Length; i++)
            ids[i].TryWriteBytes(buffer.AsSpan(i * IdBytes), bigEndian: true, out _);
        return buffer;
    }

    public static Guid[] DecodeIds(ReadOnlySpan<byte> data)
    {
        if (data.Length % IdBytes != 0)
            throw new FormatException("The message ids of a stored strand are cut off.");
        var ids = new Guid[data.Length / IdBytes];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = new Guid(data.Slice(i * IdBytes, IdBytes), bigEndian: true);
        return ids;
    }
}
