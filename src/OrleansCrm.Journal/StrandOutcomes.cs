using System.Buffers;
using System.Text;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal;

/// <summary>
/// What the entries of a strand brought about, in a few words each. Kept with the strand because a page of a long timeline must not cost a
/// fold of everything before it, and encoded because hardly anybody who reads a strand wants them. Most entries have none: no bytes at all
/// for a strand without any.
/// </summary>
public static class StrandOutcomes
{
    private const byte Version = 1;

    /// <param name="outcomes">For each entry of the strand; null for none.</param>
    public static byte[] Encode(string[]?[] outcomes)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        buffer.GetSpan(1)[0] = Version;
        buffer.Advance(1);
        var before = -1;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i] is not { Length: > 0 } texts)
                continue;
            Write(buffer, i - before - 1);
            Write(buffer, texts.Length);
            foreach (var text in texts)
            {
                Write(buffer, Encoding.UTF8.GetByteCount(text));
                Encoding.UTF8.GetBytes(text, buffer);
            }

            before = i;
        }

        return before < 0 ? [] : buffer.WrittenSpan.ToArray();
    }

    /// <returns>For each entry of the strand; null for none.</returns>
    /// <exception cref="JournalCorruptException">What was stored is damaged.</exception>
    public static string[]?[] Decode(int partition, StrandRow strand)
    {
        var outcomes = new string[]?[strand.Offsets.Length];
        var data = strand.Outcomes.AsSpan();
        if (data.Length == 0)
            return outcomes;
        try
        {
            if (data[0] != Version)
                throw new FormatException("its outcomes have a version that this program does not know.");
            var (position, at) = (1, -1);
            while (position < data.Length)
            {
                at = checked(at + 1 + (int)Varint.Read(data, ref position));
                if (at >= outcomes.Length)
                    throw new FormatException("it has more outcomes than entries.");
                var texts = new string[checked((int)Varint.Read(data, ref position))];
                for (var i = 0; i < texts.Length; i++)
                {
                    var length = Varint.ReadLength(data, ref position);
                    texts[i] = Encoding.UTF8.GetString(data.Slice(position, length));
                    position += length;
                }

                outcomes[at] = texts;
            }
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new JournalCorruptException($"Strand {strand.Row} of partition {partition} is damaged: {error.Message}", partition, -1, error);
        }

        return outcomes;
    }

    private static void Write(ArrayBufferWriter<byte> buffer, int value) =>
        buffer.Advance(Varint.Write(buffer.GetSpan(Varint.BytesMax), (ulong)value));
}
