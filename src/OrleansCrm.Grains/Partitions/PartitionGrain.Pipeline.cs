using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private readonly Queue<PendingAppend> _waiting = new();
    private readonly Dictionary<Guid, EntryTicket> _inFlight = [];
    private readonly SeenMessages _seen = new(PartOf(options.MessagesRememberedMax, journal.Identity.Partitions));
    private readonly WorkSignal _signal = new();
    private readonly ProgramVersions _programVersions = new();
    private int _waitingEntries;

    public Task<AppendResponse> AppendAsync(AppendRequest request) => AnswerAsync(request, TakeInAsync, AppendResponse.Unavailable);

    private async Task<AppendResponse> TakeInAsync(AppendRequest request)
    {
        if (request.Entries.Length == 0)
            return new AppendResponse(AppendStatus.Done, 0, [], [], []);

        // What other partitions deliver is never held back: two that wait for each other would hold back for ever. They send one run at a time.
        if (EntryTypes.IsBetweenCustomers(request.Entries[0].Type))
            return await Enqueue(request.Entries).Answer;
        if (IsPutOff)
            return AppendResponse.Unavailable;
        if (IsHeldBack)
        {
            meter.HeldBack();
            return AppendResponse.Overloaded;
        }

        if (request.Entries.Length == 1 && EntryTypes.IsAlertCommand(request.Entries[0].Type))
        {
            var command = await ResolveCommandAsync(request.Entries[0]);
            if (command is null)
                return NotFoundResponse();
            request = new AppendRequest([command]);
        }

        var response = await Enqueue(request.Entries, mayBePutOff: true).Answer;
        return response.Outcomes.Length == 0 ? response : await WaitForLinksAsync(request, response);
    }

    private bool IsHeldBack =>
        _waitingEntries >= options.WaitingEntriesMax
        || _head - _checkpoint > options.ReplayEntriesMax
        || _outgoing.Count > options.OutcomesWaitingMax;

    /// <summary>What comes when the partition has been given up, as after a wait, is not taken, and its sender is told so.</summary>
    private PendingAppend Enqueue(NewEntry[] entries, bool mayBePutOff = false)
    {
        var sender = new PendingAppend(entries, mayBePutOff);
        if (_isFailed)
        {
            sender.Abandon();
            return sender;
        }

        _waiting.Enqueue(sender);
        _waitingEntries += entries.Length;
        Signal();
        return sender;
    }

    private void Signal() => _signal.Signal();

    private async Task RunPipelineAsync()
    {
        var applying = Task.CompletedTask;
        while (!_stopping.IsCancellationRequested)
        {
            await _signal.WaitAsync();
            EvictSlots();
            var batch = await CollectAsync();
            var entries = Number(batch);
            var commit = TryCommitAsync(batch, entries);
            var isWritten = false;
            try
            {
                await LoadSlotsAsync(batch);
                await applying;

                // Between two applies every state stands exactly where its slot says.
                await RunQuietWorkAsync();
            }
            finally
            {
                isWritten = await commit;
            }

            while (!isWritten && !_stopping.IsCancellationRequested)
            {
                await WaitForRoomAsync(batch);
                isWritten = await TryCommitAsync(batch, entries);
            }

            if (!isWritten)
                break;
            Committed(batch);
            applying = batch.Count == 0 ? Task.CompletedTask : ApplyAsync(batch);
            if (_waiting.Count > 0)
                Signal();
        }

        await applying;
        await _flushing;
    }

    /// <returns>False when the journal has no room: nothing was written.</returns>
    private async Task<bool> TryCommitAsync(List<EntryTicket> batch, Entry[] entries)
    {
        if (entries.Length == 0)
            return true;
        var began = time.GetTimestamp();
        try
        {
            await journal.AppendAsync(_partition, _epoch, _head, entries, CancellationToken.None);
        }
        catch (JournalFullException exception)
        {
            NoteFull(exception);
            return false;
        }

        FoundRoom();
        if (Array.Exists(entries, ProductEvents.MaySay))
            products.Offer(entries);
        meter.Committed(batch.Count, time.GetElapsedTime(began));
        TellSpans("commit", batch, began);
        return true;
    }

    /// <summary>Once for each trace among the entries.</summary>
    private void TellSpans(string step, List<EntryTicket> batch, long began)
    {
        if (!EngineSpans.HasListeners)
            return;
        Dictionary<string, int>? traces = null;
        foreach (var ticket in batch)
        {
            if (ticket.Entry!.Trace is { } trace)
                (traces ??= new Dictionary<string, int>(StringComparer.Ordinal))[trace] = traces.GetValueOrDefault(trace) + 1;
        }

        foreach (var (trace, entries) in traces ?? [])
            EngineSpans.Tell(step, trace, time.GetUtcNow(), time.GetElapsedTime(began), new("partition", _partition), new("entries", entries));
    }

    /// <summary>Takes what waits, as far as one commit goes; what is a repeat for certain is answered at once.</summary>
    private async Task<List<EntryTicket>> CollectAsync()
    {
        var batch = new List<EntryTicket>();
        List<EntryTicket>? doubtful = null;
        int taken = 0, joined = 0;
        while (_waiting.TryPeek(out var sender) && (taken == 0 || taken + sender.Entries.Length <= options.CommitEntriesMax))
        {
            _waiting.Dequeue();
            _waitingEntries -= sender.Entries.Length;
            taken += sender.Entries.Length;
            for (var i = 0; i < sender.Entries.Length; i++)
            {
                var entry = sender.Entries[i];
                if (_inFlight.TryGetValue(entry.MessageId, out var first))
                {
                    first.Join(sender, i);
                    joined++;
                    continue;
                }

                // A claim that was answered before the erasure began is a repeat when it is delivered again: the answer is on its way.
                var isRefused = IsRefused(entry);
                if (isRefused && entry.Type != EntryTypes.IdentityClaim)
                {
                    sender.Judge(i, EntryVerdict.Erased, -1, null);
                    continue;
                }

                if (entry.Customer.Length == 0 && !_programVersions.Take(entry.Type, entry.MessageId, entry.Payload, out var newest))
                {
                    // Told so before that one is durable, its sender would look for it in vain.
                    if (_inFlight.TryGetValue(newest, out var published))
                        published.Join(sender, i);
                    else
                        sender.Judge(i, EntryVerdict.Duplicate, -1, null);
                    continue;
                }

                var ticket = new EntryTicket(sender, i);
                _inFlight.Add(entry.MessageId, ticket);
                if (entry.Customer.Length > 0 && (isRefused || _seen.MayContain(entry.MessageId)))
                    (doubtful ??= []).Add(ticket);
                batch.Add(ticket);
            }
        }

        if (joined > 0)
            meter.FoundRepeats(joined);
        if (doubtful is not null)
            await DropRepeatsAsync(batch, doubtful);
        return batch;
    }

    /// <summary>
    /// Answers those that the journal has already, and those of erased customers. An import that is run again is nothing but repeats, of many
    /// customers: their strands are searched side by side.
    /// </summary>
    private async Task DropRepeatsAsync(List<EntryTicket> batch, List<EntryTicket> doubtful)
    {
        foreach (var some in doubtful.GroupBy(ticket => ticket.New.Customer, StringComparer.Ordinal).Chunk(options.RepeatSearchesMax))
            await Task.WhenAll(some.Select(tickets => FindFirstsAsync(tickets.Key, [.. tickets])));
        meter.SearchedForRepeats(doubtful.Count);
        meter.FoundRepeats(doubtful.Count(ticket => ticket.Offset >= 0));
        var answered = doubtful.Where(ticket => ticket.Offset >= 0 || IsRefused(ticket.New)).ToHashSet();
        foreach (var ticket in answered)
        {
            ticket.Verdict = ticket.Offset < 0 ? EntryVerdict.Erased
                : _faults.Contains((ticket.Offset, ticket.New.Customer)) ? EntryVerdict.Faulted
                : EntryVerdict.Duplicate;
            _inFlight.Remove(ticket.New.MessageId);
            ticket.Answer();
        }

        batch.RemoveAll(answered.Contains);
    }

    /// <summary>
    /// Compares exactly: with the customer's entries that no snapshot covers, then with its strands. Those that are repeats are told where
    /// the first one stands.
    /// </summary>
    private async Task FindFirstsAsync(string customer, List<EntryTicket> tickets)
    {
        const int StrandPage = 100;
        if (_slots.TryGetValue(customer, out var slot))
        {
            foreach (var ticket in tickets)
                ticket.Offset = FindUncovered(slot, ticket.New.MessageId);
        }

        tickets.RemoveAll(ticket => ticket.Offset >= 0);
        var before = long.MaxValue;
        while (tickets.Count > 0)
        {
            var strands = await journal.ReadStrandsAsync(_partition, customer, before, StrandPage, CancellationToken.None);
            foreach (var strand in strands)
            {
                foreach (var ticket in tickets)
                {
                    var at = Array.IndexOf(strand.MessageIds, ticket.New.MessageId);
                    if (at >= 0)
                        ticket.Offset = strand.Offsets[at];
                }

                tickets.RemoveAll(ticket => ticket.Offset >= 0);
            }

            if (strands.Length < StrandPage)
                return;
            before = strands[^1].Offsets[^1];
        }
    }

    private Entry[] Number(List<EntryTicket> batch)
    {
        if (batch.Count == 0)
            return [];
        _lastRecordedMs = Math.Max(NowMs, _lastRecordedMs);
        var entries = new Entry[batch.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var ticket = batch[i];
            var entry = ticket.New;
            ticket.Offset = _head + i;
            ticket.Entry = entries[i] = new Entry(
                _partition,
                ticket.Offset,
                entry.Customer,
                entry.MessageId,
                entry.Type,
                Math.Min(entry.TimeMs, _lastRecordedMs),
                _lastRecordedMs,
                entry.Payload,
                entry.Trace);
        }

        return entries;
    }

    /// <summary>From here on the entries are true, whatever happens.</summary>
    private void Committed(List<EntryTicket> batch)
    {
        var now = time.GetTimestamp();
        foreach (var ticket in batch)
        {
            var entry = ticket.Entry!;
            if (entry.Customer.Length == 0)
            {
                NoteWide(entry);
                continue;
            }

            var slot = ticket.Slot!;
            _seen.Add(entry.MessageId);
            MarkDirty(slot, entry.Offset, entry.MessageId);
            if (entry.Type != EntryTypes.Wake)
                slot.LastEntry = now;
        }

        _head += batch.Count;
    }

    private void NoteWide(Entry entry)
    {
        _wide.Add(entry);
        _imports.Add(entry);
        if (entry.Type == EntryTypes.ImportEnded)
            RearmEverybody();
        if (entry.Type != EntryTypes.ProgramPublished)
            return;
        ForgetRendered();
        StartSweep();
    }
}
