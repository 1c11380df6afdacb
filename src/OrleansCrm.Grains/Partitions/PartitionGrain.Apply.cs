using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>A customer that is behind again and again is a mistake of ours, not bad luck.</summary>
    private const int RebuildsMax = 10;

    private readonly HashSet<(long Offset, string Customer)> _faults = [];

    /// <summary>One call per customer with all its entries of the batch; then everybody is answered.</summary>
    private async Task ApplyAsync(List<EntryTicket> batch)
    {
        var work = new Dictionary<CustomerSlot, List<EntryTicket>>();
        foreach (var ticket in batch)
        {
            if (ticket.Entry!.Customer.Length == 0)
                continue;
            var slot = _slots[ticket.Entry.Customer];
            if (!work.TryGetValue(slot, out var tickets))
                work.Add(slot, tickets = new List<EntryTicket>(1));
            tickets.Add(ticket);
        }

        var calls = new List<Task<Outgoing[]>>(work.Count);
        foreach (var (slot, tickets) in work)
            calls.Add(ApplyAsync(slot, tickets));
        await Task.WhenAll(calls);

        Send(calls.SelectMany(c => c.Result));
        foreach (var ticket in batch)
        {
            _inFlight.Remove(ticket.New.MessageId);
            ticket.Answer();
        }
    }

    private async Task<Outgoing[]> ApplyAsync(CustomerSlot slot, List<EntryTicket> tickets)
    {
        var entries = tickets.ConvertAll(t => t.Entry!);
        for (var attempt = 0; attempt <= RebuildsMax + entries.Count; attempt++)
        {
            var request = new ApplyRequest(slot.StandsAt, MergeWide(slot, entries), slot.Snapshot);
            var response = await slot.Grain.ApplyAsync(request);
            switch (response.Status)
            {
                case CustomerStatus.Done:
                    if (entries.Count > 0)
                        slot.Judged = Math.Max(slot.Judged, entries[^1].Offset);
                    if (tickets.Count > 0)
                        slot.Judged = Math.Max(slot.Judged, tickets[^1].Offset);
                    TakeOver(slot, response);
                    foreach (var outcome in response.Outcomes)
                        tickets.Find(t => t.Offset == request.Entries[outcome.Index].Offset)!.Outcome = outcome;
                    return response.Outgoing;
                case CustomerStatus.Faulted:
                    await NoteFaultAsync(slot, response);
                    entries.RemoveAll(e => e.Offset == response.FaultOffset);
                    if (tickets.Find(t => t.Offset == response.FaultOffset) is { } faulted)
                        faulted.Verdict = EntryVerdict.Faulted;
                    await RebuildAsync(slot);
                    break;
                default:
                    await RebuildAsync(slot);
                    break;
            }
        }

        throw new InvalidOperationException("A customer's state could not be brought up to date.");
    }

    private Entry[] MergeWide(CustomerSlot slot, List<Entry> own)
    {
        var merged = _wide.Merge(slot.StandsAt, own);
        return _faults.Count == 0 ? merged : Array.FindAll(merged, e => !_faults.Contains((e.Offset, slot.Customer)));
    }

    private void TakeOver(CustomerSlot slot, ApplyResponse response)
    {
        slot.Snapshot = null;
        slot.StandsAt = response.StandsAt;
        slot.NextWakeMs = response.NextWakeMs;
        slot.Import = response.Import;
        if (slot.IsDirty)
            Queue(slot);
        Arm(slot.Customer, slot.NextWakeMs);
    }

    /// <summary>The activation has lost its state: gives it the stored snapshot and every entry since that has been judged before.</summary>
    /// <remarks>What those entries sent out has been taken when they were first applied.</remarks>
    private async Task RebuildAsync(CustomerSlot slot)
    {
        var rows = await journal.ReadSnapshotsAsync(_partition, [slot.Customer], CancellationToken.None);
        Restore(slot, rows[0]);
        var missing = slot.DirtyOffsets.FindAll(o => o > slot.Covered && o <= slot.Judged && !_faults.Contains((o, slot.Customer)));
        if (missing.Count == 0)
            return;
        var entries = await journal.ReadAtAsync(_partition, [.. missing], CancellationToken.None);
        var own = Array.ConvertAll(entries, e => e ?? throw new InvalidOperationException("The journal has lost an entry."));
        var response = await slot.Grain.ApplyAsync(new ApplyRequest(slot.StandsAt, MergeWide(slot, [.. own]), slot.Snapshot));
        if (response.Status == CustomerStatus.Faulted)
            throw new InvalidOperationException($"Entry {_partition}-{response.FaultOffset} was folded before and cannot be folded again.");
        if (response.Status == CustomerStatus.Done)
            TakeOver(slot, response);
    }

    private void Restore(CustomerSlot slot, SnapshotRow? row)
    {
        slot.Snapshot = row?.State ?? [];
        slot.Covered = row?.CoveredOffset ?? -1;
        slot.StandsAt = slot.Covered;
        slot.Judged = Math.Max(slot.Judged, slot.Covered);
        slot.NextWakeMs = row?.NextWakeMs ?? 0;
        slot.Import = row?.Import ?? "";
    }

    private async Task NoteFaultAsync(CustomerSlot slot, ApplyResponse response)
    {
        var build = typeof(PartitionGrain).Assembly.GetName().Version?.ToString() ?? "";
        LogFault(_partition, response.FaultOffset, response.Fault);
        await journal.RecordFaultAsync(
            new FaultRow(_partition, response.FaultOffset, slot.Customer, response.Fault, build, NowMs), _epoch, CancellationToken.None);
        _faults.Add((response.FaultOffset, slot.Customer));
    }

    /// <summary>Places for customers of the batch that have none, with their stored snapshots, read in one query.</summary>
    private async Task LoadSlotsAsync(List<EntryTicket> batch)
    {
        HashSet<string>? missing = null;
        foreach (var ticket in batch)
        {
            var customer = ticket.Entry!.Customer;
            if (customer.Length > 0 && !_slots.ContainsKey(customer))
                (missing ??= new HashSet<string>(StringComparer.Ordinal)).Add(customer);
        }

        if (missing is not null)
            await LoadSlotsAsync([.. missing]);
    }

    private async Task LoadSlotsAsync(string[] customers)
    {
        var rows = await journal.ReadSnapshotsAsync(_partition, customers, CancellationToken.None);
        for (var i = 0; i < customers.Length; i++)
            AddSlot(customers[i], rows[i]);
    }

    private CustomerSlot AddSlot(string customer, SnapshotRow? row)
    {
        var slot = new CustomerSlot(customer, GrainFactory.GetGrain<ICustomerGrain>(customer));
        Restore(slot, row);
        _slots.Add(customer, slot);
        return slot;
    }

    /// <summary>Forgets places of customers that are stored and have nothing due; the journal finds them again.</summary>
    private void EvictSlots()
    {
        if (_slots.Count <= options.SlotsMax)
            return;
        var soonMs = NowMs + 3 * (long)options.WakeWindow.TotalMilliseconds;
        var spare = _slots.Values
            .Where(s => !s.IsDirty && !s.IsQueued && !s.IsWaking && (s.NextWakeMs == 0 || s.NextWakeMs > soonMs))
            .Take(_slots.Count - options.SlotsMax * 9 / 10)
            .ToArray();
        foreach (var slot in spare)
            _slots.Remove(slot.Customer);
    }
}
