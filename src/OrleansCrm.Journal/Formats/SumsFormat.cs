using System.Text;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Formats;

/// <summary>What one customer contributes to the metrics: a version byte, then name and value of each.</summary>
internal static class SumsFormat
{
    private const byte Version = 1;
    private const int StackBytes = 4096;

    public static byte[] Encode(MetricSum[] sums)
    {
        var room = 1;
        foreach (var sum in sums)
            room += Encoding.UTF8.GetMaxByteCount(sum.Metric.Length) + 2 * Varint.BytesMax;
        var buffer = room <= StackBytes ? stackalloc byte[room] : new byte[room];
        buffer[0] = Version;
        var length = 1;
        foreach (var sum in sums)
        {
            length += Varint.Write(buffer[length..], (ulong)Encoding.UTF8.GetByteCount(sum.Metric));
            length += Encoding.UTF8.GetBytes(sum.Metric, buffer[length..]);
            length += Varint.WriteSigned(buffer[length..], sum.Value);
        }

        return buffer[..length].ToArray();
    }

    public static MetricSum[] Decode(ReadOnlySpan<byte> data)
    {
        if (data.Length == 0)
            throw new FormatException("Stored sums are missing.");
        var sums = new List<MetricSum>();
        var reader = new Reader(data);
        while (reader.Next())
            sums.Add(new MetricSum(Encoding.UTF8.GetString(reader.Name), reader.Value));
        return sums.ToArray();
    }

    /// <summary>Goes through stored sums one by one. No bytes at all are no sums.</summary>
    public ref struct Reader
    {
        private readonly ReadOnlySpan<byte> _data;
        private int _position;

        public Reader(ReadOnlySpan<byte> data)
        {
            if (data.Length > 0 && data[0] != Version)
                throw new FormatException("Stored sums have a version that this program does not know.");
            _data = data;
            _position = 1;
        }

        public ReadOnlySpan<byte> Name { get; private set; }

        public long Value { get; private set; }

        public bool Next()
        {
            if (_position >= _data.Length)
                return false;
            var length = Varint.ReadLength(_data, ref _position);
            Name = _data.Slice(_position, length);
            _position += length;
            Value = Varint.ReadSigned(_data, ref _position);
            return true;
        }
    }
}
