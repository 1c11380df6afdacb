using System.Text.Json;

namespace OrleansCrm.Engagement.Program;

/// <summary>Which agent a customer belongs to when nobody has said so by a command: first by a trait, then by the first rule that fits.</summary>
public sealed record OwnerRules
{
    private const int RulesMax = 20;
    private const int AgentsMax = 50;
    private const int AddressMax = 254;

    /// <summary>The trait that names the owner's e-mail address, where a server's key or an import has said so; empty for none. Default <c>owner</c>.</summary>
    public string Trait { get; init; } = "owner";

    /// <summary>At most 20.</summary>
    public IReadOnlyList<OwnerRule> Rules { get; init; } = [];

    internal static bool IsAddress(string text) => text.Length is >= 3 and <= AddressMax && text.Contains('@') && !text.Any(c => c <= ' ' || c == '\x7f');

    /// <param name="segments">Names that a rule may say.</param>
    internal static OwnerRules Read(ProgramSection section, IReadOnlyList<string> segments)
    {
        var standard = new OwnerRules();
        var rules = new OwnerRules
        {
            Trait = section.Text("trait", standard.Trait, t => t.Length <= 128, "a text of at most 128 characters"),
            Rules = [.. (section.List("rules", RulesMax) ?? []).Select(rule => ReadRule(rule, segments))],
        };
        section.RefuseOthers();
        return rules;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("owners");
        json.WriteString("trait", Trait);
        json.WriteStartArray("rules");
        foreach (var rule in Rules)
        {
            json.WriteStartObject();
            json.WriteString("segment", rule.Segment);
            json.WriteStartArray("agents");
            foreach (var agent in rule.Agents)
                json.WriteStringValue(agent);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static OwnerRule ReadRule(ProgramSection section, IReadOnlyList<string> segments)
    {
        var segment = section.Text("segment", "", segments.Contains, "the name of a segment");
        if (segment.Length == 0)
            section.Fault("segment", "must be the name of a segment");
        var agents = (section.List("agents", AgentsMax) ?? []).Select(agent => agent.PlainText ?? "").ToArray();
        if (agents.Length == 0 || !agents.All(IsAddress))
            section.Fault("agents", FormattableString.Invariant($"must be a list of 1 to {AgentsMax} e-mail addresses"));
        section.RefuseOthers();
        return new OwnerRule(segment, agents);
    }
}

/// <summary>Customers of a segment, shared out among agents: each stays with the same one while that agent is in the list.</summary>
public sealed record OwnerRule(string Segment, IReadOnlyList<string> Agents);
