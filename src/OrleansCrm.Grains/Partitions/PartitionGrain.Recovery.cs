using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    /// <summary>Takes the partition over and brings memory to where the journal's head is.</summary>
    private async Task RecoverAsync()
    {
        var began = time.GetTimestamp();
        var takeover = await journal.TakeOverAsync(_partition, _stopping.Token);
        _epoch = takeover.Epoch;
        _lastRecordedMs = takeover.LastRecordedMs;
        _checkpoint = takeover.Checkpoint;
        _head = takeover.Checkpoint;

        foreach (var fault in await journal.ReadFaultsAsync(_partition, _stopping.Token))
            _faults.Add((fault.Offset, fault.Customer));
        await LoadErasuresAsync();
        foreach (var entry in await journal.ReadWideAsync(_partition, _stopping.Token))
        {
            _wide.Add(entry);
            _imports.Add(entry);
            _programVersions.Take(entry.Type, entry.MessageId, entry.Payload, out _);
        }

        RequireKnownFold();
        await RememberMessagesAsync();
        var waiting = (await journal.ReadOutboxAsync(_partition, _stopping.Token)).Select(r => r.Outgoing).ToList();
        await ReplayAsync(takeover.Head, waiting);

        // What the outbox holds and what the replay gives again may be the same outcomes; the desks get each once, in order. None counts
        // as stored: the replay may have given one that stands before those of the outbox.
        Send(waiting.DistinctBy(o => (o.Offset, o.Index)));
        RaiseFold();
        if (LastOffset(EntryTypes.ProgramPublished) > SweptProgram())
            StartSweep();
        meter.Replayed(takeover.Head - takeover.Checkpoint, time.GetElapsedTime(began));
        LogReady(_partition, _head, takeover.Head - takeover.Checkpoint);
        if (_dirty.Count > 0 || _waiting.Count > 0)
            Signal();
    }

    /// <summary>Every message id of the partition: the strands have those that snapshots cover, the replay adds the rest.</summary>
    private async Task RememberMessagesAsync()
    {
        const int Page = 5_000;
        var after = 0L;
        while (true)
        {
            var strands = await journal.ReadStrandsAfterAsync(_partition, after, Page, _stopping.Token);
            foreach (var strand in strands)
            {
                foreach (var id in strand.MessageIds)
                    _seen.Add(id);
            }

            if (strands.Length < Page)
                return;
            after = strands[^1].Row;
        }
    }

    private async Task ReplayAsync(long head, List<Outgoing> waiting)
    {
        while (_head < head)
        {
            var page = await journal.ReadAsync(_partition, _head, options.ReplayPage, _stopping.Token);
            if (page.Length == 0 || page[0].Offset != _head)
                throw new InvalidOperationException($"The journal of partition {_partition} has a gap at {_head}.");
            waiting.AddRange(await ReplayAsync(page));
            _head += page.Length;
        }
    }

    private async Task<List<Outgoing>> ReplayAsync(Entry[] page)
    {
        var batch = new List<EntryTicket>(page.Length);
        foreach (var entry in page)
        {
            if (entry.Customer.Length > 0)
                batch.Add(EntryTicket.Replay(entry));
        }

        await LoadSlotsAsync(batch);
        batch.RemoveAll(static ticket => ticket.Offset <= ticket.Slot!.Covered);
        foreach (var ticket in batch)
        {
            var entry = ticket.Entry!;
            _seen.Add(entry.MessageId);
            MarkDirty(ticket.Slot!, entry.Offset, entry.MessageId);
        }

        var outgoing = await FoldAsync(batch);
        _offersChanged.Clear();
        return outgoing;
    }

    private void RequireKnownFold()
    {
        var version = FoldVersionInForce();
        if (version > CustomerFold.Version)
            throw new InvalidOperationException(
                $"The journal was folded by version {version} of the rules and this server has version {CustomerFold.Version}. Run the newer server.");
    }

    /// <summary>From this entry on the journal is folded by this version's rules.</summary>
    private void RaiseFold()
    {
        if (FoldVersionInForce() == CustomerFold.Version)
            return;
        var payload = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, int> { ["version"] = CustomerFold.Version });
        Enqueue([new NewEntry("", Guid.CreateVersion7(), EntryTypes.FoldRaised, NowMs, payload)]);
    }

    private int FoldVersionInForce()
    {
        if (_wide.Latest(EntryTypes.FoldRaised) is not { } raised)
            return 0;
        using var payload = JsonDocument.Parse(raised.Payload);
        return payload.RootElement.GetProperty("version").GetInt32();
    }

    private long LastOffset(string type) => _wide.Latest(type)?.Offset ?? -1;
}
