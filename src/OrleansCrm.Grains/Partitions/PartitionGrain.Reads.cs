using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private readonly List<SlotLoad> _loads = [];
    private readonly Queue<CustomerSlot> _rendered = new();
    private ProfileShelf? _shelf;

    public async Task<LookupResponse> LookupAsync(LookupRequest request)
    {
        await _recovered.Task;
        if (_isFailed)
            return LookupResponse.Unavailable;
        try
        {
            return await FindAsync(request);
        }
        catch (JournalException exception)
        {
            LogUnreadable(_partition, exception.GetType().Name);
            return LookupResponse.Unavailable;
        }
    }

    private async Task<LookupResponse> FindAsync(LookupRequest request)
    {
        var customer = request.Kind == LookupKind.Alert
            ? await FindCustomerOfAlertAsync(request.Argument, request.Customer)
            : request.Customer;
        if (customer is null)
            return LookupResponse.NotFound;
        if (IsErased(customer))
            return LookupResponse.Erased;

        // In memory and up to date: no database on this path.
        if (_slots.TryGetValue(customer, out var slot) && slot.Snapshot is null)
        {
            if (request.Kind == LookupKind.Profile && slot.Profile is { } rendered && rendered.AskedForMs == request.AsOfMs)
                return rendered.Answer;
            var found = await ReadAsync(slot, request);
            if (found is not null)
                return found;
        }

        // A customer without a place who has no snapshot either was never acknowledged: nothing is activated for it.
        if (slot is null && (await journal.ReadSnapshotsAsync(_partition, [customer], CancellationToken.None))[0] is null
            && !_slots.ContainsKey(customer))
            return LookupResponse.NotFound;

        for (var attempt = 0; attempt < RebuildsMax && !_isFailed; attempt++)
        {
            slot = await LoadBetweenAppliesAsync(customer);
            if (slot is null)
                break;
            var found = await ReadAsync(slot, request);
            if (found is not null)
                return found;
        }

        return LookupResponse.Unavailable;
    }

    public async Task<bool[]> KnowsAsync(string[] customers)
    {
        await _recovered.Task;
        if (_isFailed)
            return [];
        var known = Array.ConvertAll(customers, _slots.ContainsKey);
        var asked = customers.Where((_, i) => !known[i]).ToArray();
        if (asked.Length == 0)
            return known;
        try
        {
            var rows = new Queue<bool>((await journal.ReadSnapshotsAsync(_partition, asked, CancellationToken.None)).Select(row => row is not null));
            return Array.ConvertAll(known, isKnown => isKnown || rows.Dequeue());
        }
        catch (JournalException exception)
        {
            LogUnreadable(_partition, exception.GetType().Name);
            return [];
        }
    }

    /// <returns>Null when the state does not stand where the partition believes.</returns>
    private async Task<LookupResponse?> ReadAsync(CustomerSlot slot, LookupRequest request)
    {
        // Being brought up to date: where it stands is lower for a while than what was acknowledged.
        if (slot.Snapshot is not null)
            return null;
        var standsAt = slot.StandsAt;
        var read = await GrainOf(slot).ReadAsync(new ReadRequest(standsAt, request.Kind, request.AsOfMs, request.Argument));
        if (read.Status == CustomerStatus.Moved)
            return new LookupResponse(LookupStatus.Moved, read.Version, read.AsOfMs, [], read.MovedTo);
        if (read.Status != CustomerStatus.Done)
            return read.Status == CustomerStatus.NotFound ? LookupResponse.NotFound : null;
        var found = new LookupResponse(LookupStatus.Found, read.Version, read.AsOfMs, read.Body);

        // One that was packed meanwhile may have no place any more, and then nobody would take the profile away.
        if (request.Kind == LookupKind.Profile && slot.StandsAt == standsAt && slot.Snapshot is null && !slot.IsErased)
            Keep(slot, found, request.AsOfMs);
        return found;
    }

    private void Keep(CustomerSlot slot, LookupResponse profile, long askedForMs)
    {
        slot.Profile = null;
        slot.Profile = _shelf!.Put(slot.Customer, profile, askedForMs);
        _rendered.Enqueue(slot);
        if (_rendered.Count > options.ProfilesKeptMax)
            _rendered.Dequeue().Profile = null;
    }

    private void ClearShelf()
    {
        _shelf?.Close();
        foreach (var slot in _rendered)
            slot.Profile = null;
        _rendered.Clear();
    }

    private async Task<CustomerSlot?> LoadBetweenAppliesAsync(string customer)
    {
        var load = new SlotLoad(customer);
        _loads.Add(load);
        Signal();
        return await load.Done.Task;
    }

    /// <summary>What may only happen while no apply is under way.</summary>
    private async Task RunQuietWorkAsync()
    {
        if (_flushing.IsFaulted)
            await _flushing;
        // One stays in the list until it is done: whoever gives the partition up answers all that are left.
        while (_loads.Count > 0)
        {
            var load = _loads[0];
            var slot = await RefreshAsync(load.Customer);
            if (_loads.Remove(load))
                load.Done.TrySetResult(slot);
        }

        if (_tombstone is { } pending)
        {
            _tombstone = null;
            await PutTombstoneAsync(pending);
        }

        if (IsSweepDue)
            await SweepPageAsync();
        if (IsPackDue)
            await PackSomeAsync();
        if (IsFlushDue)
            await StartFlushAsync();
    }

    private async Task<CustomerSlot> RefreshAsync(string customer)
    {
        if (!_slots.TryGetValue(customer, out var slot))
        {
            await LoadSlotsAsync([customer]);
            slot = _slots[customer];
        }
        else if (slot.Snapshot is null)
        {
            await RebuildAsync(slot);
        }

        if (slot.Snapshot is not null)
            await CatchUpAsync(slot);
        return slot;
    }

    private static bool IsAlertCommand(NewEntry entry) =>
        entry.Type is EntryTypes.AlertClaim or EntryTypes.AlertRelease or EntryTypes.AlertResolve;

    /// <summary>A command names an alert; the alert's id leads to the entry that raised it, and that to the customer.</summary>
    private async Task<NewEntry?> ResolveCommandAsync(NewEntry command)
    {
        using var payload = System.Text.Json.JsonDocument.Parse(command.Payload);
        var alert = payload.RootElement.TryGetProperty("alert", out var id) ? id.GetString() : null;
        var customer = await FindCustomerOfAlertAsync(alert, command.Customer);
        return customer is null ? null : command with { Customer = customer };
    }

    /// <param name="tenantPrefix"><c>tenant/</c>: an alert of another tenant does not exist.</param>
    private async Task<string?> FindCustomerOfAlertAsync(string? alertId, string tenantPrefix)
    {
        if (!AlertId.TryParse(alertId, out var alert) || alert.Partition != _partition)
            return null;
        var entries = await journal.ReadAtAsync(_partition, [alert.Offset], CancellationToken.None);
        return entries[0] is { Customer.Length: > 0 } entry && entry.Customer.StartsWith(tenantPrefix, StringComparison.Ordinal)
            && !IsErased(entry.Customer)
            ? entry.Customer
            : null;
    }

    private static AppendResponse NotFoundResponse() =>
        new(AppendStatus.Done, 0, [EntryVerdict.Applied], [-1], [new CommandOutcome(0, "not_found", "There is no such alert.", [])]);

    private sealed record SlotLoad(string Customer)
    {
        public TaskCompletionSource<CustomerSlot?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
