using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Server.Verification;

/// <summary>One customer as the journal tells it, folded from the first entry.</summary>
internal sealed class FoldedCustomer(string key)
{
    public string Key => key;

    public CustomerState State { get; set; } = CustomerState.Create(key);

    public ProgramDocument Program { get; set; } = ProgramDocument.Default;

    /// <summary>The next of the partition-wide entries that it has not folded.</summary>
    public int NextWide { get; set; }

    public long LastOwn { get; set; } = -1;

    public EntryChain Entries;

    /// <summary>Where the state stands that its archived entries led to; -1 when it has none.</summary>
    public long ArchivedUntil { get; init; } = -1;

    /// <summary>The stored snapshot, until it has been compared.</summary>
    public StoredRow? Stored { get; set; }

    /// <summary>The newest entry that the stored snapshot covers; -1 when there was none.</summary>
    public long Covered { get; init; } = -1;

    /// <summary>What the strands say of the entries that the snapshot covers.</summary>
    public EntryChain Strands;

    /// <summary>The newest offset that a strand names.</summary>
    public long StrandEnd { get; set; } = -1;

    /// <summary>An entry threw that is not listed as at fault; the state is worthless.</summary>
    public bool IsBroken { get; set; }
}

/// <summary>The partition-wide entries of one partition that customers fold, with the programs they publish.</summary>
internal sealed class WideList
{
    private readonly Dictionary<long, ProgramPublication> _publications = [];

    /// <exception cref="InvalidDataException">Part of the journal was folded by other rules than this build has.</exception>
    public WideList(IEnumerable<Entry> wide)
    {
        Entries = [.. wide.Where(e => EntryTypes.IsFoldedByAll(e.Type))];
        foreach (var entry in Entries.Where(e => e.Type == EntryTypes.FoldRaised))
            RequireOwnFold(entry);
        foreach (var entry in Entries.Where(e => e.Type == EntryTypes.ProgramPublished))
            _publications.Add(entry.Offset, ProgramPublication.Parse(entry.Payload));
    }

    public Entry[] Entries { get; }

    public IEnumerable<ProgramPublication> Publications => _publications.Values;

    public ProgramPublication? PublicationAt(long offset) => _publications.GetValueOrDefault(offset);

    private static void RequireOwnFold(Entry raised)
    {
        using var payload = JsonDocument.Parse(raised.Payload);
        var version = payload.RootElement.GetProperty("version").GetInt32();
        if (version != CustomerFold.Version)
            throw new InvalidDataException($"the journal was folded by rules of version {version}, this build has version {CustomerFold.Version}");
    }
}
