using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Archives;

namespace OrleansCrm.Server.WhatIf;

/// <summary>
/// Plays the journal twice, under the programs that were in force and under a candidate, and tells the two apart. Reads only.
/// </summary>
internal sealed class WhatIfRun(IJournal journal, WhatIfRequest request)
{
    private const int EntriesPage = 10_000;
    private const int Shares = 1 << 20;

    private readonly string _prefix = request.Tenant + "/";
    private readonly Entry _candidate = new(
        0, 0, "", Guid.Empty, EntryTypes.ProgramPublished, request.FromMs, request.FromMs, new ProgramPublication(request.Tenant, request.Candidate).ToPayload());

    public WhatIfReport Report { get; } = new();

    /// <exception cref="JournalException">The database cannot be read, or is damaged.</exception>
    /// <exception cref="HistoryArchivedException">The period begins before what the journal still has.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var sums = await journal.ReadSumsAsync(request.Tenant, cancellation);
        var customers = sums.FirstOrDefault(s => s.Key == "customers").Value * request.Share / journal.Identity.Partitions;
        var passes = 1 + (int)(customers / WhatIfRequest.CustomersAtOnceMax);
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            for (var pass = 0; pass < passes; pass++)
                await PlayAsync(partition, pass, passes, cancellation);
        }
    }

    private async Task PlayAsync(int partition, int pass, int passes, CancellationToken cancellation)
    {
        var all = await journal.ReadWideAsync(partition, cancellation);
        if (CompactionNote.ReachesBackTo(all) is { } reach && request.FromMs < reach)
            throw new HistoryArchivedException(reach);
        var wide = Array.FindAll(all, IsOwnProgram);
        var faults = (await journal.ReadFaultsAsync(partition, cancellation)).Select(f => (f.Offset, f.Customer)).ToHashSet();
        var subjects = new Dictionary<string, WhatIfSubject>(StringComparer.Ordinal);
        long head = 0;
        while (await journal.ReadAsync(partition, head, EntriesPage, cancellation) is { Length: > 0 } entries)
        {
            head = entries[^1].Offset + 1;
            foreach (var entry in entries)
            {
                if (!IsChosen(entry.Customer, pass, passes) || faults.Contains((entry.Offset, entry.Customer)))
                    continue;
                if (!subjects.TryGetValue(entry.Customer, out var subject))
                    subjects.Add(entry.Customer, subject = new WhatIfSubject(entry.Customer, wide, _candidate, request));
                subject.Take(entry);
                Report.Entries++;
            }
        }

        foreach (var subject in subjects.Values)
        {
            subject.Finish();
            Report.Add(subject);
        }
    }

    private bool IsOwnProgram(Entry entry) =>
        entry.Type == EntryTypes.ProgramPublished && ProgramPublication.TenantOf(entry.Payload) == request.Tenant;

    private bool IsChosen(string customer, int pass, int passes)
    {
        if (!customer.StartsWith(_prefix, StringComparison.Ordinal) || Tombstone.IsKey(customer))
            return false;
        var hash = StableHash.Hash64(customer);
        return hash % Shares < request.Share * Shares && hash / Shares % (ulong)passes == (ulong)pass;
    }
}
