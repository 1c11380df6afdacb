namespace OrleansCrm.Journal.Sqlite;

/// <summary>
/// Partition and offset in one integer: what is sorted by it stands together by partition, in order of offset, in one small key.
/// </summary>
internal static class Position
{
    private const int OffsetBits = 48;

    public const long OffsetMax = (1L << OffsetBits) - 1;

    public static long Of(int partition, long offset) =>
        offset is >= 0 and <= OffsetMax
            ? ((long)partition << OffsetBits) | offset
            : throw new ArgumentOutOfRangeException(nameof(offset), offset, "An offset is from 0 to 2^48 - 1.");

    public static long FirstOf(int partition) => (long)partition << OffsetBits;

    public static long LastOf(int partition) => FirstOf(partition) | OffsetMax;

    public static long Offset(long position) => position & OffsetMax;
}
