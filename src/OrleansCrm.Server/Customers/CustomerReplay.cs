using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Customers;

/// <summary>
/// Folds one customer out of the journal once more. Beside the partition, which only says where the entries stand, so ingest goes on; no more
/// than a few at once.
/// </summary>
internal sealed class CustomerReplay(IGrainFactory grains, IJournal journal, ServerOptions options) : IDisposable
{
    private const int StrandPage = 10_000;
    private const int EntriesPage = 1_000;

    private readonly SemaphoreSlim _turns = new(options.History.AtOnceMax);

    public void Dispose() => _turns.Dispose();

    /// <summary>Waits for its turn; to be followed by <see cref="End"/>.</summary>
    /// <returns>False when a problem has been answered instead.</returns>
    public async Task<bool> TryBeginAsync(HttpContext context)
    {
        if (await _turns.WaitAsync(options.History.Wait, context.RequestAborted))
            return true;
        await Problems.WriteAsync(context, 429, "overloaded", "Others are asking for the past; try again.", retryAfterSeconds: 1);
        return false;
    }

    public void End() => _turns.Release();

    /// <param name="atMs">What was known at this instant, Unix milliseconds; <see cref="long.MaxValue"/> for all there is.</param>
    /// <param name="entry">Called after each entry of the customer's own.</param>
    /// <param name="end">Called after the last of them, before the partition-wide ones behind it.</param>
    /// <param name="until">Only entries up to this offset.</param>
    /// <param name="keepsLines">Every line of the points ledger is wanted.</param>
    /// <param name="before">Called before each entry of the customer's own.</param>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    public async Task<ReplayedCustomer> FoldAsync(CustomerKey key, long atMs, CancellationToken cancellation, Action<PastCustomer>? entry = null, Action<PastCustomer>? end = null, bool keepsLines = false,
        long until = long.MaxValue, Action<PastCustomer, Entry>? before = null)
    {
        var partition = key.PartitionOf(journal.Identity.Partitions);
        var grain = grains.GetGrain<IPartitionGrain>(partition);
        var wide = Array.FindAll(await journal.ReadWideAsync(partition, cancellation), e => e.Offset <= until);
        var faults = (await journal.ReadFaultsAsync(partition, cancellation)).Where(f => f.Customer == key.ToString()).Select(f => f.Offset).ToHashSet();
        var past = new PastCustomer(key.ToString(), atMs, wide, faults);
        if (keepsLines)
            past.KeepLines();
        var (behind, taken) = (-1L, 0);
        while (true)
        {
            var strand = await grain.StrandAsync(new StrandRequest(key.ToString(), behind, StrandPage));
            if (strand.Status != LookupStatus.Found)
                return new ReplayedCustomer(strand.Status, null, null);
            if (behind < 0 && strand.Offsets.Length > 0 && strand.Offsets[0] < StartOfKept(wide))
                return new ReplayedCustomer(strand.Status, null, ReplayRefusal.NotKept);
            if (strand.Offsets is [.., var last] && last > until)
                strand = strand with { Offsets = Array.FindAll(strand.Offsets, o => o <= until), HasMore = false };
            taken += strand.Offsets.Length;
            if (taken > options.History.EntriesMax)
                return new ReplayedCustomer(strand.Status, null, ReplayRefusal.TooLong(options.History.EntriesMax));
            if (!await TakeAsync(past, partition, strand.Offsets, before, entry, cancellation) || !strand.HasMore)
                break;
            behind = strand.Offsets[^1];
        }

        if (past.ReachesBackToMs is { } reach ? reach > atMs : past.IsIncomplete)
            return new ReplayedCustomer(LookupStatus.Found, null, ReplayRefusal.Archived(past.ReachesBackToMs));
        end?.Invoke(past);
        past.Finish();
        return new ReplayedCustomer(LookupStatus.Found, past, null);
    }

    private async Task<bool> TakeAsync(PastCustomer past, int partition, long[] offsets, Action<PastCustomer, Entry>? before, Action<PastCustomer>? watch, CancellationToken cancellation)
    {
        foreach (var page in offsets.Chunk(EntriesPage))
        {
            foreach (var entry in await journal.ReadAtAsync(partition, page, cancellation))
            {
                // Blank: moved to an archive, and the state that it led to comes later; or the customer is being erased, which the next call finds out.
                if (entry is not { Customer.Length: > 0 })
                {
                    past.IsIncomplete = true;
                    continue;
                }

                before?.Invoke(past, entry);
                if (!past.Take(entry))
                    return false;
                watch?.Invoke(past);
            }
        }

        return true;
    }

    /// <summary>Where this build's rules begin when the journal was folded by others before; else 0.</summary>
    private static long StartOfKept(Entry[] wide)
    {
        var raised = Array.FindAll(wide, e => e.Type == EntryTypes.FoldRaised);
        return raised.Length > 1 ? raised[^1].Offset : 0;
    }
}

/// <param name="Status">Not <see cref="LookupStatus.Found"/>: what the partition says of the customer.</param>
/// <param name="Customer">Null when there is none to be told of.</param>
/// <param name="Refusal">Why the journal was not folded to its end.</param>
internal sealed record ReplayedCustomer(LookupStatus Status, PastCustomer? Customer, ReplayRefusal? Refusal);

/// <param name="ReachesBackToMs">The earliest instant that can be told of; null where that is not the trouble, or not known.</param>
internal sealed record ReplayRefusal(int HttpStatus, string Code, string Detail, long? ReachesBackToMs = null)
{
    public static readonly ReplayRefusal NotKept =
        new(410, "history_not_kept", "Part of this customer's history was folded by rules that this version no longer has.");

    public static ReplayRefusal Archived(long? reachesBackToMs) =>
        new(410, "history_archived", "Entries from before then were moved to an archive.", reachesBackToMs);

    public static ReplayRefusal TooLong(int entriesMax) =>
        new(422, "history_too_long", $"The customer has more than {entriesMax} entries up to then.");

    public Task WriteAsync(HttpContext context) => Problems.WriteAsync(
        context, HttpStatus, Code, Detail, extensions: ReachesBackToMs is { } reach ? json => json.WriteString("reachesBackTo", JsonBodies.Instant(reach)) : null);
}
