using System.Text.Json;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tracking;

/// <summary>Reads the part <c>trackingPlan</c> of a program: <c>{"Order Completed":{"mode":"block","schema":{...}}}</c>.</summary>
internal static class TrackingPlanReader
{
    private const int RulesMax = 500;
    private const int NameLengthMax = 200;

    public static TrackingPlan Read(ProgramSection section, List<ProgramFault> faults)
    {
        var names = section.Names();
        if (names.Length == 0)
            return TrackingPlan.None;
        if (names.Length > RulesMax)
            section.Fault("", FormattableString.Invariant($"must have at most {RulesMax} events"));
        var shapes = new ShapeReader(faults);
        var rules = names.Take(RulesMax).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => ReadRule(name, section, shapes)).ToArray();
        return new TrackingPlan(rules);
    }

    private static TrackingRule ReadRule(string name, ProgramSection plan, ShapeReader shapes)
    {
        if (name.Length is 0 or > NameLengthMax)
            plan.Fault(name, FormattableString.Invariant($"must be a name of 1 to {NameLengthMax} characters"));
        var rule = plan.Section(name);
        var mode = rule.Text("mode", TrackingModes.Text(TrackingMode.Warn), t => TrackingModes.Find(t) != TrackingMode.Unknown, "allow, warn or block");
        var (schema, path) = rule.Raw("schema");
        rule.RefuseOthers();
        if (schema.ValueKind == JsonValueKind.Undefined)
        {
            rule.Fault("schema", "is missing");
            return new TrackingRule(name, TrackingModes.Find(mode), "{}");
        }

        return new TrackingRule(name, TrackingModes.Find(mode), schema.GetRawText()) { Properties = shapes.Read(schema, path) };
    }
}

internal static class TrackingModes
{
    public static TrackingMode Find(string text) => text switch
    {
        "allow" => TrackingMode.Allow,
        "warn" => TrackingMode.Warn,
        "block" => TrackingMode.Block,
        _ => TrackingMode.Unknown,
    };

    public static string Text(TrackingMode mode) => mode switch
    {
        TrackingMode.Allow => "allow",
        TrackingMode.Warn => "warn",
        TrackingMode.Block => "block",
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
