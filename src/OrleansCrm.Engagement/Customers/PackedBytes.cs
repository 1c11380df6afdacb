using System.Buffers.Binary;
using System.Text;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Writes numbers in as few bytes as they need, into a buffer that is used over and over.</summary>
internal sealed class PackedWriter
{
    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void WriteKey(ulong key) => BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), key);

    public void WriteCount(int count) => WriteBits((uint)count);

    /// <summary>Small ones of either sign are short.</summary>
    public void WriteNumber(long value) => WriteBits((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void WriteText(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        WriteCount(length);
        Encoding.UTF8.GetBytes(text, Take(length));
    }

    private void WriteBits(ulong bits)
    {
        Reserve(10);
        for (; bits >= 0x80; bits >>= 7)
            _bytes[Length++] = (byte)(bits | 0x80);
        _bytes[Length++] = (byte)bits;
    }

    private Span<byte> Take(int count)
    {
        Reserve(count);
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    private void Reserve(int count)
    {
        if (Length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(Length + count, 2 * _bytes.Length));
    }
}

/// <summary>Reads what <see cref="PackedWriter"/> wrote, in the same order.</summary>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly bool IsAtEnd => _at == _bytes.Length;

    public ulong ReadKey()
    {
        _at += sizeof(ulong);
        return BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(_at - sizeof(ulong))..]);
    }

    public int ReadCount() => (int)ReadBits();

    public long ReadNumber()
    {
        var bits = ReadBits();
        return (long)(bits >> 1) ^ -(long)(bits & 1);
    }

    public ReadOnlySpan<byte> Read(int count)
    {
        _at += count;
        return _bytes.Slice(_at - count, count);
    }

    private ulong ReadBits()
    {
        var bits = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = _bytes[_at++];
            bits |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return bits;
        }
    }
}
