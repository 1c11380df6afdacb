using System.Buffers;
using System.Text;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Formats;

/// <summary>
/// Writes entries as blocks. Layout, version 1: the version byte, then each entry: customer and type (0 and the text where it is new in
/// the block, else its number counted from 1), recorded time against the entry before, time against recorded, 16 bytes of message id,
/// length and bytes of the payload. Version 2 is written where an entry is traced: behind each payload 0 for none, 1 and the 24 bytes of trace
/// and span, or 2 for those of the entry traced before.
/// </summary>
/// <remarks>
/// Blocks instead of rows: one row per committed batch costs the database one insert instead of hundreds, and payloads are copied once.
/// </remarks>
internal sealed class BlockEncoder
{
    public const byte Version = 1;
    public const byte VersionTraced = 2;

    /// <summary>A block is closed when the next entry would pass this. One entry alone may be larger.</summary>
    public const int BytesMax = 128 * 1024;

    private const int FixedBytesMax = 16 + 1 + StoredTrace.Bytes + 7 * Varint.BytesMax;

    [ThreadStatic]
    private static BlockEncoder? _ofThread;

    private readonly Dictionary<string, int> _customers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _types = new(StringComparer.Ordinal);
    private byte[] _buffer = [];
    private int _length;
    private int _count;
    private string _lastCustomer = "";
    private int _lastCustomerNumber;
    private byte _version = Version;
    private string? _lastTrace;

    /// <summary>Encodes entries of one partition that follow each other without a gap.</summary>
    public static EncodedBlock[] Encode(ReadOnlySpan<Entry> entries) => Encode(entries, BytesMax);

    /// <summary>Encodes entries that stood in one block as one block again, whatever its size.</summary>
    public static EncodedBlock EncodeWhole(ReadOnlySpan<Entry> entries) => Encode(entries, int.MaxValue)[0];

    private static EncodedBlock[] Encode(ReadOnlySpan<Entry> entries, int bytesMax)
    {
        var encoder = _ofThread ??= new BlockEncoder();
        encoder.Forget(); // what an encoding that threw has left behind
        encoder._version = StoredTrace.IsAmong(entries) ? VersionTraced : Version;
        var blocks = new List<EncodedBlock>(1);
        long recorded = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            var room = FixedBytesMax + entry.Payload.Length
                + Encoding.UTF8.GetMaxByteCount(entry.Customer.Length) + Encoding.UTF8.GetMaxByteCount(entry.Type.Length);
            if (encoder._count > 0 && encoder._length + room > bytesMax)
                blocks.Add(encoder.Close(entries[i - 1]));
            if (encoder._count == 0)
            {
                encoder.Open(room);
                recorded = 0;
            }

            encoder.Reserve(room);
            encoder.Write(entry, recorded);
            recorded = entry.RecordedMs;
        }

        if (encoder._count > 0)
            blocks.Add(encoder.Close(entries[^1]));
        return blocks.ToArray();
    }

    private void Open(int room)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(room + 1, 4096));
        _buffer[0] = _version;
        _length = 1;
    }

    private EncodedBlock Close(Entry last)
    {
        var first = last.Offset - _count + 1;
        var checksum = Checksum.Of(last.Partition, first, _count, _buffer.AsSpan(0, _length));
        var block = new EncodedBlock(first, _count, _buffer, _length, checksum);
        Forget();
        return block;
    }

    private void Forget()
    {
        _buffer = [];
        _count = 0;
        _lastCustomerNumber = 0;
        _lastTrace = null;
        _customers.Clear();
        _types.Clear();
    }

    private void Reserve(int room)
    {
        if (_length + room <= _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + room));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void Write(Entry entry, long recordedBefore)
    {
        WriteCustomer(entry.Customer);
        WriteText(_types, entry.Type);
        var target = _buffer.AsSpan(_length);
        var written = Varint.WriteSigned(target, entry.RecordedMs - recordedBefore);
        written += Varint.WriteSigned(target[written..], entry.RecordedMs - entry.TimeMs);
        entry.MessageId.TryWriteBytes(target[written..], bigEndian: true, out var idBytes);
        written += idBytes;
        written += Varint.Write(target[written..], (ulong)entry.Payload.Length);
        entry.Payload.CopyTo(target[written..]);
        _length += written + entry.Payload.Length;
        if (_version == VersionTraced)
            WriteTrace(entry.Trace);
        _count++;
    }

    private void WriteTrace(string? trace)
    {
        var isRepeat = trace is not null && trace == _lastTrace;
        _buffer[_length++] = trace is null ? StoredTrace.None : isRepeat ? StoredTrace.AsBefore : StoredTrace.New;
        if (trace is null || isRepeat)
            return;
        StoredTrace.Write(trace, _buffer.AsSpan(_length, StoredTrace.Bytes));
        _length += StoredTrace.Bytes;
        _lastTrace = trace;
    }

    private void WriteCustomer(string customer)
    {
        // Entries of one customer often stand together and share the string: no need to hash it again.
        if (_lastCustomerNumber > 0 && ReferenceEquals(customer, _lastCustomer))
        {
            _length += Varint.Write(_buffer.AsSpan(_length), (ulong)_lastCustomerNumber);
            return;
        }

        _lastCustomer = customer;
        _lastCustomerNumber = WriteText(_customers, customer);
    }

    private int WriteText(Dictionary<string, int> known, string text)
    {
        if (known.TryGetValue(text, out var number))
        {
            _length += Varint.Write(_buffer.AsSpan(_length), (ulong)number);
            return number;
        }

        known.Add(text, known.Count + 1);
        _buffer[_length++] = 0;
        _length += Varint.Write(_buffer.AsSpan(_length), (ulong)Encoding.UTF8.GetByteCount(text));
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
        return known.Count;
    }
}
