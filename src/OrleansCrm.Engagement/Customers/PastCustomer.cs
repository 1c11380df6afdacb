using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// A customer as he was known at an instant: folds those of his entries that were known then. An entry is known since it was recorded; one
/// that an import brought since its own time, because the history that it tells was the shop's already. What the engine itself journaled
/// on account of an imported history (wakes, words between ids) counts like that history.
/// </summary>
/// <param name="atMs">The instant, Unix milliseconds.</param>
/// <param name="wide">All partition-wide entries of the customer's partition, in order.</param>
/// <param name="faults">Offsets of this customer's entries that are listed as at fault.</param>
public sealed class PastCustomer(string key, long atMs, Entry[] wide, IReadOnlySet<long> faults)
{
    private readonly Entry[] _wide = Array.FindAll(wide, e => EntryTypes.IsFoldedByAll(e.Type));
    private readonly long _importsUntil = EndOfImports(wide);
    private readonly FoldOutput _output = new();
    private int _nextWide;
    private Entry? _firstUnknown;

    public CustomerState State { get; private set; } = CustomerState.Create(key);

    public ProgramDocument Program { get; private set; } = ProgramDocument.Default;

    /// <summary>
    /// When the newest entry was recorded that was moved to an archive, Unix milliseconds: what was before cannot be told. Null when none was.
    /// </summary>
    public long? ReachesBackToMs { get; private set; }

    /// <summary>Entries are missing that come before those that were taken; what <see cref="ReachesBackToMs"/> says makes up for it.</summary>
    public bool IsIncomplete { get; set; }

    /// <summary>The own entry that was folded last.</summary>
    internal Entry? Newest { get; private set; }

    /// <summary>What the newest entry was answered, if it was a command.</summary>
    internal CommandOutcome? Command => _output.Command;

    /// <summary>Keeps every line of the points ledger from here on, for <see cref="LedgerRenderer"/>.</summary>
    public void KeepLines() => _output.Lines = [];

    /// <summary>A page of the ledger: the newest lines below number <paramref name="before"/>.</summary>
    public byte[] RenderLedger(long before, int limit) => LedgerRenderer.Render(State, _output.Lines!, before, limit);

    /// <summary>Takes the next of the customer's own entries in offset order.</summary>
    /// <returns>False when nothing that comes behind it was known at the instant.</returns>
    public bool Take(Entry entry)
    {
        if (faults.Contains(entry.Offset))
            return true;
        if (entry.Type == EntryTypes.HistoryArchived)
        {
            Begin(entry);
            return entry.RecordedMs <= atMs;
        }

        if (!IsKnown(entry))
        {
            _firstUnknown ??= entry;
            return entry.Offset <= _importsUntil || IsOfEngine(entry.Type);
        }

        _firstUnknown = null;
        FoldWide(e => e.Offset < entry.Offset);
        Fold(entry);
        Newest = entry;
        return true;
    }

    /// <summary>To be called after the last entry.</summary>
    public void Finish()
    {
        FoldWide(e => e.RecordedMs <= atMs);
        if (_firstUnknown is { } next && State.Import.Length > 0)
            LiveThrough(next);
    }

    private void Begin(Entry archived)
    {
        FoldWide(e => e.Offset < archived.Offset);
        State = SnapshotCodec.Decode(ArchivedHistory.Read(archived.Payload).State);
        ReachesBackToMs = archived.RecordedMs;
        (_firstUnknown, Newest) = (null, null);
        if (_output.Lines is not null)
            _output.Lines = [.. State.Ledger?.Lines ?? []];
    }

    // Nothing wakes a customer whose history is still coming in: the next entry lives through what was due before it. What that brings
    // about is told under that entry's name, so it has to be here too.
    private void LiveThrough(Entry next)
    {
        var known = SnapshotCodec.Encode(State);
        while (State.NextWakeMs != 0 && State.NextWakeMs <= atMs)
        {
            var dueMs = State.NextWakeMs;
            State = SnapshotCodec.Decode(known);
            Fold(next with { Type = EntryTypes.Wake, TimeMs = dueMs, Payload = [] });
            if (State.NextWakeMs != 0 && State.NextWakeMs <= dueMs)
                return;
        }
    }

    private void FoldWide(Func<Entry, bool> isDue)
    {
        while (_nextWide < _wide.Length && isDue(_wide[_nextWide]))
        {
            var entry = _wide[_nextWide++];
            if (entry.Type == EntryTypes.ProgramPublished && ProgramPublication.TenantOf(entry.Payload) == State.Tenant)
                Program = ProgramPublication.Parse(entry.Payload).Document;
            if (!faults.Contains(entry.Offset))
                Fold(entry);
        }
    }

    private void Fold(Entry entry)
    {
        _output.Clear();
        CustomerFold.Apply(State, entry, Program, _output);
    }

    private bool IsKnown(Entry entry)
    {
        if (entry.RecordedMs <= atMs)
            return true;
        if (entry.TimeMs > atMs || entry.Offset > _importsUntil && !IsOfEngine(entry.Type))
            return false;
        if (entry.Type != EntryTypes.IdentityForwarded)
            return IsOfEngine(entry.Type) ? State.Import.Length > 0 : IsImported(entry.Type, entry.Payload);
        var message = IdentityMessage.Read(entry.Payload);
        return IsImported(message.Type, message.Body);
    }

    private static bool IsOfEngine(string type) => type == EntryTypes.Wake || EntryTypes.IsBetweenCustomers(type);

    // No import comes with a browser's key.
    private static bool IsImported(string type, ReadOnlySpan<byte> payload) =>
        type is EntryTypes.Identify or EntryTypes.Track or EntryTypes.Page or EntryTypes.Screen or EntryTypes.Group or EntryTypes.Alias
        && EventReader.Read(type, payload).Import.Length > 0;

    /// <returns>Behind this offset stands nothing that an import brought.</returns>
    private static long EndOfImports(Entry[] wide)
    {
        var end = -1L;
        foreach (var entry in wide)
        {
            if (entry.Type is EntryTypes.ImportStarted or EntryTypes.ImportRenewed)
                end = long.MaxValue;
            else if (entry.Type == EntryTypes.ImportEnded)
                end = entry.Offset;
        }

        return end;
    }
}
