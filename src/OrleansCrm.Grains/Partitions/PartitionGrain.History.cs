using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private const int StrandPage = 20;

    public Task<TimelineResponse> TimelineAsync(TimelineRequest request) =>
        AnswerAsync(request, ReadTimelineAsync, TimelineResponse.Unavailable);

    public Task<StrandResponse> StrandAsync(StrandRequest request) =>
        AnswerAsync(request, ReadStrandAsync, new StrandResponse(LookupStatus.Unavailable, [], false));

    private async Task<TimelineResponse> ReadTimelineAsync(TimelineRequest request)
    {
        if (IsErased(request.Customer))
            return TimelineResponse.Erased;

        // Uncovered entries first, then strands: what a flush moves from one to the other meanwhile is met twice, never missed.
        var (isKnown, uncovered) = UncoveredOf(request.Customer);
        var offsets = new SortedSet<long>();
        var outcomes = new Dictionary<long, string[]>();
        foreach (var mark in uncovered)
            Take(mark.Offset, mark.Outcomes);
        var limit = Math.Clamp(request.Limit, 1, 500);
        if (request.BeforeOffset < long.MaxValue)
        {
            // The stretch that holds the place asked for ends behind it.
            foreach (var strand in await journal.ReadStrandsFromAsync(_partition, request.Customer, request.BeforeOffset, 1, CancellationToken.None))
            {
                TakeStrand(strand);
                isKnown = true;
            }
        }

        var before = request.BeforeOffset;
        var isThrough = false;
        while (!isThrough && !(offsets.Count > limit && offsets.ElementAt(offsets.Count - limit - 1) > before))
        {
            var strands = await journal.ReadStrandsAsync(_partition, request.Customer, before, StrandPage, CancellationToken.None);
            foreach (var strand in strands)
                TakeStrand(strand);
            isKnown |= strands.Length > 0;
            isThrough = strands.Length < StrandPage;
            if (!isThrough)
                before = strands[^1].Offsets[^1];
        }

        if (!isKnown)
            return TimelineResponse.NotFound;
        long[] page = [.. offsets.Reverse().Take(limit)];
        var entries = await journal.ReadAtAsync(_partition, page, CancellationToken.None);
        var notes = page.SelectMany(o => outcomes.GetValueOrDefault(o) ?? [], (o, text) => new TimelineNote(o, text));
        var archived = Array.FindIndex(entries, e => e?.Type == EntryTypes.HistoryArchived);
        return archived < 0
            ? new TimelineResponse(LookupStatus.Found, [.. entries.OfType<Entry>()], offsets.Count > limit, [.. notes])
            : new TimelineResponse(
                LookupStatus.Found, [.. entries.Take(archived).OfType<Entry>()], false, [.. notes.Where(n => n.Offset > page[archived])], entries[archived]!.RecordedMs);

        void TakeStrand(StrandRow strand)
        {
            var texts = strand.Outcomes.Length == 0 ? null : StrandOutcomes.Decode(_partition, strand);
            for (var i = 0; i < strand.Offsets.Length; i++)
                Take(strand.Offsets[i], texts?[i]);
        }

        void Take(long offset, string[]? texts)
        {
            if (offset >= request.BeforeOffset)
                return;
            offsets.Add(offset);
            if (texts is not null)
                outcomes[offset] = texts;
        }
    }

    private async Task<StrandResponse> ReadStrandAsync(StrandRequest request)
    {
        if (IsErased(request.Customer))
            return new StrandResponse(LookupStatus.Erased, [], false);
        var (isKnown, uncovered) = UncoveredOf(request.Customer);
        var offsets = new List<long>();
        var after = request.AfterOffset;
        while (offsets.Count < Math.Clamp(request.Limit, 1, 10_000))
        {
            var strands = await journal.ReadStrandsFromAsync(_partition, request.Customer, after + 1, StrandPage, CancellationToken.None);
            foreach (var strand in strands)
                offsets.AddRange(strand.Offsets.Where(o => o > request.AfterOffset));
            isKnown |= strands.Length > 0;
            if (strands.Length < StrandPage)
            {
                var stored = offsets.Count > 0 ? offsets[^1] : request.AfterOffset;
                offsets.AddRange(uncovered.Select(m => m.Offset).Where(o => o > stored));
                return new StrandResponse(isKnown ? LookupStatus.Found : LookupStatus.NotFound, [.. offsets], false);
            }

            after = strands[^1].Offsets[^1];
        }

        return new StrandResponse(LookupStatus.Found, [.. offsets], true);
    }

    private (bool IsKnown, EntryMark[] Entries) UncoveredOf(string customer) =>
        _slots.TryGetValue(customer, out var slot) ? (true, [.. _marks.ToArray(slot.BeingCovered), .. _marks.ToArray(slot.Uncovered)]) : (false, []);
}
