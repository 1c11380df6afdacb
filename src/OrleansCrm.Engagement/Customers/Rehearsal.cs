using System.Text.Json.Nodes;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Plays one customer's history under rules that may be others than those it happened under, and tells what each instant brings about.
/// Nothing leaves it.
/// </summary>
/// <remarks>
/// Instants are met when they come: journaled wakes are passed over, because other rules want others. So entries are numbered anew, and a
/// command of an agent is about whatever alert the customer has open then. What another id of the person brought with it is as it really was.
/// </remarks>
public sealed class Rehearsal
{
    private readonly FoldOutput _output = new();
    private readonly CustomerState _state;
    private ProgramDocument _program;

    public Rehearsal(string key)
        : this(CustomerState.Create(key), ProgramDocument.Default)
    {
    }

    private Rehearsal(CustomerState state, ProgramDocument program) => (_state, _program) = (state, program);

    /// <summary>The newest time of anything that was played; 0 before the first.</summary>
    public long NewestMs => _state.NewestMs;

    /// <summary>Phase in words; empty for somebody who has done nothing, or was linked or erased.</summary>
    public string Phase => Contribution.Search(_state, _program).Phase;

    /// <summary>Names of the segments that the customer belongs to, sorted.</summary>
    public IReadOnlyList<string> Segments => _state.Segments;

    /// <summary>One that stands where an archived history has ended, under the same rules as this one.</summary>
    public Rehearsal BeginAt(ArchivedHistory history) => new(SnapshotCodec.Decode(history.State), _program);

    /// <summary>A second one that stands where this one does.</summary>
    public Rehearsal Fork() => new(SnapshotCodec.Decode(SnapshotCodec.Encode(_state)), _program);

    /// <summary>Puts rules in force. What they change at once is told at <paramref name="timeMs"/>.</summary>
    /// <param name="publication">A <c>program.published</c> entry, or one of the same form.</param>
    public void Publish(Entry publication, ProgramDocument document, long timeMs, Action<long, string> tell)
    {
        _program = document;
        Fold(publication with { Customer = "", Type = EntryTypes.ProgramPublished }, timeMs, tell);
    }

    /// <summary>Plays the customer's next entry, and before it what was due until then.</summary>
    public void Take(Entry entry, Action<long, string> tell)
    {
        if (entry.Type == EntryTypes.Wake)
            return;
        LiveUntil(entry.TimeMs, tell);
        if (!EntryTypes.IsAlertCommand(entry.Type))
            Fold(entry, entry.TimeMs, tell);
        else if (JsonNode.Parse(entry.Payload) is JsonObject command && OpenFor(command) is { } open)
            Fold(entry with { Payload = About(command, open.Id) }, entry.TimeMs, tell);
        LiveUntil(_state.NewestMs, tell);
    }

    /// <summary>Meets every instant that is due until then.</summary>
    public void LiveUntil(long untilMs, Action<long, string> tell)
    {
        for (var steps = 0; _state.NextWakeMs != 0 && _state.NextWakeMs <= untilMs && steps < Bounds.StepsMax; steps++)
        {
            var dueMs = _state.NextWakeMs;
            Fold(new Entry(Math.Max(0, _state.Partition), 0, _state.Key, Guid.Empty, EntryTypes.Wake, dueMs, dueMs, []), dueMs, tell);
            if (_state.NextWakeMs == dueMs)
                return;
        }
    }

    // Which kind it was about is not known any more: an agent deals with the most severe one first.
    private Alert? OpenFor(JsonObject command) => AlertCommands.Find(_state, command["alert"]?.ToString() ?? "") is { IsFinished: false } same
        ? same
        : ChurnAlerts.Unfinished(_state, ChurnAlertRules.Kind) ?? ChurnAlerts.Unfinished(_state).MaxBy(a => a.Rank);

    private static byte[] About(JsonObject command, AlertId alert)
    {
        command["alert"] = alert.ToString();
        return System.Text.Encoding.UTF8.GetBytes(command.ToJsonString());
    }

    private void Fold(Entry entry, long timeMs, Action<long, string> tell)
    {
        _output.Clear();
        CustomerFold.Apply(_state, entry with { Offset = _state.Offset + 1, RecordedMs = timeMs }, _program, _output);
        foreach (var note in _output.Notes)
        {
            // Nobody worked on the alerts of a rehearsal: that they were due says nothing of the rules.
            if (!note.Text.StartsWith(AlertInstants.Escalated, StringComparison.Ordinal))
                tell(timeMs, note.Text);
        }
    }
}
