using System.Text.Json;

namespace OrleansCrm.Engagement.Program;

/// <summary>What the server may give one agent. An agent who is not named has no skills, works at every desk, and takes what the desk's capacity says.</summary>
/// <param name="Agent">E-mail address, compared without case.</param>
/// <param name="Capacity">In place of the desk's; 0: nothing is given to him in turn. Null, the default: the desk's.</param>
/// <param name="Desks">Where he gets alerts in turn; empty for everywhere.</param>
public sealed record AgentRule(string Agent, IReadOnlyList<string> Skills, int? Capacity, IReadOnlyList<string> Desks)
{
    private const int AgentsMax = 1_000;
    private const int SkillsMax = 20;
    private const int CapacityMax = 1_000;

    internal static AgentRule[] ReadAll(ProgramSection section)
    {
        var agents = new List<AgentRule>();
        foreach (var address in section.Names())
        {
            if (!OwnerRules.IsAddress(address))
                section.Fault(address, "must be an e-mail address");
            else if (agents.Exists(a => string.Equals(a.Agent, address, StringComparison.OrdinalIgnoreCase)))
                section.Fault(address, "is there twice");
            else
                agents.Add(Read(section.Section(address), address));
        }

        if (agents.Count > AgentsMax)
            section.Fault("", FormattableString.Invariant($"must have at most {AgentsMax} agents"));
        return [.. agents.OrderBy(a => a.Agent, StringComparer.Ordinal)];
    }

    internal static void WriteAll(Utf8JsonWriter json, IReadOnlyList<AgentRule> agents)
    {
        json.WriteStartObject("agents");
        foreach (var agent in agents)
        {
            json.WriteStartObject(agent.Agent);
            ProgramWriter.WriteTexts(json, "skills", agent.Skills);
            if (agent.Capacity is { } capacity)
                json.WriteNumber("capacity", capacity);
            ProgramWriter.WriteTexts(json, "desks", agent.Desks);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static AgentRule Read(ProgramSection section, string address)
    {
        var rule = new AgentRule(
            address,
            section.Words("skills", SkillsMax, ProgramReader.IsDesk, "skills, 1 to 64 of a-z, 0-9, hyphen and underscore"),
            section.Has("capacity") ? (int)section.Integer("capacity", 0, 0, CapacityMax) : null,
            section.Words("desks", DeskRules.DesksMax, ProgramReader.IsDesk, "names of desks"));
        section.RefuseOthers();
        return rule;
    }
}
