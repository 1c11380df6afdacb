using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal;

namespace OrleansCrm.Simulation.Tests.Store;

/// <summary>
/// What is durable, in memory: each method is one transaction of the journal's contract, written as plainly as possible. Survives the
/// processes that use it. Faults are built in by overriding.
/// </summary>
internal class JournalStore(int partitions)
{
    private readonly PartitionRows[] _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new PartitionRows())];

    public JournalIdentity Identity { get; } = new(partitions, 1, new Guid(1, 2, 3, new byte[8])) { HashKey = new string('7', 64) };

    public DeskStore Desks { get; } = new();

    public virtual PartitionTakeover TakeOver(int partition)
    {
        var rows = Of(partition);
        rows.Epoch++;
        return new PartitionTakeover(rows.Epoch, rows.Entries.Count, rows.Checkpoint, rows.LastRecordedMs);
    }

    public virtual void Append(int partition, long epoch, long head, Entry[] entries)
    {
        var rows = Of(partition);
        RequireOwner(partition, epoch);
        if (head != rows.Entries.Count)
            throw new FencedException($"The head of partition {partition} is {rows.Entries.Count}, not {head}.");
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Partition != partition || entries[i].Offset != head + i)
                throw new ArgumentException($"Entry {entries[i].PublicId} cannot stand at {partition}-{head + i}.");
            if (entries[i].RecordedMs < (i == 0 ? rows.LastRecordedMs : entries[i - 1].RecordedMs))
                throw new ArgumentException($"Recorded time falls at entry {entries[i].PublicId}.");
        }

        rows.Entries.AddRange(entries);
    }

    public virtual Entry[] Read(int partition, long fromOffset, int max) =>
        [.. Of(partition).Entries.Skip((int)Math.Min(fromOffset, int.MaxValue)).Take(max)];

    public Entry?[] ReadAt(int partition, long[] offsets)
    {
        var entries = Of(partition).Entries;
        return Array.ConvertAll(offsets, o => o >= 0 && o < entries.Count ? entries[(int)o] : null);
    }

    public Entry[] ReadWide(int partition) => [.. Of(partition).Entries.Where(e => e.Customer.Length == 0 && e.Type != EntryTypes.Erased)];

    public SnapshotRow?[] ReadSnapshots(int partition, string[] customers) =>
        Array.ConvertAll(customers, c => Of(partition).Snapshots.GetValueOrDefault(c));

    public SnapshotRow[] ReadSnapshotsAfter(int partition, string afterCustomer, int max) =>
        [.. Of(partition).Snapshots.Values.Where(s => Utf8Order.Instance.Compare(s.Customer, afterCustomer) > 0).Take(max)];

    public FoundCustomer[] Search(int partition, CustomerSearch search)
    {
        var fitting = Of(partition).Snapshots.Values.Where(s =>
            s.Customer.StartsWith(search.Tenant + "/", StringComparison.Ordinal) && s.Search.Phase.Length > 0
            && (search.Phase.Length == 0 || s.Search.Phase == search.Phase) && (search.Tier.Length == 0 || s.Search.Tier == search.Tier)
            && s.Search.RiskMillionths >= search.MinRiskMillionths
            && (search.Segment.Length == 0 || s.Search.Segments.Split(' ').Contains(search.Segment))
            && (search.Campaign.Length == 0 || s.Search.Campaign == search.Campaign)
            && (search.Owner.Length == 0 || s.Search.Owner == search.Owner));
        var sorted = FoundCustomer.Join([[.. fitting.Select(s => new FoundCustomer(s.Customer, s.Search))]], search.Order, int.MaxValue);
        var behind = search.After is not { } after ? 0 : sorted.TakeWhile(f =>
            f.ValueOf(search.Order) > after.ValueOf(search.Order)
            || (f.ValueOf(search.Order) == after.ValueOf(search.Order) && Utf8Order.Instance.Compare(f.Customer, after.Customer) <= 0)).Count();
        return [.. sorted.Skip(behind).Take(search.Limit)];
    }

    public DueWake[] ReadDueWakes(int partition, long untilMs, int max, string[] exceptImports) =>
    [
        .. Of(partition).Snapshots.Values
            .Where(s => s.NextWakeMs > 0 && s.NextWakeMs <= untilMs && !exceptImports.Contains(s.Import))
            .OrderBy(s => s.NextWakeMs).Take(max)
            .Select(s => new DueWake(s.Customer, s.NextWakeMs, s.Import, s.CoveredOffset)),
    ];

    public virtual StrandRow[] ReadStrands(int partition, string customer, long beforeLastOffset, int max) =>
    [
        .. Of(partition).Strands.Where(s => s.Customer == customer && s.Offsets[^1] < beforeLastOffset)
            .OrderByDescending(s => s.Offsets[^1]).Take(max),
    ];

    public StrandRow[] ReadStrandsFrom(int partition, string customer, long fromOffset, int max) =>
        [.. Of(partition).Strands.Where(s => s.Customer == customer && s.Offsets[^1] >= fromOffset).OrderBy(s => s.Offsets[^1]).Take(max)];

    public virtual StrandRow[] ReadStrandsAfter(int partition, long afterRow, int max) =>
        [.. Of(partition).Strands.Where(s => s.Row > afterRow).Take(max)];

    public virtual void Flush(FlushRequest flush)
    {
        var rows = Of(flush.Partition);
        RequireOwner(flush.Partition, flush.Epoch);
        foreach (var strand in flush.Strands)
        {
            if (strand.Offsets.Length == 0 || strand.Offsets.Length != strand.MessageIds.Length)
                throw new ArgumentException("A strand has an offset and a message for each of its entries.");
            if (strand.Offsets.Zip(strand.Offsets.Skip(1)).Any(o => o.Second <= o.First))
                throw new ArgumentException("The offsets of a strand must rise.");
            if (rows.Strands.Exists(s => s.Customer == strand.Customer && s.Offsets[^1] == strand.Offsets[^1]))
                throw new InvalidOperationException("The strand has been written before.");
        }

        rows.Checkpoint = flush.Checkpoint;
        foreach (var snapshot in flush.Snapshots)
            rows.Snapshots[snapshot.Customer] = snapshot;
        foreach (var strand in flush.Strands)
            rows.Strands.Add(strand with { Row = ++rows.StrandNumber });
        foreach (var outgoing in flush.Outbox)
            rows.Outbox[(outgoing.Offset, outgoing.Index)] = new OutboxRow(outgoing);
        foreach (var delivered in rows.Outbox.Keys.Where(k => k.CompareTo((flush.DeliveredOffset, flush.DeliveredIndex)) <= 0).ToArray())
            rows.Outbox.Remove(delivered);
    }

    public OutboxRow[] ReadOutbox(int partition) => [.. Of(partition).Outbox.Values];

    public void RecordFault(FaultRow fault, long epoch)
    {
        RequireOwner(fault.Partition, epoch);
        Of(fault.Partition).Faults[(fault.Offset, fault.Customer)] = fault;
    }

    public FaultRow[] ReadFaults(int partition) => [.. Of(partition).Faults.Values];

    public void BeginErasure(ErasureRow erasure, long epoch)
    {
        RequireOwner(erasure.Partition, epoch);
        Of(erasure.Partition).Erasures.TryAdd(erasure.Hash, erasure);
    }

    public ErasureRow[] ReadErasures(int partition) => [.. Of(partition).Erasures.Values];

    public void Blank(int partition, long epoch, long[] offsets)
    {
        RequireOwner(partition, epoch);
        var entries = Of(partition).Entries;
        foreach (var offset in offsets)
        {
            var entry = entries[(int)offset];
            entries[(int)offset] = entry with { Customer = "", MessageId = Guid.Empty, Type = EntryTypes.Erased, TimeMs = entry.RecordedMs, Payload = [] };
        }
    }

    public void Archive(int partition, long epoch, long[] blank, Entry[] states)
    {
        Blank(partition, epoch, blank);
        var entries = Of(partition).Entries;
        foreach (var state in states.Where(s => entries[(int)s.Offset].Type != EntryTypes.Erased))
            entries[(int)state.Offset] = entries[(int)state.Offset] with { Type = state.Type, Payload = state.Payload, Trace = null };
    }

    public void Redact(int partition, long epoch, Entry[] redacted)
    {
        RequireOwner(partition, epoch);
        var rows = Of(partition);
        foreach (var entry in redacted)
        {
            if (rows.Entries[(int)entry.Offset].Type != EntryTypes.Erased)
                rows.Entries[(int)entry.Offset] = rows.Entries[(int)entry.Offset] with { Payload = entry.Payload };
            foreach (var place in rows.Outbox.Keys.Where(k => k.Offset == entry.Offset).ToArray())
                rows.Outbox.Remove(place);
        }
    }

    public void Erase(ErasureWrite write)
    {
        RequireOwner(write.Partition, write.Epoch);
        var rows = Of(write.Partition);
        var tombstone = write.Tombstone;
        rows.Entries[(int)tombstone.Offset] = tombstone;
        var strands = rows.Strands.RemoveAll(s => s.Customer == write.Customer);
        rows.Strands.Add(new StrandRow(++rows.StrandNumber, tombstone.Customer, [tombstone.Offset], [tombstone.MessageId], []));
        rows.Snapshots.Remove(write.Customer, out var snapshot);
        rows.Snapshots[tombstone.Customer] = snapshot! with
        {
            Customer = tombstone.Customer, CoveredOffset = tombstone.Offset, State = write.State, NextWakeMs = 0, Import = "", Search = new("", "", 0, 0, 0, 0),
        };
        var faults = rows.Faults.Keys.Where(f => f.Customer == write.Customer).ToArray();
        foreach (var fault in faults)
            rows.Faults.Remove(fault);
        var outbox = rows.Outbox.Where(o => write.Offsets.Contains(o.Value.Outgoing.Offset)).Select(o => o.Key).ToArray();
        foreach (var place in outbox)
            rows.Outbox.Remove(place);
        var (changes, open) = Desks.Erase(alert => IsOf(alert, write), write.EraseAlert);
        rows.Erasures[write.Hash] = rows.Erasures[write.Hash] with
        {
            Customer = tombstone.Customer,
            Stores =
            [
                new("entries", write.Offsets.Length), new("strands", strands), new("snapshots", snapshot is null ? 0 : 1), new("faults", faults.Length),
                new("outbox", outbox.Length), new("alertChanges", changes), new("openAlerts", open), new("quarantine", 0),
            ],
        };
    }

    public void EndErasure(int partition, long epoch, string hash, long doneMs)
    {
        RequireOwner(partition, epoch);
        Of(partition).Erasures[hash] = Of(partition).Erasures[hash] with { DoneMs = doneMs };
    }

    private static bool IsOf(string alertId, ErasureWrite write) =>
        AlertId.TryParse(alertId, out var id) && id.Partition == write.Partition && write.Offsets.Contains(id.Offset);

    public KeyValuePair<string, long>[] ReadSums(string tenant) =>
    [
        .. _partitions.SelectMany(p => p.Snapshots.Values)
            .Where(s => s.Customer.StartsWith(tenant + "/", StringComparison.Ordinal))
            .SelectMany(s => MonthMetrics.Expand(s.Sums))
            .GroupBy(s => s.Metric, s => s.Value, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, g.Sum()))
            .Where(s => s.Value != 0)
            .OrderBy(s => s.Key, StringComparer.Ordinal),
    ];

    public long Checkpoint(int partition) => Of(partition).Checkpoint;

    /// <summary>The machine lost its power; what was said to be durable is still there.</summary>
    public virtual void LosePower()
    {
    }

    protected PartitionRows Of(int partition) => partition >= 0 && partition < _partitions.Length
        ? _partitions[partition]
        : throw new ArgumentOutOfRangeException(nameof(partition), partition, "The journal has no such partition.");

    protected virtual void RequireOwner(int partition, long epoch)
    {
        if (Of(partition).Epoch != epoch)
            throw new FencedException($"Partition {partition} belongs to epoch {Of(partition).Epoch}, not to epoch {epoch}.");
    }

    protected sealed class PartitionRows
    {
        public long Epoch { get; set; }

        public long Checkpoint { get; set; }

        public List<Entry> Entries { get; } = [];

        public SortedDictionary<string, SnapshotRow> Snapshots { get; } = new(Utf8Order.Instance);

        public List<StrandRow> Strands { get; } = [];

        public long StrandNumber { get; set; }

        public SortedDictionary<string, ErasureRow> Erasures { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<(long Offset, int Index), OutboxRow> Outbox { get; } = [];

        public SortedDictionary<(long Offset, string Customer), FaultRow> Faults { get; } = [];

        public long LastRecordedMs => Entries.Count == 0 ? 0 : Entries[^1].RecordedMs;
    }
}

/// <summary>Alert changes and unfinished alerts by desk.</summary>
internal sealed class DeskStore
{
    private readonly SortedDictionary<string, DeskRows> _desks = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Tenant, long FinishedMs, string AlertId), FinishedAlert> _finished = [];

    public IEnumerable<string> Names => _desks.Keys;

    public DeskPosition Read(string desk)
    {
        var rows = Of(desk);
        return new DeskPosition(
            rows.Sequence,
            rows.Changes.Count == 0 ? rows.Sequence + 1 : rows.Changes[0].Sequence,
            [.. rows.Senders.Values]);
    }

    public void Write(DeskWrite write)
    {
        var rows = Of(write.Desk);
        if (write.FirstSequence != rows.Sequence + 1)
            throw new FencedException($"Number {write.FirstSequence} of desk '{write.Desk}' is not the next: another activation wrote.");
        foreach (var change in write.Changes)
        {
            rows.Changes.Add(new NumberedAlert(++rows.Sequence, change.Alert));
            rows.AlertIds[rows.Sequence] = change.AlertId;
            rows.Open.Remove(change.AlertId);
            if (!change.IsFinished)
                rows.Open.Add(change.AlertId, (change.Rank, change.Alert));
        }

        var tenant = write.Desk[..write.Desk.IndexOf('/')];
        foreach (var alert in write.Finished)
            _finished[(tenant, alert.FinishedMs, alert.AlertId)] = alert;
        foreach (var old in _finished.Keys.Where(k => k.Tenant == tenant && k.FinishedMs < write.ForgetFinishedBeforeMs).ToArray())
            _finished.Remove(old);
        rows.Senders[write.Sender.Partition] = write.Sender;
    }

    public FinishedAlert[] ReadFinished(string tenant, string desk, long fromMs, long untilMs, int max) =>
    [
        .. _finished.Where(f => f.Key.Tenant == tenant && f.Key.FinishedMs >= fromMs && f.Key.FinishedMs < untilMs && (desk.Length == 0 || f.Value.Desk == desk))
            .Select(f => f.Value).Take(max),
    ];

    public NumberedAlert[] ReadChanges(string desk, long afterSequence, int max) =>
        [.. Of(desk).Changes.Where(c => c.Sequence > afterSequence).Take(max)];

    public DeskAlerts ReadAlerts(string desk, int max)
    {
        var rows = Of(desk);
        return new DeskAlerts(
            rows.Sequence,
            rows.Open.Count,
            [.. rows.Open.OrderByDescending(o => o.Value.Rank).ThenBy(o => o.Key, StringComparer.Ordinal).Take(max).Select(o => o.Value.Alert)]);
    }

    public OpenAlert[] ReadOpen(string desk, long afterRank, string afterAlert, int max) =>
    [
        .. Of(desk).Open.Select(o => new OpenAlert(o.Value.Rank, o.Key, o.Value.Alert))
            .Where(o => o.Rank < afterRank || (o.Rank == afterRank && string.CompareOrdinal(o.AlertId, afterAlert) > 0))
            .OrderByDescending(o => o.Rank).ThenBy(o => o.AlertId, StringComparer.Ordinal).Take(max),
    ];

    /// <returns>Changes rewritten and open alerts removed.</returns>
    public (int Changes, int Open) Erase(Func<string, bool> isMine, Func<byte[], byte[]> erase)
    {
        var (changes, open) = (0, 0);
        foreach (var rows in _desks.Values)
        {
            for (var i = 0; i < rows.Changes.Count; i++)
            {
                if (!isMine(rows.AlertIds[rows.Changes[i].Sequence]))
                    continue;
                rows.Changes[i] = rows.Changes[i] with { Alert = erase(rows.Changes[i].Alert) };
                changes++;
            }

            foreach (var alert in rows.Open.Keys.Where(isMine).ToArray())
                open += rows.Open.Remove(alert) ? 1 : 0;
        }

        return (changes, open);
    }

    public void Trim(string desk, long beforeSequence) => Of(desk).Changes.RemoveAll(c => c.Sequence < beforeSequence);

    private DeskRows Of(string desk)
    {
        if (!_desks.TryGetValue(desk, out var rows))
            _desks.Add(desk, rows = new DeskRows());
        return rows;
    }

    private sealed class DeskRows
    {
        public long Sequence { get; set; }

        public List<NumberedAlert> Changes { get; } = [];

        public Dictionary<long, string> AlertIds { get; } = [];

        public SortedDictionary<string, (long Rank, byte[] Alert)> Open { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<int, SenderPosition> Senders { get; } = [];
    }
}

internal sealed class Utf8Order : IComparer<string>
{
    public static readonly Utf8Order Instance = new();

    public int Compare(string? x, string? y) =>
        System.Text.Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(y ?? ""));
}
