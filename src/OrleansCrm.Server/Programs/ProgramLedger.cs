using Orleans;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Programs;

/// <summary>
/// Publishes programs. One partition's journal numbers the versions: what stands there first under a number is that version, whoever else
/// tried, and is then journaled in all others. A partition takes no version that is not newer than its own, so everybody may repeat this at
/// any time, and all partitions end with the same sequence. Throws what grain calls and journals throw.
/// </summary>
internal sealed class ProgramLedger(IGrainFactory grains, IJournal journal, TimeProvider time)
{
    private const int Decider = 0;

    private readonly int _partitions = journal.Identity.Partitions;

    /// <summary>What the journal says is in force, also where no engine runs.</summary>
    public static async Task<PublishedProgram> CurrentOfAsync(IJournal journal, string tenant, CancellationToken cancellation) =>
        (await ReadAsync(journal, Decider, cancellation)).LastOrDefault(p => p.Tenant == tenant) ?? PublishedProgram.DefaultOf(tenant);

    /// <summary>All publications of all tenants, oldest first.</summary>
    public Task<PublishedProgram[]> ReadAllAsync(CancellationToken cancellation) => ReadAsync(Decider, cancellation);

    /// <summary>Publishes the document under the next version, unless it says what is in force already.</summary>
    /// <param name="expected">The version that it is to replace; null for whatever is in force.</param>
    /// <returns>What was published, else what is in force; and whether it was published.</returns>
    public async Task<(PublishedProgram Program, bool IsTaken)> PublishAsync(string tenant, ProgramDocument document, int? expected)
    {
        var current = await CurrentAsync(tenant);
        if (expected is { } version && version != current.Version)
            return (current, false);
        if (current.Document.ToJson().AsSpan().SequenceEqual((document with { Version = current.Version }).ToJson()))
        {
            await SpreadAsync(tenant);
            return (current, true);
        }

        var next = document with { Version = current.Version + 1 };
        var payload = new ProgramPublication(tenant, next).ToPayload();
        await AppendAsync(Decider, tenant, next.Version, payload);
        await SpreadAsync(tenant);
        var published = (await ReadAllAsync(CancellationToken.None)).Where(p => p.Tenant == tenant).ToArray();
        var own = Array.Find(published, p => p.Version == next.Version && p.Payload.AsSpan().SequenceEqual(payload));
        return (own ?? published.LastOrDefault() ?? current, own is not null);
    }

    /// <summary>Journals in every partition what it has missed.</summary>
    /// <param name="tenant">Null: of all tenants.</param>
    public async Task SpreadAsync(string? tenant = null)
    {
        var all = (await ReadAllAsync(CancellationToken.None)).Where(p => tenant is null || p.Tenant == tenant).ToArray();
        if (all.Length > 0)
            await Task.WhenAll(Enumerable.Range(0, _partitions).Where(p => p != Decider).Select(p => CatchUpAsync(p, all)));
    }

    private async Task CatchUpAsync(int partition, PublishedProgram[] all)
    {
        var known = (await ReadAsync(partition, CancellationToken.None)).GroupBy(p => p.Tenant).ToDictionary(g => g.Key, g => g.Max(p => p.Version));
        foreach (var missing in all.Where(p => p.Version > known.GetValueOrDefault(p.Tenant)))
            await AppendAsync(partition, missing.Tenant, missing.Version, missing.Payload);
    }

    private Task<PublishedProgram> CurrentAsync(string tenant) => CurrentOfAsync(journal, tenant, CancellationToken.None);

    private Task<PublishedProgram[]> ReadAsync(int partition, CancellationToken cancellation) => ReadAsync(journal, partition, cancellation);

    private static async Task<PublishedProgram[]> ReadAsync(IJournal journal, int partition, CancellationToken cancellation) =>
    [
        .. (await journal.ReadWideAsync(partition, cancellation)).Where(e => e.Type == EntryTypes.ProgramPublished).Select(PublishedProgram.Of),
    ];

    private async Task AppendAsync(int partition, string tenant, int version, byte[] payload)
    {
        var id = StableHash.Start(new byte[256]).Add("program").Add(tenant).Add(version.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .AddUtf8(payload).FinishGuid();
        var entry = new NewEntry("", id, EntryTypes.ProgramPublished, time.GetUtcNow().ToUnixTimeMilliseconds(), payload);
        var response = await grains.GetGrain<IPartitionGrain>(partition).AppendAsync(new AppendRequest([entry]));
        if (response.Status != AppendStatus.Done)
            throw new TimeoutException($"Partition {partition} did not take it: {response.Status}.");
    }
}

/// <param name="PublishedMs">When it was journaled first, Unix milliseconds; 0 for the default that nobody published.</param>
/// <param name="Payload">Of the journal entry.</param>
internal sealed record PublishedProgram(string Tenant, ProgramDocument Document, long PublishedMs, byte[] Payload)
{
    public int Version => Document.Version;

    public static PublishedProgram DefaultOf(string tenant) => new(tenant, ProgramDocument.Default, 0, []);

    public static PublishedProgram Of(Entry entry)
    {
        var (tenant, document) = ProgramPublication.Parse(entry.Payload);
        return new PublishedProgram(tenant, document, entry.RecordedMs, entry.Payload);
    }
}
