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
/// Answers as the server would have at an instant of the past: folds what was known of the customer then. Beside the partition, which only
/// says where the entries stand, so ingest goes on; no more than a few at once.
/// </summary>
internal sealed class TimeTravel(IGrainFactory grains, IJournal journal, TimeProvider time, ServerOptions options) : IDisposable
{
    private const int StrandPage = 10_000;
    private const int EntriesPage = 1_000;
    private const long MinuteMs = 60_000;

    private readonly SemaphoreSlim _turns = new(options.History.AtOnceMax);

    public void Dispose() => _turns.Dispose();

    public async Task AnswerAsync(HttpContext context, string id, string at)
    {
        if (!Ingest.IsoTime.TryParse(System.Text.Encoding.UTF8.GetBytes(at), out var instant))
        {
            await Problems.WriteAsync(context, 400, "invalid_time", "\"at\" is an ISO-8601 instant, for instance 2026-01-31T12:00:00Z.");
            return;
        }

        if (instant > time.GetUtcNow())
        {
            await Problems.WriteAsync(context, 400, "future_instant", "\"at\" lies in the future.");
            return;
        }

        if (!await _turns.WaitAsync(options.History.Wait, context.RequestAborted))
        {
            await Problems.WriteAsync(context, 429, "overloaded", "Others are asking for the past; try again.", retryAfterSeconds: 1);
            return;
        }

        try
        {
            await CustomerEndpoints.AnswerFirstAsync(context, id, key => AnswerAsync(context, key, instant.ToUnixTimeMilliseconds()));
        }
        catch (JournalException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Problems.WriteUnavailableAsync(context);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<LookupResponse> AnswerAsync(HttpContext context, CustomerKey key, long atMs)
    {
        var cancellation = context.RequestAborted;
        var partition = key.PartitionOf(journal.Identity.Partitions);
        var grain = grains.GetGrain<IPartitionGrain>(partition);
        var wide = await journal.ReadWideAsync(partition, cancellation);
        var faults = (await journal.ReadFaultsAsync(partition, cancellation)).Where(f => f.Customer == key.ToString()).Select(f => f.Offset).ToHashSet();
        var past = new PastCustomer(key.ToString(), atMs, wide, faults);
        var (after, taken) = (-1L, 0);
        while (true)
        {
            var strand = await grain.StrandAsync(new StrandRequest(key.ToString(), after, StrandPage));
            if (strand.Status != LookupStatus.Found)
                return new LookupResponse(strand.Status, 0, 0, []);
            if (after < 0 && strand.Offsets.Length > 0 && strand.Offsets[0] < StartOfKept(wide))
            {
                await Problems.WriteAsync(context, 410, "history_not_kept", "Part of this customer's history was folded by rules that this version no longer has.");
                return Answered;
            }

            taken += strand.Offsets.Length;
            if (taken > options.History.EntriesMax)
            {
                await Problems.WriteAsync(context, 422, "history_too_long", $"The customer has more than {options.History.EntriesMax} entries up to then.");
                return Answered;
            }

            if (!await TakeAsync(past, partition, strand.Offsets, cancellation) || !strand.HasMore)
                break;
            after = strand.Offsets[^1];
        }

        past.Finish();
        if (past.State.IsEmpty)
            return LookupResponse.NotFound;
        if (past.State.LinkedTo.Length > 0)
            return new LookupResponse(LookupStatus.Moved, 0, 0, [], past.State.LinkedTo);
        var asOf = Math.Max(atMs / MinuteMs * MinuteMs, past.State.NewestMs);
        await CustomerEndpoints.WriteProfileAsync(
            context, new LookupResponse(LookupStatus.Found, past.State.Version, asOf, ProfileRenderer.Render(past.State, past.Program, asOf)));
        return Answered;
    }

    private static LookupResponse Answered { get; } = new(LookupStatus.Found, 0, 0, []);

    private async Task<bool> TakeAsync(PastCustomer past, int partition, long[] offsets, CancellationToken cancellation)
    {
        foreach (var page in offsets.Chunk(EntriesPage))
        {
            foreach (var entry in await journal.ReadAtAsync(partition, page, cancellation))
            {
                // Blanked since its place was told: the customer is being erased, which the next call finds out.
                if (entry is { Customer.Length: > 0 } && !past.Take(entry))
                    return false;
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
