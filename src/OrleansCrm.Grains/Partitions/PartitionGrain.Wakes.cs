using System.Globalization;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private static readonly byte[] EmptyPayload = "{}"u8.ToArray();

    /// <summary>Customers to be woken soon, by instant. An item counts only while <see cref="_armed"/> says the same.</summary>
    private readonly PriorityQueue<string, long> _wakes = new();
    private readonly Dictionary<string, Armed> _armed = new(StringComparer.Ordinal);
    private readonly List<string> _waitingForQuiet = [];

    /// <summary>Customers whose wake is on its way: by name, because a sleeper gets its place only when that wake is taken in.</summary>
    private readonly HashSet<string> _waking = new(StringComparer.Ordinal);

    /// <summary>Imports whose end is on its way: a second one behind it could end a run that has just begun again.</summary>
    private readonly HashSet<string> _ending = new(StringComparer.Ordinal);

    /// <summary>Customers who lost their place while sleepers were being read: what was read of them may be from before they were stored.</summary>
    private readonly HashSet<string> _forgottenMeanwhile = new(StringComparer.Ordinal);

    private int _wakesUnderWay;
    private bool _isReadingSleepers;
    private bool _isSleeperReadPending = true;
    private long _sleepersRead;

    private bool IsRunning => _isReady && !_isFailed && !_clock.IsHeld;

    public Task<TenantBacklog> BacklogAsync(string tenant)
    {
        var prefix = tenant + "/";
        var undelivered = _outgoing.Count(o => (o.Entry?.Customer ?? o.Desk).StartsWith(prefix, StringComparison.Ordinal));
        return Task.FromResult(new TenantBacklog(IsRunning, CountOverdueWakes(prefix), undelivered));
    }

    private int CountOverdueWakes(string prefix)
    {
        var underWay = _waking.Count(customer => customer.StartsWith(prefix, StringComparison.Ordinal));

        // Whoever sleeps beyond what has been read is not known to be due, nor known not to be.
        var isUnread = _isSleeperReadPending || _isReadingSleepers || time.GetElapsedTime(_sleepersRead) > options.WakeWindow;
        return CountDueWakes(prefix) + underWay + (isUnread ? 1 : 0);
    }

    /// <summary>Customers who are due, and whose wake is not on its way yet.</summary>
    private int CountDueWakes(string prefix)
    {
        var now = NowMs;
        return _armed.Count(a => a.Value.DueMs <= now && a.Key.StartsWith(prefix, StringComparison.Ordinal));
    }

    private Task TickAsync()
    {
        if (!_isReady || _isFailed)
            return Task.CompletedTask;
        var wasHeld = _clock.IsHeld;
        _clock.Look();
        if (_clock.IsHeld && !wasHeld)
            LogClockJumped(_partition);

        _mayEvict = _mayPack = true;
        EndSilentImports();
        if (!_clock.IsHeld)
        {
            FireDueWakes();
            if ((_isSleeperReadPending || time.GetElapsedTime(_sleepersRead) >= options.WakeWindow / 2) && CountDueWakes("") < options.WakesUnderWayMax)
                _ = ReadSleepersAsync();
        }

        if (_waitsForRoom || IsFlushDue || IsPackDue || IsEvictDue || IsSweepDue)
            Signal();
        return Task.CompletedTask;
    }

    /// <summary>Notes when a customer wants to be woken, if that is soon. Later instants are read from the journal in time.</summary>
    private void Arm(CustomerSlot slot)
    {
        var dueMs = slot.NextWakeMs;
        if (dueMs == 0 || dueMs > NowMs + 2 * (long)options.WakeWindow.TotalMilliseconds)
            Disarm(slot.Customer, slot);
        else if (!_armed.TryGetValue(slot.Customer, out var armed) || armed.DueMs != dueMs)
            Arm(slot.Customer, slot, new Armed(dueMs, "", -1));
    }

    private void Arm(string customer, CustomerSlot? slot, Armed armed)
    {
        _armed[customer] = armed;
        _wakes.Enqueue(customer, armed.DueMs);
        slot?.IsArmed = true;
    }

    private void Disarm(string customer, CustomerSlot? slot)
    {
        if (slot is { IsArmed: false })
            return;
        _armed.Remove(customer);
        slot?.IsArmed = false;
    }

    private void FireDueWakes()
    {
        foreach (var customer in _waitingForQuiet)
        {
            if (_armed.TryGetValue(customer, out var armed))
                _wakes.Enqueue(customer, armed.DueMs);
        }

        _waitingForQuiet.Clear();
        var now = NowMs;
        List<(string Customer, long DueMs, Guid Id)>? firing = null;
        while (_wakesUnderWay + (firing?.Count ?? 0) < options.WakesUnderWayMax && _wakes.TryPeek(out var customer, out var dueMs) && dueMs <= now)
        {
            _wakes.Dequeue();
            if (!_armed.TryGetValue(customer, out var armed) || armed.DueMs != dueMs)
                continue;
            _slots.TryGetValue(customer, out var slot);
            if (_waking.Contains(customer))
                continue;
            if (now - dueMs > options.WakeOverdue.TotalMilliseconds)
            {
                if (_imports.IsRunning(slot?.Import ?? armed.Import))
                {
                    // Its history is still coming in; the end of the import arms it again.
                    Disarm(customer, slot);
                    continue;
                }

                if (slot is not null && time.GetElapsedTime(slot.LastEntry) < options.WakeQuiet)
                {
                    _waitingForQuiet.Add(customer);
                    continue;
                }
            }

            Disarm(customer, slot);
            _waking.Add(customer);
            (firing ??= []).Add((customer, dueMs, WakeId(customer, dueMs, slot?.StandsAt ?? armed.StandsAt)));
        }

        if (firing is null)
            return;
        meter.Woke(firing.Count, TimeSpan.FromMilliseconds(now - firing.Min(wake => wake.DueMs)));
        _ = WakeAsync(firing);
    }

    /// <summary>Journals the wakes like any other entries and waits for their answers.</summary>
    private async Task WakeAsync(List<(string Customer, long DueMs, Guid Id)> wakes)
    {
        _wakesUnderWay += wakes.Count;
        var response = await Enqueue([.. wakes.Select(w => new NewEntry(w.Customer, w.Id, EntryTypes.Wake, w.DueMs, EmptyPayload))]).Answer;
        _wakesUnderWay -= wakes.Count;
        for (var i = 0; i < wakes.Count; i++)
        {
            var (customer, dueMs, _) = wakes[i];
            _waking.Remove(customer);
            if (!_slots.TryGetValue(customer, out var slot))
                continue;
            if (response.Status != AppendStatus.Done)
                continue;
            if (slot.NextWakeMs == dueMs && slot.StandsAt <= response.Offsets[i])
            {
                // The same instant again and nothing came after: journaling it once more would change as little, for ever.
                slot.NextWakeMs = 0;
                Disarm(customer, slot);
                Queue(slot);
                LogFutileWake(_partition);
            }
            else if (!_armed.ContainsKey(customer))
            {
                Arm(slot);
            }
            else
            {
                _wakes.Enqueue(customer, _armed[customer].DueMs);
            }
        }
    }

    /// <summary>A late entry can ask for an instant that has been a wake's before: only where the customer stands tells them apart.</summary>
    private static Guid WakeId(string customer, long dueMs, long standsAt)
    {
        Span<byte> scratch = stackalloc byte[512];
        return StableHash.Start(scratch)
            .Add(EntryTypes.Wake)
            .Add(customer)
            .Add(dueMs.ToString(CultureInfo.InvariantCulture))
            .Add(standsAt.ToString(CultureInfo.InvariantCulture))
            .FinishGuid();
    }

    /// <summary>Customers that are not in memory and will be due soon, from the index of wakes.</summary>
    private async Task ReadSleepersAsync()
    {
        if (_isReadingSleepers)
            return;
        _isReadingSleepers = true;
        try
        {
            _isSleeperReadPending = false;
            _sleepersRead = time.GetTimestamp();
            var until = NowMs + (long)options.WakeWindow.TotalMilliseconds;

            // Those who are armed or were woken stand in front with their old instants, until they are stored: they are read past.
            var max = options.WakesUnderWayMax * 4 + _armed.Count + _waking.Count + _dirty.Count + _round.Left + options.FlushCustomersMax;
            var rows = await journal.ReadDueWakesAsync(_partition, until, max, _imports.Running(), CancellationToken.None);
            foreach (var row in rows)
            {
                if (_waking.Contains(row.Customer))
                    continue;
                if (_slots.TryGetValue(row.Customer, out var slot))
                {
                    Arm(slot);
                }
                else if (_forgottenMeanwhile.Contains(row.Customer))
                {
                    _isSleeperReadPending = true;
                }
                else if (!_armed.ContainsKey(row.Customer))
                {
                    Arm(row.Customer, null, new Armed(row.NextWakeMs, row.Import, row.CoveredOffset));
                }
            }

            // More is due than was read: read on as soon as these are through.
            _isSleeperReadPending |= rows.Length == max;
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
        finally
        {
            _isReadingSleepers = false;
            _forgottenMeanwhile.Clear();
        }
    }

    /// <summary>An import has ended: whoever was due meanwhile is due now.</summary>
    private void RearmEverybody()
    {
        _isSleeperReadPending = true;
        foreach (var slot in _slots.Values)
        {
            if (!_waking.Contains(slot.Customer))
                Arm(slot);
        }
    }

    private void EndSilentImports()
    {
        foreach (var name in _imports.Expired(NowMs - (long)options.ImportLease.TotalMilliseconds))
        {
            if (_ending.Add(name))
                _ = EndAsync(name);
        }
    }

    private async Task EndAsync(string import)
    {
        await Enqueue([new NewEntry("", EndOfLease(import), EntryTypes.ImportEnded, NowMs, ImportName.ToPayload(import))]).Answer;
        _ending.Remove(import);
    }

    private static Guid EndOfLease(string import)
    {
        Span<byte> scratch = stackalloc byte[512];
        return StableHash.Start(scratch).Add(EntryTypes.ImportEnded).Add(import).Add("lease").FinishGuid();
    }

    /// <param name="Import">And <paramref name="StandsAt"/>: of a sleeper; a customer with a place knows better.</param>
    private readonly record struct Armed(long DueMs, string Import, long StandsAt);
}
