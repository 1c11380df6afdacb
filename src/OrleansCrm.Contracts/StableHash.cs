using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace OrleansCrm.Contracts;

/// <summary>
/// A fixed 128-bit hash (MurmurHash3 x64-128, seed 0) of strings separated by NUL. What is stored depends on it, so it may never
/// change: the test vectors are part of the file format. Not a defence against an adversary: whatever decides by it alone
/// compares within one customer only.
/// </summary>
public ref struct StableHash
{
    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;

    private Span<byte> _buffer;
    private int _length;
    private bool _first;

    /// <summary>Begins a hash; <paramref name="scratch"/> holds the bytes and is replaced by an array when it is too small.</summary>
    public static StableHash Start(Span<byte> scratch) => new() { _buffer = scratch, _first = true };

    /// <summary>The hash of one text.</summary>
    public static ulong Hash64(string text)
    {
        Span<byte> buffer = stackalloc byte[512];
        return Start(buffer).Add(text).Finish64();
    }

    public StableHash Add(ReadOnlySpan<char> text)
    {
        var room = Encoding.UTF8.GetMaxByteCount(text.Length) + 1;
        Reserve(room);
        Separate();
        _length += Encoding.UTF8.GetBytes(text, _buffer[_length..]);
        return this;
    }

    public StableHash AddUtf8(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length + 1);
        Separate();
        text.CopyTo(_buffer[_length..]);
        _length += text.Length;
        return this;
    }

    public readonly ulong Finish64() => Murmur(_buffer[.._length]).Low;

    public readonly Guid FinishGuid()
    {
        var (low, high) = Murmur(_buffer[.._length]);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        return new Guid(bytes, bigEndian: true);
    }

    private void Separate()
    {
        if (!_first)
            _buffer[_length++] = 0;
        _first = false;
    }

    private void Reserve(int bytes)
    {
        if (_length + bytes <= _buffer.Length)
            return;
        var larger = new byte[Math.Max(_buffer.Length * 2, _length + bytes)];
        _buffer[.._length].CopyTo(larger);
        _buffer = larger;
    }

    private static (ulong Low, ulong High) Murmur(ReadOnlySpan<byte> data)
    {
        ulong h1 = 0, h2 = 0;
        var tail = data;
        while (tail.Length >= 16)
        {
            h1 ^= MixFirst(BinaryPrimitives.ReadUInt64LittleEndian(tail));
            h1 = (BitOperations.RotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
            h2 ^= MixSecond(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]));
            h2 = (BitOperations.RotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
            tail = tail[16..];
        }

        ulong k1 = 0, k2 = 0;
        for (var i = tail.Length - 1; i >= 8; i--)
            k2 = (k2 << 8) | tail[i];
        for (var i = Math.Min(tail.Length, 8) - 1; i >= 0; i--)
            k1 = (k1 << 8) | tail[i];
        h2 ^= MixSecond(k2);
        h1 ^= MixFirst(k1);

        h1 ^= (ulong)data.Length;
        h2 ^= (ulong)data.Length;
        h1 += h2;
        h2 += h1;
        h1 = Avalanche(h1);
        h2 = Avalanche(h2);
        h1 += h2;
        h2 += h1;
        return (h1, h2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MixFirst(ulong k) => BitOperations.RotateLeft(k * C1, 31) * C2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MixSecond(ulong k) => BitOperations.RotateLeft(k * C2, 33) * C1;

    private static ulong Avalanche(ulong k)
    {
        k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
        k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
        return k ^ (k >> 33);
    }
}
