using System.Buffers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Entries on their way into the journal, already encoded by whoever appends them.</summary>
internal sealed class AppendWrite : Write<bool>
{
    private readonly EncodedBlock[] _blocks;

    private AppendWrite(Func<SqliteSession, bool> apply, EncodedBlock[] blocks, int bytes)
        : base(apply, bytes) => _blocks = blocks;

    /// <exception cref="ArgumentException">The entries do not follow each other from the head on.</exception>
    public static AppendWrite Of(int partition, long epoch, long head, ReadOnlySpan<Entry> entries)
    {
        var wide = EntrySequence.Check(partition, head, entries);
        var blocks = BlockEncoder.Encode(entries);
        var bytes = 0;
        foreach (var block in blocks)
            bytes += block.Length;
        int count = entries.Length;
        long first = entries[0].RecordedMs, last = entries[^1].RecordedMs;
        return new AppendWrite(
            session =>
            {
                PartitionTable.Advance(session, partition, epoch, head, count, first, last);
                foreach (var block in blocks)
                    BlockTable.Insert(session, partition, block);
                foreach (var offset in wide)
                    BlockTable.InsertWide(session, partition, offset);
                return true;
            },
            blocks,
            bytes);
    }

    public override void Complete()
    {
        GiveBack();
        base.Complete();
    }

    public override void Fail(Exception error)
    {
        GiveBack();
        base.Fail(error);
    }

    private void GiveBack()
    {
        foreach (var block in _blocks)
            ArrayPool<byte>.Shared.Return(block.Buffer);
    }
}
