using System.Buffers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Entries on their way into the journal, already encoded by whoever appends them.</summary>
internal sealed class PendingAppend
{
    // Answers run elsewhere: the loop that appends goes on with the next transaction.
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EncodedBlock[] _blocks;
    private readonly long[] _wide;

    private PendingAppend(int partition, long epoch, long head, ReadOnlySpan<Entry> entries)
    {
        _wide = EntrySequence.Check(partition, head, entries);
        _blocks = BlockEncoder.Encode(entries);
        (Partition, Epoch, Head, Count) = (partition, epoch, head, entries.Length);
        (FirstRecordedMs, LastRecordedMs) = (entries[0].RecordedMs, entries[^1].RecordedMs);
        foreach (var block in _blocks)
            Bytes += block.Length;
    }

    public int Partition { get; }

    public long Epoch { get; }

    public long Head { get; }

    /// <summary>Entries.</summary>
    public int Count { get; }

    public long FirstRecordedMs { get; }

    public long LastRecordedMs { get; }

    public int Bytes { get; }

    public EncodedBlock[] Blocks => _blocks;

    /// <summary>Offsets of its partition-wide entries.</summary>
    public long[] Wide => _wide;

    public Task Answer => _answer.Task;

    /// <exception cref="ArgumentException">The entries do not follow each other from the head on.</exception>
    public static PendingAppend Of(int partition, long epoch, long head, ReadOnlySpan<Entry> entries) => new(partition, epoch, head, entries);

    public void Complete()
    {
        foreach (var block in _blocks)
            ArrayPool<byte>.Shared.Return(block.Buffer);
        _answer.TrySetResult();
    }

    /// <summary>
    /// The buffers are not given back: a connection that failed may still be sending them, and what somebody else would write into them
    /// could reach the server.
    /// </summary>
    public void Fail(Exception error) => _answer.TrySetException(error);
}
