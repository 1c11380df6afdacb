using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>One entry on its way through the fold: the rules in force and where outcomes go.</summary>
internal ref struct FoldStep(Entry entry, ProgramDocument program, FoldOutput output)
{
    private int _outgoing;
    private int _raised;

    public Entry Entry = entry;
    public readonly ProgramDocument Program = program;

    /// <summary>Facts changed that phase, churn or alerts follow from.</summary>
    public bool FactsChanged;

    /// <summary>Another answer to whether the customer may be addressed: what alerts suggest may be others now.</summary>
    public bool ConsentChanged;

    /// <summary>Alerts that were taken over with another id of the person: who has one and since when stays if it rises again here.</summary>
    public List<Alert>? Moved;

    /// <summary>What the next thing that leaves the customer will be numbered within the entry.</summary>
    public readonly int NextIndex => _outgoing;

    public readonly void Note(string text) => output.Notes.Add(new TimelineNote(Entry.Offset, text));

    /// <summary>Another offer stands, or none any more.</summary>
    public readonly void OfferChanged() => output.OfferChanged = true;

    public readonly void Answer(string code, string detail, byte[] body) => output.Command = new(0, code, detail, body);

    public readonly void Post(CustomerState state, in LedgerLine line)
    {
        (state.Ledger ??= new PointsLedger()).Post(line);
        output.Lines?.Add(line);
    }

    public AlertId NextAlertId() => new(Entry.Partition, Entry.Offset, _raised++);

    public void Send(CustomerState state, Alert alert)
    {
        alert.Revision++;
        Send(state, alert, AlertRenderer.Render(state, Program, alert));
    }

    /// <summary>Takes the alert off the desks without a word about whom it concerned.</summary>
    public void SendErased(CustomerState state, Alert alert) =>
        Send(state, alert, AlertRenderer.Erase(AlertRenderer.Render(state, Program, alert)));

    /// <summary>Takes the alert off its desk; whoever follows that desk sees that it stands at another one now.</summary>
    public void Move(CustomerState state, Alert alert, string desk)
    {
        if (alert.Desk == desk)
            return;
        var left = alert.Desk;
        alert.Desk = desk;
        alert.Revision++;
        Send(state, alert, AlertRenderer.Render(state, Program, alert), left, isGone: true);
    }

    private void Send(CustomerState state, Alert alert, byte[] rendered) => Send(state, alert, rendered, alert.Desk, alert.IsFinished);

    private void Send(CustomerState state, Alert alert, byte[] rendered, string desk, bool isGone) =>
        output.Outgoing.Add(new Outgoing(
            Entry.Offset, _outgoing++, string.Concat(state.Tenant, "/", desk), alert.Id.ToString(), isGone, alert.Rank, rendered, Trace: Entry.Trace));

    /// <summary>Sends an entry to another customer, with the time of this one.</summary>
    public void Send(string customer, string type, byte[] payload) =>
        output.Outgoing.Add(Outgoing.ToCustomer(Entry.Offset, _outgoing++, new OutgoingEntry(customer, type, Entry.TimeMs, payload)) with { Trace = Entry.Trace });
}
