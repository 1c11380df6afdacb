using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Ceilings;

/// <summary>All entries of a commit one behind the other, everything at a fixed width: larger than a block of the journal, and nothing to compute.</summary>
internal sealed class CeilingBlock
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 20);

    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<Entry> entries)
    {
        _buffer.ResetWrittenCount();
        foreach (var entry in entries)
        {
            var target = _buffer.GetSpan(64 + Encoding.UTF8.GetMaxByteCount(entry.Customer.Length + entry.Type.Length) + entry.Payload.Length);
            BinaryPrimitives.WriteInt64LittleEndian(target, entry.Offset);
            BinaryPrimitives.WriteInt64LittleEndian(target[8..], entry.TimeMs);
            BinaryPrimitives.WriteInt64LittleEndian(target[16..], entry.RecordedMs);
            entry.MessageId.TryWriteBytes(target[24..]);
            BinaryPrimitives.WriteInt32LittleEndian(target[40..], entry.Payload.Length);
            var length = 44;
            length += WriteText(target[length..], entry.Customer);
            length += WriteText(target[length..], entry.Type);
            entry.Payload.CopyTo(target[length..]);
            _buffer.Advance(length + entry.Payload.Length);
        }

        return _buffer.WrittenMemory;
    }

    private static int WriteText(Span<byte> target, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, target[2..]);
        BinaryPrimitives.WriteInt16LittleEndian(target, (short)length);
        return length + 2;
    }
}
