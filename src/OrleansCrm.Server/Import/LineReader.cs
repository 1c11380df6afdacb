namespace OrleansCrm.Server.Import;

/// <param name="Bytes">Without its line end; valid until the next line is read.</param>
internal readonly record struct Line(ReadOnlyMemory<byte> Bytes, bool IsTooLong);

/// <summary>Lines as bytes, bounded: a line over the limit is skipped to its end, not held.</summary>
internal static class LineReader
{
    /// <summary>Twice the largest event that is taken, for space between tokens.</summary>
    public const int LineBytesMax = 64 * 1024;

    public static IEnumerable<Line> Read(Stream content)
    {
        var buffer = new byte[2 * LineBytesMax];
        var start = 0;
        var end = 0;
        var isTooLong = false;
        var isFirst = true;
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return Cut(buffer, start, length, isTooLong, isFirst);
                (isTooLong, isFirst) = (false, false);
                start += length + 1;
                continue;
            }

            if (end - start > LineBytesMax)
            {
                isTooLong = true;
                start = end;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
            var read = content.Read(buffer, end, buffer.Length - end);
            if (read == 0)
                break;
            end += read;
        }

        if (end > 0 || isTooLong)
            yield return Cut(buffer, 0, end, isTooLong, isFirst);
    }

    private static Line Cut(byte[] buffer, int start, int length, bool isTooLong, bool isFirst)
    {
        var bytes = buffer.AsMemory(start, length);
        if (isFirst && bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        return isTooLong || bytes.Length > LineBytesMax ? new Line(default, true) : new Line(bytes, false);
    }
}
