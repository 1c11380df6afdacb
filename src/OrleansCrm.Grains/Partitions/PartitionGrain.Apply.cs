using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>A customer that is behind again and again is a mistake of ours, not bad luck.</summary>
    private const int RebuildsMax = 10;

    /// <summary>
    /// Customers called in one turn. Then whoever waits for the partition has his: a decision would wait longer for a batch of thousands, or for the
    /// snapshots of a flush, than it takes.
    /// </summary>
    private const int CustomersPerTurn = 32;

    private readonly HashSet<(long Offset, string Customer)> _faults = [];

    private static readonly List<EntryTicket> NoTickets = [];

    /// <summary>The batch that is being applied.</summary>
    private List<EntryTicket> _applied = NoTickets;

    /// <summary>One call per customer with all its entries of the batch; then everybody is answered.</summary>
    private async Task ApplyAsync(List<EntryTicket> batch)
    {
        var began = time.GetTimestamp();
        try
        {
            Send(await FoldAsync(batch));
            await TellStorefrontsAsync();
        }
        catch
        {
            // The pipeline may be waiting for work; it has to hear of this.
            Signal();
            throw;
        }

        meter.Applied(time.GetElapsedTime(began));
        TellSpans("apply", batch, began);
        foreach (var ticket in batch)
        {
            _inFlight.Remove(ticket.New.MessageId);
            ticket.Answer();
        }
    }

    /// <returns>What leaves the customers.</returns>
    private async Task<List<Outgoing>> FoldAsync(List<EntryTicket> batch)
    {
        var slots = new List<CustomerSlot>(batch.Count);
        _applied = batch;
        for (var place = 0; place < batch.Count; place++)
        {
            if (batch[place].Slot is not { } slot)
                continue;
            if (slot.FirstTicket < 0)
            {
                slots.Add(slot);
                slot.FirstTicket = place;
            }
            else
            {
                batch[slot.LastTicket].NextOfCustomer = place;
            }

            slot.LastTicket = place;
        }

        var outgoing = new List<Outgoing>();
        List<Task>? calls = null;
        for (var i = 0; i < slots.Count; i++)
        {
            if (i > 0 && i % CustomersPerTurn == 0)
                await Task.Yield();
            var slot = slots[i];
            var request = RequestFor(slot);
            var call = GrainOf(slot).ApplyAsync(request);
            if (call is { IsCompletedSuccessfully: true, Result.Status: CustomerStatus.Done })
                TakeOver(slot, request, call.Result, outgoing);
            else
                (calls ??= []).Add(FinishAsync(slot, request, call, outgoing));
        }

        if (calls is not null)
            await Task.WhenAll(calls);
        _applied = NoTickets;
        return outgoing;
    }

    /// <summary>Gives a customer its snapshot and the partition-wide entries that it lacks. Nothing of its own is waiting.</summary>
    private async Task CatchUpAsync(CustomerSlot slot)
    {
        var request = RequestFor(slot);
        await FinishAsync(slot, request, GrainOf(slot).ApplyAsync(request), []);
    }

    private async Task FinishAsync(CustomerSlot slot, ApplyRequest request, Task<ApplyResponse> call, List<Outgoing> outgoing)
    {
        for (var rebuilds = 0; rebuilds < RebuildsMax; rebuilds++)
        {
            var response = await call;
            if (response.Status == CustomerStatus.Done)
            {
                TakeOver(slot, request, response, outgoing);
                return;
            }

            if (response.Status == CustomerStatus.Unreadable)
            {
                LogDamaged(_partition, response.Fault);
                if (slot.FirstTicket >= 0)
                    throw new InvalidOperationException("An entry's customer cannot be read.");
                return; // it stays packed, and the others go on
            }

            if (response.Status == CustomerStatus.Faulted)
            {
                await NoteFaultAsync(slot, response);
                rebuilds = 0;
            }

            await RebuildAsync(slot);
            request = RequestFor(slot);
            call = GrainOf(slot).ApplyAsync(request);
        }

        throw new InvalidOperationException("A customer's state could not be brought up to date.");
    }

    private ApplyRequest RequestFor(CustomerSlot slot)
    {
        if (slot.FirstTicket >= 0 && _applied[slot.FirstTicket] is { NextOfCustomer: < 0, Entry: { } only } && _wide.Newest <= slot.StandsAt && _faults.Count == 0)
            return new ApplyRequest(slot.StandsAt, [only], slot.State);
        var own = new List<Entry>();
        for (var place = slot.FirstTicket; place >= 0; place = _applied[place].NextOfCustomer)
            own.Add(_applied[place].Entry!);
        return new ApplyRequest(slot.StandsAt, MergeWide(slot, own), slot.State);
    }

    private Entry[] MergeWide(CustomerSlot slot, List<Entry> own, long until = -1)
    {
        var merged = _wide.Merge(slot.StandsAt, own, until);
        return _faults.Count == 0 ? merged : Array.FindAll(merged, e => !_faults.Contains((e.Offset, slot.Customer)));
    }

    private void TakeOver(CustomerSlot slot, ApplyRequest request, ApplyResponse response, List<Outgoing> outgoing)
    {
        if (slot.LastTicket >= 0)
            slot.Judged = Math.Max(slot.Judged, _applied[slot.LastTicket].Offset);
        foreach (var outcome in response.Outcomes)
            NoteOutcome(TicketAt(slot, request.Entries[outcome.Index].Offset)!, outcome);
        outgoing.AddRange(response.Outgoing);
        if (response.Notes.Length > 0)
            _marks.Note(slot.Uncovered, response.Notes);
        if (response.Offer is { } offer)
            _offersChanged.Add(new OfferChange(slot.Customer, offer));
        slot.FirstTicket = slot.LastTicket = -1;
        TakeOver(slot, response);
    }

    private EntryTicket? TicketAt(CustomerSlot slot, long offset)
    {
        var place = slot.FirstTicket;
        while (place >= 0 && _applied[place].Offset != offset)
            place = _applied[place].NextOfCustomer;
        return place < 0 ? null : _applied[place];
    }

    private void TakeOver(CustomerSlot slot, ApplyResponse response)
    {
        Unpack(slot);
        slot.Profile = null;
        slot.StandsAt = response.StandsAt;
        slot.NextWakeMs = response.NextWakeMs;
        slot.Import = response.Import;
        if (slot.IsDirty)
            Queue(slot);
        else
            Rest(slot);
        Arm(slot);
    }

    /// <summary>The activation has lost its state: gives it the stored snapshot and every entry since that has been judged before.</summary>
    /// <remarks>What those entries sent out has been taken when they were first applied.</remarks>
    private async Task RebuildAsync(CustomerSlot slot)
    {
        // An older row than the one that a flush is writing would hide the entries in between. None starts before this is done.
        await _flushing;

        // A sweep may have brought it past the last entry of its own, and will not come by again.
        var stood = slot.StandsAt;
        var rows = await journal.ReadSnapshotsAsync(_partition, [slot.Customer], CancellationToken.None);
        Restore(slot, rows[0]);
        var missing = _marks.ToArray(slot.Uncovered)
            .Select(e => e.Offset)
            .Where(o => o > slot.Covered && o <= slot.Judged && !_faults.Contains((o, slot.Customer)))
            .ToArray();
        if (missing.Length == 0)
            return;
        var entries = await journal.ReadAtAsync(_partition, missing, CancellationToken.None);
        var own = Array.ConvertAll(entries, e => e ?? throw new InvalidOperationException("The journal has lost an entry."));
        var response = await GrainOf(slot).ApplyAsync(new ApplyRequest(slot.StandsAt, MergeWide(slot, [.. own], stood), slot.State));
        if (response.Status == CustomerStatus.Faulted)
            throw new InvalidOperationException($"Entry {_partition}-{response.FaultOffset} was folded before and cannot be folded again.");
        if (response.Status == CustomerStatus.Done)
            TakeOver(slot, response);
    }

    private void Restore(CustomerSlot slot, SnapshotRow? row)
    {
        Pack(slot, row?.State ?? []);
        slot.Covered = row?.CoveredOffset ?? -1;
        slot.StandsAt = slot.Covered;
        slot.Judged = Math.Max(slot.Judged, slot.Covered);
        slot.NextWakeMs = row?.NextWakeMs ?? 0;
        slot.Import = row?.Import ?? "";
    }

    private async Task NoteFaultAsync(CustomerSlot slot, ApplyResponse response)
    {
        var build = typeof(PartitionGrain).Assembly.GetName().Version?.ToString() ?? "";
        var faulty = TicketAt(slot, response.FaultOffset);
        using (EngineSpans.Resume("fault", faulty?.Entry?.Trace))
            LogFault(_partition, response.FaultOffset, response.Fault);
        meter.Faulted();
        await journal.RecordFaultAsync(
            new FaultRow(_partition, response.FaultOffset, slot.Customer, response.Fault, build, NowMs), _epoch, CancellationToken.None);
        _faults.Add((response.FaultOffset, slot.Customer));
        if (faulty is not null)
            faulty.Verdict = EntryVerdict.Faulted;
    }

    /// <summary>Places for customers of the batch that have none, with their stored snapshots, read in one query.</summary>
    private async Task LoadSlotsAsync(List<EntryTicket> batch)
    {
        HashSet<string>? missing = null;
        foreach (var ticket in batch)
        {
            var customer = ticket.Customer;
            if (customer.Length == 0)
                continue;
            ticket.Slot = _slots.GetValueOrDefault(customer);
            if (ticket.Slot is null)
                (missing ??= new HashSet<string>(StringComparer.Ordinal)).Add(customer);
        }

        if (missing is null)
            return;
        await LoadSlotsAsync([.. missing]);
        foreach (var ticket in batch)
        {
            if (ticket.Customer.Length > 0)
                ticket.Slot ??= _slots[ticket.Customer];
        }
    }

    private async Task LoadSlotsAsync(string[] customers)
    {
        var rows = await journal.ReadSnapshotsAsync(_partition, customers, CancellationToken.None);
        for (var i = 0; i < customers.Length; i++)
            AddSlot(customers[i], rows[i]);
    }

    private CustomerSlot AddSlot(string customer, SnapshotRow? row)
    {
        var slot = new CustomerSlot(customer)
        {
            Snapshot = [],
            IsArmed = _armed.ContainsKey(customer),
            IsErased = _erased.Contains(customer),
        };
        Restore(slot, row);
        _shelf!.Clear(customer);
        _slots.Add(customer, slot);
        Rest(slot);
        return slot;
    }
}
