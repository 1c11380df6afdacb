using OrleansCrm.Contracts;

namespace OrleansCrm.Server.Verification;

/// <summary>What was counted and what differs. Customers are named by a hash: who reads this need not know them.</summary>
internal sealed class Findings(int shown)
{
    public long Customers { get; set; }

    public long Entries { get; set; }

    /// <summary>Customers whose stored snapshot was held against the journal.</summary>
    public long Compared { get; set; }

    /// <summary>Customers with entries that no snapshot covers yet: the next flush writes them.</summary>
    public long NotYetFlushed { get; set; }

    /// <summary>Entries that could not be folded and are skipped, as listed.</summary>
    public long Faulted { get; set; }

    public long OpenAlerts { get; set; }

    /// <summary>Changes of alerts that have not reached their desks yet.</summary>
    public long OnTheirWay { get; set; }

    /// <summary>What could not be compared, and why; not a difference.</summary>
    public List<string> Notes { get; } = [];

    public long Differences { get; private set; }

    public List<string> First { get; } = [];

    public void Differ(int partition, long offset, string customer, string what) =>
        Differ($"partition {partition}, offset {offset}, customer {StableHash.Hash64(customer):x16}: {what}");

    public void Differ(string what)
    {
        if (Differences++ < shown)
            First.Add(what);
    }

    public void Add(Findings part)
    {
        Customers += part.Customers;
        Entries += part.Entries;
        Compared += part.Compared;
        NotYetFlushed += part.NotYetFlushed;
        Faulted += part.Faulted;
        OpenAlerts += part.OpenAlerts;
        OnTheirWay += part.OnTheirWay;
        Notes.AddRange(part.Notes);
        Differences += part.Differences;
        First.AddRange(part.First.Take(shown - First.Count));
    }
}
