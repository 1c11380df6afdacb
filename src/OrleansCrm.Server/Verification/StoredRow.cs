using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Verification;

/// <summary>What a snapshot row says, as hashes: rows of a whole partition are held at once.</summary>
/// <param name="CoveredOffset">The entry up to which it speaks.</param>
internal readonly record struct StoredRow(long CoveredOffset, Guid State, Guid Columns, Guid Sums)
{
    public static StoredRow Of(SnapshotRow row) =>
        new(row.CoveredOffset, HashOf(row.State), ColumnsOf(row.NextWakeMs, row.Import, row.Search), SumsOf(row.Sums));

    public static Guid HashOf(ReadOnlySpan<byte> bytes) => StableHash.Start(new byte[bytes.Length + 1]).AddUtf8(bytes).FinishGuid();

    public static Guid ColumnsOf(long nextWakeMs, string import, SearchColumns search) =>
        HashOf(JsonSerializer.SerializeToUtf8Bytes((object[])[nextWakeMs, import, search]));

    public static Guid SumsOf(MetricSum[] sums) =>
        HashOf(Encoding.UTF8.GetBytes(string.Join('|', sums.Select(s => FormattableString.Invariant($"{s.Metric}={s.Value}")))));
}

/// <summary>A running hash over a customer's entries in order: which offsets, which messages they were, and what they brought about.</summary>
internal struct EntryChain
{
    private ulong _value;

    public EntryChain(ulong value, long count) => (_value, Count) = (value, count);

    public long Count { get; private set; }

    public readonly ulong Value => _value;

    public readonly bool Equals(EntryChain other) => Count == other.Count && _value == other._value;

    public void Add(long offset, Guid messageId, string[]? outcomes)
    {
        Add(offset, messageId);
        if (outcomes is { Length: > 0 })
            Add(offset, StoredRow.HashOf(Encoding.UTF8.GetBytes(string.Join('\n', outcomes))));
        Count++;
    }

    private void Add(long offset, Guid messageId)
    {
        Span<byte> bytes = stackalloc byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], offset);
        messageId.TryWriteBytes(bytes[16..]);
        Span<byte> scratch = stackalloc byte[40];
        _value = StableHash.Start(scratch).AddUtf8(bytes).Finish64();
    }
}
