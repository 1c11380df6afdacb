using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>Sleepers woken by one page of a sweep: small, because commits wait for it.</summary>
    private const int SweepPage = 100;

    private string? _sweepAfter;

    /// <summary>
    /// A new program moves the instants of customers who sleep. Goes through them page by page between commits; a restart begins anew, and
    /// whoever has folded the program already is passed over.
    /// </summary>
    private void StartSweep()
    {
        _sweepAfter = "";
        Signal();
    }

    private async Task SweepPageAsync()
    {
        var target = LastOffset(EntryTypes.ProgramPublished);
        var rows = await journal.ReadSnapshotsAfterAsync(_partition, _sweepAfter!, SweepPage, _stopping.Token);
        foreach (var row in rows)
        {
            if (row.CoveredOffset >= target)
                continue;
            var slot = _slots.TryGetValue(row.Customer, out var known) ? known : AddSlot(row.Customer, row);
            if (slot.StandsAt < target)
                await CatchUpAsync(slot);
        }

        _sweepAfter = rows.Length < SweepPage ? null : rows[^1].Customer;
        if (_sweepAfter is not null)
            Signal();
        else
            Enqueue([new NewEntry("", Guid.CreateVersion7(), EntryTypes.ProgramSwept, NowMs, EmptyPayload)]);
    }
}
