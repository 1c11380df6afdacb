using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Collects what entries bring about outside of the state; to be cleared and used again.</summary>
public sealed class FoldOutput
{
    /// <summary>Changes of alerts and entries for other customers, numbered within their entry from 0.</summary>
    public List<Outgoing> Outgoing { get; } = [];

    /// <summary>The answer, if the entry was a command; its index is 0, the caller knows the entry's place in a request.</summary>
    public CommandOutcome? Command { get; set; }

    /// <summary>Whether another offer stands than before, or none any more.</summary>
    public bool OfferChanged { get; set; }

    /// <summary>What happened, in the words of the timeline.</summary>
    public List<TimelineNote> Notes { get; } = [];

    /// <summary>Lines of the points ledger, of every entry since it was asked for; null while nobody has.</summary>
    internal List<LedgerLine>? Lines { get; set; }

    public void Clear()
    {
        Outgoing.Clear();
        Command = null;
        OfferChanged = false;
        Notes.Clear();
    }
}
