using System.Text.Json;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>
/// What an agent has to know who is given an alert in turn: the skills of all rules that fit when it is raised. They stay, whatever changes.
/// </summary>
/// <param name="Kinds">Empty for every kind.</param>
/// <param name="When">What has to hold for the customer: a trait such as the language, a segment; null for nothing.</param>
public sealed record SkillRule(string Skill, IReadOnlyList<string> Kinds, Condition? When)
{
    private const int RulesMax = 50;
    private const int KindsMax = 30;

    /// <summary>Sorted, each once.</summary>
    internal static string[] Of(IReadOnlyList<SkillRule> rules, string kind, CustomerState state, ProgramDocument program)
    {
        if (rules.Count == 0)
            return [];
        var skills = new List<string>();
        foreach (var rule in rules)
        {
            if (!skills.Contains(rule.Skill) && rule.Fits(kind, state, program))
                skills.Add(rule.Skill);
        }

        skills.Sort(StringComparer.Ordinal);
        return [.. skills];
    }

    internal static SkillRule[] ReadAll(ProgramSection alerts, ConditionReader conditions) =>
        [.. (alerts.List("skills", RulesMax) ?? []).Select(rule => Read(rule, conditions))];

    internal static void WriteAll(Utf8JsonWriter json, IReadOnlyList<SkillRule> rules)
    {
        json.WriteStartArray("skills");
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            json.WriteString("skill", rule.Skill);
            ProgramWriter.WriteTexts(json, "kinds", rule.Kinds);
            if (rule.When is { } when)
                ConditionWriter.Write(json, "when", when);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private bool Fits(string kind, CustomerState state, ProgramDocument program) =>
        (Kinds.Count == 0 || Kinds.Contains(kind)) && When?.Holds(state, program, state.NewestMs) != false;

    private static SkillRule Read(ProgramSection section, ConditionReader conditions)
    {
        var skill = section.Text("skill", "", ProgramReader.IsDesk, "1 to 64 of a-z, 0-9, hyphen and underscore");
        if (!section.Has("skill"))
            section.Fault("skill", "must be the name of a skill");
        var rule = new SkillRule(
            skill,
            section.Words("kinds", KindsMax, ProgramReader.IsDesk, "kinds of alerts"),
            section.Has("when") ? conditions.Read(section, "when") : null);
        section.RefuseOthers();
        return rule;
    }
}
