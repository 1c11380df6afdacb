using System.Globalization;
using System.Security.Cryptography;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Journal;
using OrleansCrm.Server.Verification;

namespace OrleansCrm.Server.Archives;

/// <summary>
/// Moves old entries to archive files. Of each customer the state that they led to takes the place of the newest of them, and the others are
/// blanked, as those of erased customers are: so every fold begins there, places stay, and message ids stay known. Nobody else may write.
/// </summary>
/// <remarks>
/// The file is whole and durable first, then the journal names it, then entries are replaced, newest first: at every moment a customer's state
/// stands before anything of what led to it is gone. So a run that is stopped anywhere has lost nothing, and the next one goes on.
/// </remarks>
/// <param name="tenantDesks">Every desk there may be: what its unfinished alerts were raised by stays.</param>
internal sealed class Compaction(IJournal journal, CompactOptions options, string[] tenantDesks, TimeProvider time)
{
    private const int AlertsPage = 1_000;

    public long Entries { get; private set; }

    public long Customers { get; private set; }

    public List<string> Files { get; } = [];

    /// <summary>Entries recorded before it are old, Unix milliseconds.</summary>
    public long BeforeMs { get; private set; }

    /// <exception cref="JournalException">The database cannot be read or written. What is done is done; to be run again.</exception>
    /// <exception cref="InvalidDataException">The journal does not lead to what is stored: nothing of that partition was moved.</exception>
    /// <exception cref="IOException">An archive file cannot be written.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        BeforeMs = (now - options.Keep).ToUnixTimeMilliseconds();
        var needed = await FindNeededAsync(cancellation);
        Directory.CreateDirectory(options.To);
        ArchiveWriter.Clear(options.To);
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            var takeover = await journal.TakeOverAsync(partition, cancellation);
            foreach (var row in await journal.ReadOutboxAsync(partition, cancellation))
                needed[partition].Add(row.Outgoing.Offset);
            var cut = await ArchiveCut.ReadAsync(journal, partition, takeover.Checkpoint, BeforeMs, needed[partition], cancellation);
            if (cut.IsEmpty)
                continue;
            var owned = new Owned(partition, takeover.Epoch, takeover.Head, Math.Max(now.ToUnixTimeMilliseconds(), takeover.LastRecordedMs));
            var passes = 1 + await Verifier.CountRowsAsync(journal, partition, cancellation) / options.CustomersPerPassMax;
            for (var pass = 0; pass < passes; pass++)
                owned = await MoveAsync(owned, cut, pass, passes, now, cancellation);
        }

        await journal.ScrubAsync(cancellation);
    }

    private async Task<Owned> MoveAsync(Owned owned, ArchiveCut cut, int pass, int passes, DateTimeOffset now, CancellationToken cancellation)
    {
        var partition = owned.Partition;
        var name = string.Create(
            CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}-{partition:0000}-{pass:00}{ArchiveWriter.Extension}");
        var states = await ArchivedStates.ReadAsync(journal, partition, cancellation);
        using var writer = new ArchiveWriter(Path.Combine(options.To, name), journal.Identity, partition);
        var move = new Move(journal.Identity, cut, states, writer);
        var findings = new Findings(1);
        var fold = new PartitionFold(journal, partition, pass, passes, new DeskCheck(), findings, watch: move);
        if (!await fold.RunAsync(cancellation))
            throw new InvalidDataException($"partition {partition} is being written by somebody else");
        if (findings.Differences > 0)
            throw new InvalidDataException($"partition {partition} does not verify, so nothing of it was moved: {findings.First[0]}");
        if (move.Blank.Count == 0 && move.States.Count == 0)
            return owned;
        if (writer.Entries > 0)
        {
            var note = new CompactionNote(name, writer.Finish(), writer.Entries, move.States.Count, BeforeMs);
            var entry = new Entry(
                partition, owned.Head, "", Guid.CreateVersion7(now), EntryTypes.HistoryCompacted, owned.RecordedMs, owned.RecordedMs, note.ToPayload());
            await journal.AppendAsync(partition, owned.Epoch, owned.Head, new[] { entry }, cancellation);
            owned = owned with { Head = owned.Head + 1 };
            Files.Add(name);
        }

        await ReplaceAsync(owned, move, cancellation);
        Entries += writer.Entries;
        Customers += move.States.Count;
        return owned;
    }

    private async Task ReplaceAsync(Owned owned, Move move, CancellationToken cancellation)
    {
        var states = move.States.ToDictionary(s => s.Offset);
        long[] places = [.. move.Blank.Concat(states.Keys).OrderDescending()];
        foreach (var chunk in places.Chunk(options.ReplacedAtOnce))
        {
            Array.Reverse(chunk);
            await journal.ArchiveAsync(
                owned.Partition, owned.Epoch, Array.FindAll(chunk, o => !states.ContainsKey(o)), [.. chunk.Where(states.ContainsKey).Select(o => states[o])],
                cancellation);
        }
    }

    /// <summary>By partition the entries that raised alerts which desks still have.</summary>
    private async Task<HashSet<long>[]> FindNeededAsync(CancellationToken cancellation)
    {
        HashSet<long>[] needed = [.. Enumerable.Range(0, journal.Identity.Partitions).Select(_ => new HashSet<long>())];
        foreach (var desk in tenantDesks)
        {
            var (rank, alert) = (long.MaxValue, "");
            while (await journal.ReadOpenAlertsAsync(desk, rank, alert, AlertsPage, cancellation) is { Length: > 0 } open)
            {
                foreach (var id in open.Select(a => a.AlertId))
                {
                    if (AlertId.TryParse(id, out var raised))
                        needed[raised.Partition].Add(raised.Offset);
                }

                (rank, alert) = (open[^1].Rank, open[^1].AlertId);
            }
        }

        return needed;
    }

    /// <param name="RecordedMs">For what this run appends.</param>
    private sealed record Owned(int Partition, long Epoch, long Head, long RecordedMs);

    /// <summary>Writes the archive while the customers are folded, and remembers what will take the entries' places.</summary>
    private sealed class Move(JournalIdentity identity, ArchiveCut cut, ArchivedStates archived, ArchiveWriter writer) : IFoldWatch
    {
        private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

        public List<long> Blank { get; } = [];

        public List<Entry> States { get; } = [];

        public void Met(Entry entry)
        {
            if (entry.Offset < cut.LastOf(entry.Customer))
                Blank.Add(entry.Offset);
        }

        public void Folded(FoldedCustomer customer, Entry entry)
        {
            var last = cut.LastOf(customer.Key);
            if (entry.Offset > last)
                return;
            if (!_keys.TryGetValue(customer.Key, out var key))
                _keys.Add(customer.Key, key = archived.KeyOf(customer.Key) ?? RandomNumberGenerator.GetBytes(32));
            writer.Add(Unnamed(entry, customer.State), key);
            if (entry.Offset < last)
                return;
            _keys.Remove(customer.Key);
            var history = new ArchivedHistory(SnapshotCodec.Encode(customer.State), customer.Entries.Count, customer.Entries.Value, key);
            States.Add(entry with { Type = EntryTypes.HistoryArchived, Payload = history.ToPayload() });
        }

        // A refused claim names one person in the history of another, and that person's erasure could not reach it in a file.
        private Entry Unnamed(Entry entry, CustomerState state)
        {
            if (entry.Type != EntryTypes.IdentityClaim)
                return entry;
            var tenant = CustomerKey.TenantOf(entry.Customer);
            var claimant = IdentityClaim.ClaimantOf(tenant, entry.Payload);
            if (tenant + "/" + state.LinkedTo == claimant || state.LinkedTo == claimant)
                return entry;
            var hash = CustomerHash.Of(identity.HashKey, claimant).ToString("N");
            var nobody = CustomerKey.Erased(tenant, CustomerKey.Parse(claimant).PartitionOf(identity.Partitions), hash);
            return entry with { Payload = IdentityClaim.Redact(entry.Payload, nobody) };
        }
    }
}
