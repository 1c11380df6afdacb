using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Archives;

namespace OrleansCrm.Server.Verification;

/// <summary>
/// Folds the customers of one partition from the first entry on and holds each against its stored snapshot at the entry that this covers.
/// What is stored is read before the journal, so every snapshot, strand and fault read speaks of entries that are there; what a running
/// server writes meanwhile is simply not looked at.
/// </summary>
/// <param name="passes">With more than one, a customer belongs to the pass that its hash names.</param>
/// <param name="archive">Entries that were moved there are folded too, and held against the states that stand in their place.</param>
/// <param name="watch">Hears of the customers' own entries.</param>
internal sealed class PartitionFold(
    IJournal journal, int partition, int pass, int passes, DeskCheck desks, Findings findings, ArchiveFolder? archive = null, IFoldWatch? watch = null)
{
    private const int Page = 1_000;
    private const int EntriesPage = 10_000;

    private readonly Dictionary<string, FoldedCustomer> _customers = new(StringComparer.Ordinal);
    private readonly FoldOutput _output = new();
    private HashSet<(long Offset, string Customer)> _faults = [];
    private HashSet<string> _beingErased = [];
    private WideList _wide = new([]);
    private ArchivedStates _archived = ArchivedStates.None;

    /// <summary>The customers at the journal's head; broken ones are left out.</summary>
    public IEnumerable<FoldedCustomer> Customers => _customers.Values.Where(c => !c.IsBroken);

    /// <returns>
    /// False when a running server listed an entry as at fault or got on with an erasure meanwhile: to be done anew.
    /// </returns>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        var erasures = await ReadErasuresAsync(cancellation);
        return await FoldAsync(cancellation) && erasures.SetEquals(await ReadErasuresAsync(cancellation));
    }

    private async Task<bool> FoldAsync(CancellationToken cancellation)
    {
        _archived = await ArchivedStates.ReadAsync(journal, partition, cancellation);
        await ReadRowsAsync(cancellation);
        await ReadStrandsAsync(cancellation);
        _faults = await ReadFaultsAsync(cancellation);
        _wide = new WideList(await journal.ReadWideAsync(partition, cancellation));
        long head = 0;
        while (await journal.ReadAsync(partition, head, EntriesPage, cancellation) is { Length: > 0 } entries)
        {
            foreach (var entry in entries)
            {
                if (entry.Offset != head++)
                    throw new InvalidDataException($"partition {partition} has a gap before offset {entry.Offset}");
                var told = entry.Customer.Length == 0 || entry.Type == EntryTypes.HistoryArchived ? archive?.Find(_archived, partition, entry.Offset) : null;
                if (told is not null && IsMine(told.Customer) && !await TakeAsync(told, cancellation))
                    return false;
                if (entry.Customer.Length == 0 || !IsMine(entry.Customer) || await TakeAsync(entry, cancellation))
                    continue;
                return false;
            }
        }

        foreach (var customer in _customers.Values)
            Finish(customer, head);
        await CheckStrandEndsAsync(cancellation);
        if (pass == 0)
            findings.Entries += head;
        return true;
    }

    private bool IsMine(string customer) => !_beingErased.Contains(customer) && IsOfPass(customer);

    private bool IsOfPass(string customer) => passes == 1 || StableHash.Hash64(customer) % (ulong)passes == (ulong)pass;

    /// <summary>Customers whose entries are being blanked: until that is over their states cannot be folded again.</summary>
    private async Task<HashSet<string>> ReadErasuresAsync(CancellationToken cancellation)
    {
        var rows = await journal.ReadErasuresAsync(partition, cancellation);
        _beingErased = [.. rows.Where(row => !Tombstone.IsKey(row.Customer)).Select(row => row.Customer)];
        return [.. rows.Select(row => row.Hash + row.Customer)];
    }

    private async Task ReadRowsAsync(CancellationToken cancellation)
    {
        var after = "";
        while (await journal.ReadSnapshotsAfterAsync(partition, after, Page, cancellation) is { Length: > 0 } rows)
        {
            foreach (var row in rows.Where(r => IsMine(r.Customer)))
                _customers.Add(row.Customer, new FoldedCustomer(row.Customer)
                {
                    Covered = row.CoveredOffset, Stored = StoredRow.Of(row), ArchivedUntil = _archived.OffsetOf(row.Customer),
                });
            after = rows[^1].Customer;
        }
    }

    private async Task ReadStrandsAsync(CancellationToken cancellation)
    {
        long after = 0;
        while (await journal.ReadStrandsAfterAsync(partition, after, Page, cancellation) is { Length: > 0 } strands)
        {
            foreach (var strand in strands)
            {
                // A strand of a customer without a row was written after the rows were read.
                if (_customers.TryGetValue(strand.Customer, out var customer))
                    Take(customer, strand);
            }

            after = strands[^1].Row;
        }
    }

    private void Take(FoldedCustomer customer, StrandRow strand)
    {
        var outcomes = StrandOutcomes.Decode(partition, strand);
        for (var i = 0; i < strand.Offsets.Length; i++)
        {
            if (strand.Offsets[i] <= customer.Covered)
                customer.Strands.Add(strand.Offsets[i], strand.MessageIds[i], outcomes[i]);
            customer.StrandEnd = Math.Max(customer.StrandEnd, strand.Offsets[i]);
        }
    }

    private async Task<HashSet<(long Offset, string Customer)>> ReadFaultsAsync(CancellationToken cancellation) =>
        [.. (await journal.ReadFaultsAsync(partition, cancellation)).Select(f => (f.Offset, f.Customer))];

    private async Task<bool> TakeAsync(Entry entry, CancellationToken cancellation)
    {
        if (!_customers.TryGetValue(entry.Customer, out var customer))
            _customers.Add(entry.Customer, customer = new FoldedCustomer(entry.Customer));
        watch?.Met(entry);
        if (entry.Type == EntryTypes.HistoryArchived)
        {
            Begin(customer, entry);
            return true;
        }

        // Still there though they are archived: their removal was stopped midway.
        if (archive is null && entry.Offset < customer.ArchivedUntil)
            return true;
        if (customer.Stored is not null && entry.Offset > customer.Covered)
            Compare(customer);

        FoldWideUntil(customer, entry.Offset);
        customer.LastOwn = entry.Offset;
        if (_faults.Contains((entry.Offset, entry.Customer)))
        {
            findings.Faulted++;
            if (customer.Stored is not null)
                customer.Entries.Add(entry.Offset, entry.MessageId, null);
            return true;
        }

        if (Fold(customer, entry))
        {
            if (customer.Stored is not null)
                customer.Entries.Add(entry.Offset, entry.MessageId, [.. _output.Notes.Select(n => n.Text)]);
            watch?.Folded(customer, entry);
            return true;
        }

        if ((await ReadFaultsAsync(cancellation)).Contains((entry.Offset, entry.Customer)))
            return false;
        findings.Differ(partition, entry.Offset, customer.Key, "cannot be folded and is not listed as at fault");
        return true;
    }

    /// <summary>The state that stands for archived entries: to begin with, or to be held against what they have led to once more.</summary>
    private void Begin(FoldedCustomer customer, Entry entry)
    {
        var history = ArchivedHistory.Read(entry.Payload);
        FoldWideUntil(customer, entry.Offset, isTold: customer.LastOwn >= 0);
        if (archive is not null && customer.LastOwn == entry.Offset)
        {
            if (customer.Entries.Count != history.Entries)
                findings.Differ(partition, entry.Offset, customer.Key, $"the archive has {customer.Entries.Count} of {history.Entries} entries");
            else if (customer.Entries.Value != history.Chain || !SnapshotCodec.Encode(customer.State).AsSpan().SequenceEqual(history.State))
                findings.Differ(partition, entry.Offset, customer.Key, "the archive's entries lead to another state than the one that stands for them");
        }

        customer.State = SnapshotCodec.Decode(history.State);
        customer.Entries = new EntryChain(history.Chain, history.Entries);
        customer.LastOwn = entry.Offset;
        customer.IsBroken = false;
    }

    /// <param name="isTold">False: only the rules in force are taken from them, a state that has met them already takes the place of this one.</param>
    private void FoldWideUntil(FoldedCustomer customer, long offset, bool isTold = true)
    {
        while (customer.NextWide < _wide.Entries.Length && _wide.Entries[customer.NextWide].Offset <= offset)
        {
            var wide = _wide.Entries[customer.NextWide++];
            if (_faults.Contains((wide.Offset, customer.Key)))
                continue;
            if (_wide.PublicationAt(wide.Offset) is { } published && customer.Key.StartsWith(published.Tenant + "/", StringComparison.Ordinal))
                customer.Program = published.Document;
            if (isTold && !Fold(customer, wide))
                findings.Differ(partition, wide.Offset, customer.Key, "cannot be folded and is not listed as at fault");
        }
    }

    private bool Fold(FoldedCustomer customer, Entry entry)
    {
        if (customer.IsBroken)
            return true;
        _output.Clear();
        try
        {
            CustomerFold.Apply(customer.State, entry, customer.Program, _output);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever the fold throws, the partition has to have listed it.
            customer.IsBroken = true;
            return false;
        }

        foreach (var sent in _output.Outgoing)
            desks.Take(partition, sent, findings);
        return true;
    }

    /// <summary>The customer stands at the newest entry that its snapshot covers.</summary>
    private void Compare(FoldedCustomer customer)
    {
        FoldWideUntil(customer, customer.Covered);
        var stored = customer.Stored!.Value;
        customer.Stored = null;
        findings.Compared++;
        if (customer.IsBroken)
            return;
        var state = customer.State;
        if (StoredRow.HashOf(SnapshotCodec.Encode(state)) != stored.State)
            Differ(customer, "the snapshot's state differs");
        if (StoredRow.ColumnsOf(state.NextWakeMs, ImportName.OfCustomer(customer.Key, state.Import), Contribution.Search(state, customer.Program)) != stored.Columns)
            Differ(customer, "the snapshot's columns differ");
        if (StoredRow.SumsOf(Contribution.Sums(state, customer.Program)) != stored.Sums)
            Differ(customer, "the snapshot's contribution to the sums differs");
        if (!customer.Entries.Equals(customer.Strands))
            Differ(customer, $"the strands name {customer.Strands.Count} entries, the journal has {customer.Entries.Count}, or they are others");
    }

    private void Differ(FoldedCustomer customer, string what) => findings.Differ(partition, customer.Covered, customer.Key, what);

    private void Finish(FoldedCustomer customer, long head)
    {
        if (customer.Stored is not null)
        {
            if (customer.Covered >= head || customer.LastOwn < 0)
                Differ(customer, "the snapshot covers entries that the journal does not have");
            Compare(customer);
        }

        FoldWideUntil(customer, head);
        findings.Customers++;
        if (customer.LastOwn > customer.Covered)
            findings.NotYetFlushed++;
    }

    /// <summary>A strand is written with its snapshot and names nothing beyond it, unless both have moved on since the row was read.</summary>
    private async Task CheckStrandEndsAsync(CancellationToken cancellation)
    {
        var suspects = _customers.Values.Where(c => c.Covered >= 0 && c.StrandEnd > c.Covered).ToArray();
        foreach (var page in suspects.Chunk(Page))
        {
            var rows = await journal.ReadSnapshotsAsync(partition, [.. page.Select(c => c.Key)], cancellation);
            for (var i = 0; i < page.Length; i++)
            {
                if (page[i].StrandEnd > (rows[i]?.CoveredOffset ?? -1))
                    Differ(page[i], "a strand names entries that the snapshot does not cover");
            }
        }
    }
}
