using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>Lookups whose customer is taken into memory in one go: a few milliseconds, for which commits wait.</summary>
    private const int LoadsPerPass = 200;

    private readonly Queue<SlotLoad> _loads = new();
    private readonly Queue<CustomerSlot> _rendered = new();
    private ProfileShelf? _shelf;

    public Task<LookupResponse> LookupAsync(LookupRequest request) => AnswerAsync(request, FindAsync, LookupResponse.Unavailable);

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
        if (_slots.TryGetValue(customer, out var slot) && IsCurrent(slot))
        {
            if (request.Kind == LookupKind.Profile && slot.Profile is { } rendered && rendered.AskedForMs == request.AsOfMs)
                return rendered.Answer;
            var found = await ReadAsync(slot, request);
            if (found is not null)
                return found;
        }

        for (var attempt = 0; attempt < RebuildsMax && !_isFailed && _loads.Count < options.LookupsWaitingMax; attempt++)
        {
            var load = new SlotLoad(customer, isBehind: slot is { Snapshot: null });
            _loads.Enqueue(load);
            Signal();
            (slot, var isKnown) = await load.Done.Task;
            if (!isKnown)
                return LookupResponse.NotFound;
            if (slot is null)
                break;
            if (await ReadAsync(slot, request) is { } found)
                return found;
        }

        return LookupResponse.Unavailable;
    }

    public Task<bool[]> KnowsAsync(string[] customers) => AnswerAsync(customers, FindKnownAsync, []);

    private async Task<bool[]> FindKnownAsync(string[] customers)
    {
        var known = Array.ConvertAll(customers, _slots.ContainsKey);
        var asked = customers.Where((_, i) => !known[i]).ToArray();
        if (asked.Length == 0)
            return known;
        var rows = new Queue<bool>((await journal.ReadSnapshotsAsync(_partition, asked, CancellationToken.None)).Select(row => row is not null));
        return Array.ConvertAll(known, isKnown => isKnown || rows.Dequeue());
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
        if (request.Kind == LookupKind.Profile && slot.StandsAt == standsAt && IsCurrent(slot) && !slot.IsErased)
            Keep(slot, found, request.AsOfMs);
        return found;
    }

    /// <summary>In memory, and told of the newest program: a lookup does not wait until the sweep comes by.</summary>
    private bool IsCurrent(CustomerSlot slot) => slot.Snapshot is null && slot.StandsAt >= _wide.Newest;

    private void Keep(CustomerSlot slot, LookupResponse profile, long askedForMs)
    {
        slot.Profile = null;
        slot.Profile = _shelf!.Put(slot.Customer, profile, askedForMs);
        if (slot.IsRendered)
            return;
        slot.IsRendered = true;
        _rendered.Enqueue(slot);
        if (_rendered.Count > _profilesKeptMax)
        {
            var oldest = _rendered.Dequeue();
            (oldest.Profile, oldest.IsRendered) = (null, false);
        }
    }

    private void ClearShelf()
    {
        _shelf?.Close();
        ForgetRendered();
    }

    private void ForgetRendered()
    {
        foreach (var slot in _rendered)
            (slot.Profile, slot.IsRendered) = (null, false);
        _rendered.Clear();
    }

    /// <summary>What may only happen while no apply is under way.</summary>
    private async Task RunQuietWorkAsync()
    {
        if (_flushing.IsFaulted)
            await _flushing;
        if (_loads.Count > 0)
            await LoadSomeAsync();
        if (_tombstone is { } pending)
        {
            _tombstone = null;
            await PutTombstoneAsync(pending);
        }

        if (IsSweepDue)
            await SweepAsync();
        if (IsPackDue)
            await PackSomeAsync();
        if (IsFlushDue)
            await StartFlushAsync();
    }

    private async Task LoadSomeAsync()
    {
        var count = Math.Min(_loads.Count, LoadsPerPass);
        string[] missing = [.. _loads.Take(count).Select(l => l.Customer).Where(c => !_slots.ContainsKey(c)).Distinct()];
        if (missing.Length > 0)
        {
            // A customer without a place who has no snapshot either was never acknowledged: nothing is activated for it.
            var rows = await journal.ReadSnapshotsAsync(_partition, missing, CancellationToken.None);
            for (var i = 0; i < missing.Length; i++)
            {
                if (rows[i] is not null || _loads.Take(count).Any(l => l.Opens && l.Customer == missing[i]))
                    AddSlot(missing[i], rows[i]);
            }
        }

        // One stays in the queue until it is done: whoever gives the partition up answers all that are left.
        for (; count > 0 && _loads.TryPeek(out var load); count--)
        {
            // One that others have brought up to date meanwhile is only asked whether it stands there, if anything.
            var slot = _slots.GetValueOrDefault(load.Customer);
            if (slot is not null && (slot.Snapshot is not null || load.IsBehind))
                await CatchUpAsync(slot);
            load.Done.TrySetResult((slot is { Snapshot: null } ? slot : null, slot is not null));
            _loads.TryDequeue(out _);
        }

        if (_loads.Count > 0)
            Signal();
    }

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

    /// <param name="isBehind">Its grain has said that it does not stand where the partition believes.</param>
    /// <param name="opens">Somebody who was never seen gets a place too.</param>
    private sealed class SlotLoad(string customer, bool isBehind, bool opens = false)
    {
        public bool Opens => opens;

        public string Customer => customer;

        public bool IsBehind => isBehind;

        /// <summary>The place of a customer whose grain has the state, and whether there is such a customer; no place when it cannot be had.</summary>
        public TaskCompletionSource<(CustomerSlot? Slot, bool IsKnown)> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
