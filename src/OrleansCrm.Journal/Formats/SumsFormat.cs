using System.Text;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Formats;

/// <summary>What one customer contributes to the metrics: a version byte, then name and value of each.</summary>
internal static class SumsFormat
{
    private const byte Version = 1;

    public static byte[] Encode(MetricSum[] sums)
    {
        var room = 1;
        foreach (var sum in sums)
            room += Encoding.UTF8.GetMaxByteCount(sum.Metric.Length) + 2 * Varint.BytesMax;
        var buffer = new byte[room];
        buffer[0] = Version;
        var length = 1;
        foreach (var sum in sums)
        {
            length += Varint.Write(buffer.AsSpan(length), (ulong)Encoding.UTF8.GetByteCount(sum.Metric));
            length += Encoding.UTF8.GetBytes(sum.Metric, buffer.AsSpan(length));
            length += Varint.WriteSigned(buffer.AsSpan(length), sum.Value);
        }

        return buffer[..length];
    }

    public static MetricSum[] Decode(ReadOnlySpan<byte> data)
    {
        if (data.Length == 0 || data[0] != Version)
            throw new FormatException("Stored sums have a version that this program does not know.");
        var sums = new List<MetricSum>();
        var position = 1;
        while (position < data.Length)
        {
            var length = Varint.ReadLength(data, ref position);
            var metric = Encoding.UTF8.GetString(data.Slice(position, length));
            position += length;
            sums.Add(new MetricSum(metric, Varint.ReadSigned(data, ref position)));
        }

        return sums.ToArray();
    }
}
