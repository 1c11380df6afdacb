using System.Globalization;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Reserves;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Decisions that show what can run out. Nobody may see one before its part of the budget is held and its own entry is durable: after a crash
/// somebody else would be promised the same again. All other decisions wait for nothing.
/// </summary>
public sealed partial class PartitionGrain
{
    private const int TakesMax = 8;
    private const int ExhaustedPauseMinMs = 100;
    private const int ExhaustedPauseMaxMs = 10_000;

    /// <summary>What a budget and a slice need to speak to each other: a commit each.</summary>
    private static readonly TimeSpan GrantPatience = TimeSpan.FromMilliseconds(25);

    /// <summary>Offers whose slice had nothing to give: until when nobody asks again, and how long that was.</summary>
    private readonly Dictionary<(string Tenant, ulong Offer), (long UntilMs, int PauseMs)> _exhausted = [];

    private async Task<DecideResponse?> DecideHoldingAsync(CustomerSlot slot, DecideRequest request, DecisionId id, DecideResponse decided)
    {
        var held = new Dictionary<ulong, BudgetTake>();
        for (var attempt = 0; ; attempt++)
        {
            var refused = await TakeAsync(slot.Customer, id, [.. decided.Takes.Where(t => !held.ContainsKey(t.Offer))], held, attempt);
            var isAnswered = refused is { Length: 0 };
            if (isAnswered || refused is null || attempt == TakesMax || NowMs > request.LimitMs)
            {
                Release(slot.Customer, id, held.Values.Where(h => !isAnswered || !decided.Takes.Any(t => t.Offer == h.Offer)));
                if (!isAnswered)
                    return DecideResponse.Unavailable;
                break;
            }

            request = request with { Exhausted = [.. request.Exhausted, .. refused] };
            decided = await GrainOf(slot).DecideAsync(request);
            if (decided.Status == DecideStatus.Behind)
            {
                Release(slot.Customer, id, held.Values);
                return null;
            }
        }

        if (slot.IsErased)
            return DecideResponse.Unavailable;

        // Somebody else's by now, or too late: nobody sees it, so nothing is held for it.
        if (decided.Note.Length == 0 || NowMs > request.LimitMs)
        {
            Release(slot.Customer, id, held.Values.Where(h => decided.Takes.Any(t => t.Offer == h.Offer)));
            return decided;
        }

        _newestDecision = Enqueue([new NewEntry(slot.Customer, id.MessageId, EntryTypes.DecisionMade, request.NowMs, decided.Note)], mayBePutOff: true);
        var journaled = await _newestDecision.Answer;
        return journaled.Status == AppendStatus.Done ? decided : DecideResponse.Unavailable;
    }

    /// <returns>Offers that nothing could be taken of; null when that could not be found out.</returns>
    private async Task<ulong[]?> TakeAsync(string customer, DecisionId id, BudgetTake[] takes, Dictionary<ulong, BudgetTake> held, int attempt)
    {
        if (takes.Length == 0)
            return [];
        var tenant = CustomerKey.TenantOf(customer);
        if (!await TryTakeAsync(tenant, id, takes, held, attempt))
            return null;

        // The first who asks makes the slice ask its budget, which mostly has something.
        var news = Array.FindAll(takes, t => !held.ContainsKey(t.Offer) && !_exhausted.ContainsKey((tenant, t.Offer)));
        if (news.Length > 0)
        {
            await Task.Delay(GrantPatience, time);
            if (!await TryTakeAsync(tenant, id, news, held, attempt + TakesMax + 1))
                return null;
        }

        return Refused(tenant, takes, held);
    }

    private async Task<bool> TryTakeAsync(string tenant, DecisionId id, BudgetTake[] takes, Dictionary<ulong, BudgetTake> held, int attempt)
    {
        var taken = await Enqueue(Array.ConvertAll(takes, take => new NewEntry(
            ReserveKeys.Slice(tenant, _partition, take.Offer), HoldMessage(EntryTypes.BudgetTake, id.ToString(), take.Offer, attempt), EntryTypes.BudgetTake, NowMs,
            ReserveMessages.Take(take.Hold, take.Amount, take.UntilMs))), mayBePutOff: true).Answer;
        foreach (var outcome in taken.Outcomes)
        {
            if (outcome.Code.Length == 0)
                held.Add(takes[outcome.Index].Offer, takes[outcome.Index]);
        }

        return taken.Status == AppendStatus.Done;
    }

    private ulong[] Refused(string tenant, BudgetTake[] takes, Dictionary<ulong, BudgetTake> held)
    {
        var refused = new List<ulong>();
        foreach (var take in takes)
        {
            var offer = take.Offer;
            if (held.ContainsKey(offer))
            {
                _exhausted.Remove((tenant, offer));
                continue;
            }

            refused.Add(offer);
            NoteExhausted(tenant, offer, ExhaustedPauseMinMs);
        }

        return [.. refused];
    }

    private void NoteExhausted(string tenant, ulong offer, int pauseMinMs)
    {
        // Many who asked at once have learned one thing.
        var (untilMs, pauseMs) = _exhausted.GetValueOrDefault((tenant, offer));
        if (untilMs > NowMs)
            return;
        pauseMs = Math.Clamp(2 * pauseMs, pauseMinMs, ExhaustedPauseMaxMs);
        _exhausted[(tenant, offer)] = (NowMs + pauseMs, pauseMs);
    }

    /// <summary>What is not needed after all. Without it the hold would end by itself, later.</summary>
    private void Release(string customer, DecisionId id, IEnumerable<BudgetTake> holds)
    {
        var tenant = CustomerKey.TenantOf(customer);
        var entries = holds.Select(hold => new NewEntry(
            ReserveKeys.Slice(tenant, _partition, hold.Offer), HoldMessage(EntryTypes.BudgetRelease, id.ToString(), hold.Offer, 0), EntryTypes.BudgetRelease, NowMs,
            ReserveMessages.Release(hold.Hold))).ToArray();
        if (entries.Length > 0)
            Enqueue(entries);
    }

    /// <param name="pauseMinMs">For how long an offer is not asked for, at least: the longer, the surer it is that there is nothing.</param>
    private ulong[] ExhaustedOf(string customer, int pauseMinMs = 0)
    {
        if (_exhausted.Count == 0)
            return [];
        var (tenant, now) = (CustomerKey.TenantOf(customer), NowMs);
        return [.. _exhausted.Where(e => e.Key.Tenant == tenant && e.Value.UntilMs > now && e.Value.PauseMs >= pauseMinMs).Select(e => e.Key.Offer)];
    }

    /// <param name="of">What it is held for.</param>
    private static Guid HoldMessage(string type, string of, ulong offer, int attempt)
    {
        Span<byte> scratch = stackalloc byte[256];
        return StableHash.Start(scratch).Add(type).Add(of)
            .Add(string.Create(CultureInfo.InvariantCulture, $"{offer:x16}-{attempt}")).FinishGuid();
    }
}
