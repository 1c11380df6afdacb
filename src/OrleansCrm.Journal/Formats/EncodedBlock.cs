namespace OrleansCrm.Journal.Formats;

/// <summary>Entries of one partition that stand next to each other, as they are stored.</summary>
/// <param name="Buffer">Rented from the shared array pool; whoever holds the block last gives it back.</param>
/// <param name="Length">Bytes of the buffer that are in use.</param>
internal readonly record struct EncodedBlock(long FirstOffset, int Count, byte[] Buffer, int Length, uint Checksum)
{
    public ReadOnlySpan<byte> Data => Buffer.AsSpan(0, Length);
}
