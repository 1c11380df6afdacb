using System.Text.Json;

namespace OrleansCrm.Engagement.Program;

/// <summary>What becomes of an alert that is unfinished when it is due. Whoever has it keeps it.</summary>
public sealed record EscalationRules
{
    /// <summary>Whether it becomes more severe by one step, and so moves up in every list. Default true.</summary>
    public bool RaisesSeverity { get; init; } = true;

    /// <summary>The desk that gets it, 1 to 64 of a-z, 0-9, hyphen and underscore; empty, the default: it stays where it is.</summary>
    public string Desk { get; init; } = "";

    internal static EscalationRules Read(ProgramSection section)
    {
        var standard = new EscalationRules();
        var rules = new EscalationRules
        {
            RaisesSeverity = section.Flag("raisesSeverity", standard.RaisesSeverity),
            Desk = section.Text("desk", standard.Desk, d => d.Length == 0 || ProgramReader.IsDesk(d), "empty, or 1 to 64 of a-z, 0-9, hyphen and underscore"),
        };
        section.RefuseOthers();
        return rules;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("escalation");
        json.WriteBoolean("raisesSeverity", RaisesSeverity);
        json.WriteString("desk", Desk);
        json.WriteEndObject();
    }
}
