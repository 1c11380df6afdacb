using System.Text;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Formats;

/// <summary>Walks through a block. Only the entries asked for with <see cref="ToEntry"/> become objects.</summary>
internal ref struct BlockReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _partition;
    private readonly List<Text> _customers;
    private readonly List<Text> _types;
    private int _position;
    private int _customer;
    private int _type;
    private long _recordedMs;
    private long _timeMs;
    private ReadOnlySpan<byte> _messageId;
    private ReadOnlySpan<byte> _payload;
    private readonly bool _isTraced;
    private bool _hasTrace;
    private ReadOnlySpan<byte> _traceBytes;
    private string? _trace;

    public BlockReader(int partition, long firstOffset, ReadOnlySpan<byte> data)
    {
        if (data.Length == 0 || data[0] is not (BlockEncoder.Version or BlockEncoder.VersionTraced))
            throw new FormatException("A stored block has a version that this program does not know.");
        _partition = partition;
        _isTraced = data[0] == BlockEncoder.VersionTraced;
        _data = data;
        _position = 1;
        _customers = [];
        _types = [];
        Offset = firstOffset - 1;
    }

    /// <summary>Offset of the entry that the reader stands on.</summary>
    public long Offset { get; private set; }

    public readonly int PayloadLength => _payload.Length;

    public bool MoveNext()
    {
        if (_position >= _data.Length)
            return false;
        _customer = ReadText(_customers);
        _type = ReadText(_types);
        _recordedMs += Varint.ReadSigned(_data, ref _position);
        _timeMs = _recordedMs - Varint.ReadSigned(_data, ref _position);
        if (_data.Length - _position < 16)
            throw new FormatException("A stored block ends within an entry.");
        _messageId = _data.Slice(_position, 16);
        _position += 16;
        var length = Varint.ReadLength(_data, ref _position);
        _payload = _data.Slice(_position, length);
        _position += length;
        if (_isTraced)
            ReadTrace();
        Offset++;
        return true;
    }

    private void ReadTrace()
    {
        if (_position >= _data.Length)
            throw new FormatException("A stored block ends within an entry.");
        var kind = _data[_position++];
        _hasTrace = kind != StoredTrace.None;
        if (kind == StoredTrace.New)
        {
            if (_data.Length - _position < StoredTrace.Bytes)
                throw new FormatException("A stored block ends within an entry.");
            _traceBytes = _data.Slice(_position, StoredTrace.Bytes);
            _trace = null;
            _position += StoredTrace.Bytes;
        }
        else if (kind > StoredTrace.AsBefore || (_hasTrace && _traceBytes.IsEmpty))
        {
            throw new FormatException("A stored block names an unknown trace.");
        }
    }

    public Entry ToEntry() => new(
        _partition,
        Offset,
        GetText(_customers, _customer),
        new Guid(_messageId, bigEndian: true),
        GetText(_types, _type),
        _timeMs,
        _recordedMs,
        _payload.ToArray(),
        _hasTrace ? _trace ??= StoredTrace.Read(_traceBytes) : null);

    private int ReadText(List<Text> known)
    {
        var number = Varint.Read(_data, ref _position);
        if (number > 0)
            return number <= (ulong)known.Count ? (int)number - 1 : throw new FormatException("A stored block names an unknown text.");
        var length = Varint.ReadLength(_data, ref _position);
        known.Add(new Text(_position, length, null));
        _position += length;
        return known.Count - 1;
    }

    private readonly string GetText(List<Text> known, int index)
    {
        var text = known[index];
        if (text.Value is { } value)
            return value;
        value = Encoding.UTF8.GetString(_data.Slice(text.Position, text.Length));
        known[index] = text with { Value = value };
        return value;
    }

    private readonly record struct Text(int Position, int Length, string? Value);
}
