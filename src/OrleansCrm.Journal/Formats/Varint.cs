namespace OrleansCrm.Journal.Formats;

/// <summary>Integers of 1 to 10 bytes, seven bits each, least significant first; signed ones in zigzag.</summary>
internal static class Varint
{
    public const int BytesMax = 10;

    public static int Write(Span<byte> target, ulong value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        return length;
    }

    public static int WriteSigned(Span<byte> target, long value) => Write(target, (ulong)((value << 1) ^ (value >> 63)));

    /// <exception cref="FormatException">The bytes end within the number, or it has more than 64 bits.</exception>
    public static ulong Read(ReadOnlySpan<byte> source, ref int position)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (position >= source.Length)
                break;
            var next = source[position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new FormatException("A number in a stored block does not end.");
    }

    public static long ReadSigned(ReadOnlySpan<byte> source, ref int position)
    {
        var raw = Read(source, ref position);
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>A length that fits into what is left.</summary>
    public static int ReadLength(ReadOnlySpan<byte> source, ref int position)
    {
        var length = Read(source, ref position);
        if (length > (ulong)(source.Length - position))
            throw new FormatException("A length in a stored block reaches beyond its end.");
        return (int)length;
    }
}
