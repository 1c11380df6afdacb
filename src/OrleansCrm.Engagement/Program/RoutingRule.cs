using System.Text.Json;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>
/// Which desk gets an alert, in place of its policy's: the first rule that fits when it is raised. Where it has gone it stays, whatever changes.
/// </summary>
/// <param name="Kinds">Empty for every kind.</param>
/// <param name="Severities">Words; empty for every severity.</param>
/// <param name="ValueMicros">Revenue expected over twelve months from which it fits, in millionths.</param>
/// <param name="When">What has to hold for the customer: tier, segment, a trait such as the language; null for nothing.</param>
public sealed record RoutingRule(
    string Desk, IReadOnlyList<string> Kinds, IReadOnlyList<string> Severities, long ValueMicros, Condition? When)
{
    private const int RulesMax = 50;
    private const int KindsMax = 30;

    internal bool Fits(string kind, AlertCase alert, CustomerState state, ProgramDocument program) =>
        (Kinds.Count == 0 || Kinds.Contains(kind))
        && (Severities.Count == 0 || Severities.Contains(AlertWords.Of(alert.Severity)))
        && alert.ValueMicros >= ValueMicros
        && (When is null || When.Holds(state, program, state.NewestMs));

    internal static RoutingRule[] ReadAll(ProgramSection alerts, ConditionReader conditions) =>
        [.. (alerts.List("routing", RulesMax) ?? []).Select(rule => Read(rule, conditions))];

    internal static void WriteAll(Utf8JsonWriter json, IReadOnlyList<RoutingRule> rules)
    {
        json.WriteStartArray("routing");
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            json.WriteString("desk", rule.Desk);
            ProgramWriter.WriteTexts(json, "kinds", rule.Kinds);
            ProgramWriter.WriteTexts(json, "severities", rule.Severities);
            json.WritePropertyName("valueFrom");
            Rendering.WriteAmount(json, rule.ValueMicros);
            if (rule.When is { } when)
                ConditionWriter.Write(json, "when", when);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static RoutingRule Read(ProgramSection section, ConditionReader conditions)
    {
        var desk = section.Text("desk", "", ProgramReader.IsDesk, "1 to 64 of a-z, 0-9, hyphen and underscore");
        if (!section.Has("desk"))
            section.Fault("desk", "must be the name of a desk");
        var rule = new RoutingRule(
            desk,
            section.Words("kinds", KindsMax, ProgramReader.IsDesk, "kinds of alerts"),
            section.Words("severities", AlertWords.Severities.Length, AlertWords.Severities.Contains, "low, medium, high or critical"),
            section.Micros("valueFrom", 0, 0m, 1e9m),
            section.Has("when") ? conditions.Read(section, "when") : null);
        section.RefuseOthers();
        return rule;
    }
}
