using OrleansCrm.Engagement.Consent;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Archives;

/// <summary>
/// Which of a partition's entries may leave the journal: those that were recorded before an instant and that snapshots cover, of each customer up
/// to the first that is still needed where it stands: one that raised an alert which is not finished, or one that could not be folded.
/// </summary>
internal sealed class ArchiveCut
{
    private const int Page = 1_000;

    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stopped = new(StringComparer.Ordinal);

    private ArchiveCut(long until) => Until = until;

    /// <summary>No entry at or behind this offset leaves.</summary>
    public long Until { get; }

    public bool IsEmpty => _last.Count == 0;

    /// <param name="needed">Offsets of entries that are needed where they stand.</param>
    public static async Task<ArchiveCut> ReadAsync(
        IJournal journal, int partition, long checkpoint, long beforeMs, IReadOnlySet<long> needed, CancellationToken cancellation)
    {
        var cut = new ArchiveCut(await FindAsync(journal, partition, checkpoint, beforeMs, cancellation));
        if (cut.Until == 0)
            return cut;
        var faults = (await journal.ReadFaultsAsync(partition, cancellation)).Select(f => (f.Offset, f.Customer)).ToHashSet();
        var erased = (await journal.ReadErasuresAsync(partition, cancellation)).Select(e => e.Customer).ToHashSet(StringComparer.Ordinal);
        long after = 0;
        while (await journal.ReadStrandsAfterAsync(partition, after, Page, cancellation) is { Length: > 0 } strands)
        {
            foreach (var strand in strands.Where(s => !erased.Contains(s.Customer) && !Tombstone.IsKey(s.Customer)))
                cut.Take(strand, offset => needed.Contains(offset) || faults.Contains((offset, strand.Customer)));
            after = strands[^1].Row;
        }

        return cut;
    }

    /// <summary>The newest entry of the customer's that leaves; -1 when none does.</summary>
    public long LastOf(string customer) => _last.GetValueOrDefault(customer, -1);

    private void Take(StrandRow strand, Func<long, bool> isNeeded)
    {
        if (_stopped.Contains(strand.Customer))
            return;
        foreach (var offset in strand.Offsets)
        {
            if (offset >= Until || isNeeded(offset))
            {
                _stopped.Add(strand.Customer);
                return;
            }

            _last[strand.Customer] = offset;
        }
    }

    /// <returns>The first offset that was recorded at the instant or later; recorded time never falls.</returns>
    private static async Task<long> FindAsync(IJournal journal, int partition, long checkpoint, long beforeMs, CancellationToken cancellation)
    {
        var (low, high) = (0L, checkpoint);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var entry = (await journal.ReadAtAsync(partition, [middle], cancellation))[0];
            if (entry is not null && entry.RecordedMs < beforeMs)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
