using System.Diagnostics.Metrics;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest.Limits;
using OrleansCrm.Server.Programs;
using OrleansCrm.Server.Quarantine;

namespace OrleansCrm.Server.Ingest;

/// <summary>
/// Takes batches in: judges each item, sends the good ones to their partitions, one call each, side by side, and gathers the verdicts. The
/// order of a customer's items is the order of the batch.
/// </summary>
internal sealed class IngestPipeline
{
    private readonly IGrainFactory _grains;
    private readonly int _partitions;
    private readonly IngestOptions _options;
    private readonly IngestLimits _limits;
    private readonly QuarantineIntake _quarantine;
    private readonly TrackingWatch _tracking;
    private readonly EventNames _names;
    private readonly TimeProvider _time;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _rejected;

    public IngestPipeline(
        IGrainFactory grains,
        IJournal journal,
        IngestOptions options,
        IngestLimits limits,
        QuarantineIntake quarantine,
        TrackingWatch tracking,
        EventNames names,
        IMeterFactory meters,
        TimeProvider time)
    {
        _grains = grains;
        _partitions = journal.Identity.Partitions;
        _options = options;
        _limits = limits;
        _quarantine = quarantine;
        _tracking = tracking;
        _names = names;
        _time = time;
        var meter = meters.Create("OrleansCrm.Ingest");
        _accepted = meter.CreateCounter<long>("orleanscrm.ingest.accepted", "{event}", "Events journaled and applied.");
        _duplicates = meter.CreateCounter<long>("orleanscrm.ingest.duplicate", "{event}", "Events that were there already.");
        _rejected = meter.CreateCounter<long>("orleanscrm.ingest.rejected", "{event}", "Events refused for good, by code.");
    }

    /// <summary>Takes event objects of Segment's tracking format, as from a history.</summary>
    /// <exception cref="BodyFormatException">One of them is no JSON object.</exception>
    public Task<IngestAnswer> SendAsync(IngestOrigin origin, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation)
    {
        var items = new Envelope[events.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = BatchReader.ReadEvent(events[i], i);
        return SendAsync(origin, new Batch(items, null, default), isStrict: false, cancellation);
    }

    /// <summary>Takes a batch that has been read.</summary>
    /// <param name="isStrict">Refuse the whole of it before anything is journaled when one item is malformed.</param>
    public async Task<IngestAnswer> SendAsync(IngestOrigin origin, Batch batch, bool isStrict, CancellationToken cancellation)
    {
        var received = _time.GetUtcNow();
        var answer = await TakeAsync(origin, batch, isStrict, received);
        return answer is { Status: IngestStatus.Done, Rejected.Count: > 0 } ? await KeepRefusedAsync(origin, batch, answer, received) : answer;
    }

    /// <summary>Takes items of the quarantine once more, as of when they came. What is refused again stays where it is.</summary>
    public Task<IngestAnswer> ReplayAsync(IngestOrigin origin, Batch batch, DateTimeOffset received) =>
        TakeAsync(origin, batch, isStrict: false, received);

    private async Task<IngestAnswer> TakeAsync(IngestOrigin origin, Batch batch, bool isStrict, DateTimeOffset received)
    {
        var rejected = new List<Rejection>();
        var held = new HeldEntries(_limits, origin, _limits.Now());
        var plan = _tracking.PlanOf(origin.Tenant);
        var warnings = 0;
        var parts = new List<IntakeEntry>?[_partitions];

        // Half more than an even share: customers spread unevenly, and a list that grows copies itself several times.
        var share = batch.Items.Length * 3 / (2 * _partitions) + 4;
        foreach (var item in batch.Items)
        {
            if (EventIntake.Judge(item, origin, batch.SentAt, received, _options.EventBytesMax, out var entry) is { } rejection)
                rejected.Add(rejection);
            else if (plan is not null && _tracking.Judge(plan, origin.Tenant, item, ref warnings) is { } violation)
                rejected.Add(violation);
            else if (!held.Take(entry))
                (parts[entry.Customer.PartitionOf(_partitions)] ??= new List<IntakeEntry>(share)).Add(entry);
            _names.Count(origin.Tenant, item);
        }

        for (var i = batch.Items.Length; i < batch.Total && rejected.Count < _options.RejectedShownMax; i++)
            rejected.Add(new Rejection(i, null, "too_many", $"A batch has at most {_options.BatchEventsMax} events."));
        if (isStrict && rejected.Count > 0)
            return new IngestAnswer(IngestStatus.Refused, 0, 0, rejected, 0);

        var sent = parts.OfType<List<IntakeEntry>>().ToArray();
        if (held.RefuseWhole(sent.Length == 0 || isStrict) is { } limited)
            return limited;
        held.Refuse(rejected);
        if (_limits.CountsNewCustomers(origin) && await _limits.FindNewcomersAsync(origin, _grains, sent, _partitions) is { } tooMany)
            return tooMany;
        _limits.Count(origin, sent);
        var appends = new Task<AppendResponse>[sent.Length];
        for (var i = 0; i < sent.Length; i++)
            appends[i] = AppendAsync(sent[i][0].Customer.PartitionOf(_partitions), sent[i]);
        return Gather(sent, await Task.WhenAll(appends), rejected, batch) with { Warnings = warnings };
    }

    // What is refused is durable before the answer says so. When that fails the whole batch is to come again: what was taken is then a repeat.
    private async Task<IngestAnswer> KeepRefusedAsync(IngestOrigin origin, Batch batch, IngestAnswer answer, DateTimeOffset received)
    {
        try
        {
            await _quarantine.KeepAsync(origin, batch, answer, received);
            return answer;
        }
        catch (JournalException)
        {
            return new IngestAnswer(IngestStatus.Unavailable, answer.Accepted, answer.Duplicate, [], 1);
        }
    }

    // Not cancelled with the sender's connection: what is under way is journaled in any case.
    private async Task<AppendResponse> AppendAsync(int partition, List<IntakeEntry> entries)
    {
        var request = new NewEntry[entries.Count];
        var trace = EngineSpans.OfRequest;
        for (var i = 0; i < request.Length; i++)
            request[i] = trace is null ? entries[i].Entry : entries[i].Entry with { Trace = trace };
        try
        {
            return await _grains.GetGrain<IPartitionGrain>(partition).AppendAsync(new AppendRequest(request));
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            return AppendResponse.Unavailable;
        }
    }

    private Rejection Faulted(IntakeEntry item, long offset) =>
        new(item.Index, item.MessageId, "faulted", "The event is kept but could not be applied.")
        {
            Entry = offset < 0 ? "" : new EntryId(item.Customer.PartitionOf(_partitions), offset).ToString(),
        };

    private IngestAnswer Gather(List<IntakeEntry>[] sent, AppendResponse[] responses, List<Rejection> rejected, Batch batch)
    {
        int accepted = 0, duplicates = 0, linking = 0;
        List<Rejection>? unlinked = null;
        for (var i = 0; i < sent.Length; i++)
        {
            for (var j = 0; j < responses[i].Verdicts.Length; j++)
            {
                switch (responses[i].Verdicts[j])
                {
                    case EntryVerdict.Applied:
                        accepted++;
                        break;
                    case EntryVerdict.Duplicate:
                        duplicates++;
                        break;
                    case EntryVerdict.Erased:
                        rejected.Add(new Rejection(sent[i][j].Index, sent[i][j].MessageId, "erased", "This customer was erased."));
                        break;
                    default:
                        rejected.Add(Faulted(sent[i][j], responses[i].Offsets[j]));
                        break;
                }
            }
        }

        for (var i = 0; i < sent.Length; i++)
        {
            foreach (var outcome in responses[i].Outcomes)
            {
                var item = sent[i][outcome.Index];
                if (outcome.Code is LinkCodes.Linking or LinkCodes.Forwarding)
                    linking++;
                else
                    (unlinked ??= []).Add(new Rejection(item.Index, item.MessageId, outcome.Code, outcome.Detail + (outcome.Code == LinkCodes.Erased ? " was erased." : " is another customer's and stays so.")));
            }
        }

        _accepted.Add(accepted);
        _duplicates.Add(duplicates);
        foreach (var code in rejected.GroupBy(r => r.Code))
            _rejected.Add(code.Count(), new KeyValuePair<string, object?>("code", code.Key));

        var worst = responses.Where(r => r.Status != AppendStatus.Done).MaxBy(r => r.Status);
        if (worst is not null)
        {
            var status = worst.Status == AppendStatus.Overloaded ? IngestStatus.Overloaded : IngestStatus.Unavailable;
            return new IngestAnswer(status, accepted, duplicates, [], Math.Max(1, responses.Max(r => r.RetryAfterSeconds)));
        }

        rejected.Sort((a, b) => a.Index.CompareTo(b.Index));
        var more = Math.Max(0, batch.Total - batch.Items.Length - rejected.Count(r => r.Code == "too_many"));
        if (rejected.Count > _options.RejectedShownMax)
        {
            more += rejected.Count - _options.RejectedShownMax;
            rejected.RemoveRange(_options.RejectedShownMax, rejected.Count - _options.RejectedShownMax);
        }

        return new IngestAnswer(IngestStatus.Done, accepted, duplicates, rejected, 0) { RejectedMore = more, Linking = linking, Unlinked = unlinked ?? [] };
    }
}
