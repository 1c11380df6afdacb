using System.Buffers;
using Npgsql;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Entries on their way into the journal, already encoded by whoever appends them.</summary>
internal sealed class PendingAppend
{
    // Answers run elsewhere: the loop that appends goes on with the next transaction.
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EncodedBlock[] _blocks;

    private PendingAppend(int partition, long epoch, long head, EncodedBlock[] blocks, NpgsqlBatchCommand statement)
    {
        Partition = partition;
        Epoch = epoch;
        Head = head;
        Statement = statement;
        _blocks = blocks;
        foreach (var block in blocks)
            Bytes += block.Length;
    }

    public int Partition { get; }

    public long Epoch { get; }

    public long Head { get; }

    /// <summary>Changes no row when the append is refused.</summary>
    public NpgsqlBatchCommand Statement { get; }

    public int Bytes { get; }

    public Task Answer => _answer.Task;

    /// <exception cref="ArgumentException">The entries do not follow each other from the head on.</exception>
    public static PendingAppend Of(int partition, long epoch, long head, ReadOnlySpan<Entry> entries)
    {
        var wide = EntrySequence.Check(partition, head, entries);
        var blocks = BlockEncoder.Encode(entries);
        return new PendingAppend(
            partition,
            epoch,
            head,
            blocks,
            BlockTable.Append(partition, epoch, head, entries.Length, entries[0].RecordedMs, entries[^1].RecordedMs, blocks, wide));
    }

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
