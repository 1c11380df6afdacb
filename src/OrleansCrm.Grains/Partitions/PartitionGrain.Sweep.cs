using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>Sleepers woken by one page of a sweep: small, because commits wait for it.</summary>
    private const int SweepPage = 25;

    /// <summary>
    /// After a page a sweep rests so many times as long as the page took, times the partitions of the database: they all sweep at once, and
    /// together they take half a core. Where the machine is busy pages take longer, and so does the rest.
    /// </summary>
    private const int SweepRest = 2;

    /// <summary>However busy the machine is, a sweep gets on.</summary>
    private static readonly TimeSpan SweepRestMax = TimeSpan.FromSeconds(1);

    private string? _sweepAfter;
    private bool _sweepRests;

    /// <summary>Customers in memory when the sweep began: the newest of them have no row yet that it could find.</summary>
    private readonly Queue<CustomerSlot> _sweepSlots = new();

    /// <summary>The sweep is over when everything before this offset is stored; 0 while none waits for that.</summary>
    private long _sweptAt;
    private long _sweptProgram;

    /// <summary>Whoever was swept stays unpacked until it is stored: without a pause a million sleepers would be in memory at once.</summary>
    private bool IsSweepDue => _sweepAfter is not null && !_sweepRests && _unpacked <= 2 * UnpackedMax;

    /// <summary>
    /// A new program moves the instants of customers who sleep. Goes through them page by page between commits; a restart begins anew, and
    /// whoever has folded the program already is passed over.
    /// </summary>
    private void StartSweep()
    {
        _sweepAfter = "";
        _sweptAt = 0;
        _sweepSlots.Clear();
        foreach (var slot in _slots.Values)
            _sweepSlots.Enqueue(slot);
        Signal();
    }

    private async Task SweepAsync()
    {
        var started = time.GetTimestamp();
        await SweepPageAsync();
        if (_sweepAfter is null)
        {
            Signal();
            return;
        }

        _sweepRests = true;
        var rest = time.GetElapsedTime(started) * SweepRest * journal.Identity.Partitions;
        _ = RestAsync(rest < SweepRestMax ? rest : SweepRestMax);
    }

    private async Task RestAsync(TimeSpan rest)
    {
        try
        {
            await Task.Delay(rest, time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The partition stops; its successor sweeps.
            return;
        }

        _sweepRests = false;
        Signal();
    }

    private async Task SweepPageAsync()
    {
        var target = LastOffset(EntryTypes.ProgramPublished);
        for (var i = 0; i < SweepPage && _sweepSlots.TryDequeue(out var resident); i++)
        {
            if (resident.StandsAt < target && _slots.GetValueOrDefault(resident.Customer) == resident)
                await CatchUpAsync(resident);
        }

        if (_sweepSlots.Count > 0)
            return;

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
        if (_sweepAfter is null)
        {
            // Whoever is being stored as he was before joins the next round only when that is done.
            await _flushing;
            (_sweptAt, _sweptProgram) = (_head, target);
        }

        _flushTarget = Math.Max(_flushTarget, _sweptAt);
        EndSweep();
    }

    /// <summary>Only what is stored is swept: after a crash the rows would still have the old instants.</summary>
    private void EndSweep()
    {
        if (_sweptAt == 0 || _checkpoint < _sweptAt)
            return;
        var payload = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, long> { ["program"] = _sweptProgram });
        _sweptAt = 0;
        Enqueue([new NewEntry("", Guid.CreateVersion7(), EntryTypes.ProgramSwept, NowMs, payload)]);
    }

    /// <summary>Offset of the newest program that every customer has; -1 for none.</summary>
    private long SweptProgram()
    {
        if (_wide.Latest(EntryTypes.ProgramSwept) is not { } swept)
            return -1;
        using var payload = JsonDocument.Parse(swept.Payload);
        return payload.RootElement.GetProperty("program").GetInt64();
    }
}
