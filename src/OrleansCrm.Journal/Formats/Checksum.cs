using System.Buffers.Binary;
using System.Numerics;

namespace OrleansCrm.Journal.Formats;

/// <summary>
/// CRC-32C over a block and the place it was written to, so that a block that is intact but stands in the wrong place is noticed too.
/// </summary>
internal static class Checksum
{
    public static uint Of(int partition, long firstOffset, int count, ReadOnlySpan<byte> data)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (uint)partition);
        crc = BitOperations.Crc32C(crc, (ulong)firstOffset);
        crc = BitOperations.Crc32C(crc, (uint)count);
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
