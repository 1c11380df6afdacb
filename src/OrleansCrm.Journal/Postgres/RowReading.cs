using System.Buffers;
using Npgsql;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Postgres;

internal static class RowReading
{
    public delegate void Take(StoredBlock block);

    public static byte[] GetBlob(this NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    /// <summary>Shows a row of first offset, count, checksum and data; its bytes are gone afterwards.</summary>
    public static void TakeBlock(this NpgsqlDataReader row, int partition, Take take)
    {
        var length = (int)row.GetBytes(3, 0, null, 0, 0);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            row.GetBytes(3, 0, buffer, 0, length);
            take(new StoredBlock(partition, row.GetInt64(0), row.GetInt32(1), row.GetInt64(2), buffer.AsSpan(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
