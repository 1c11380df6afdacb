using System.Globalization;
using System.Text.Json;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>
/// Reads conditions of a program document and names every fault by its path. What is at fault reads as a condition that never holds; the
/// document is refused anyway.
/// </summary>
/// <param name="segments">Names of the document's segments.</param>
/// <param name="tiers">Names of the document's tiers.</param>
internal sealed class ConditionReader(IReadOnlyCollection<string> segments, IReadOnlyCollection<string> tiers)
{
    private const int DepthMax = 8;
    private const int PartsMax = 50;
    private const int ChoicesMax = 100;
    private const int TextMax = 200;
    private const int NameMax = 200;
    private const int NumberMax = 100;
    private const long WithinMax = 1_095 * UtcDay.Ms;

    /// <summary>The condition of that name in a section; a fault where it is missing.</summary>
    /// <param name="mayAskAlerts">Not where alerts are settled later than what the condition is for.</param>
    /// <param name="mayAskOwner">Not where owners follow from what the condition is for.</param>
    public Condition Read(ProgramSection section, string name, bool mayAskAlerts = true, bool mayAskOwner = true)
    {
        var condition = Read(section.Section(name), 1);
        if (!mayAskAlerts && condition.Parts.Any(part => part is FieldCondition { Field: CustomerField.OpenAlerts }))
            section.Fault(name, "must not ask for openAlerts, which are settled later");
        if (!mayAskOwner && condition.Parts.Any(part => part is FieldCondition { Field: CustomerField.Owner }))
            section.Fault(name, "must not ask for owner, which follows from segments");
        return condition;
    }

    private Condition Read(ProgramSection section, int depth)
    {
        var condition = ReadKind(section, depth);
        section.RefuseOthers();
        return condition;
    }

    private Condition ReadKind(ProgramSection section, int depth)
    {
        if (depth > DepthMax)
            section.Fault("", Say($"must not be nested more than {DepthMax} deep"));
        else if (section.Has("all"))
            return new AllOf(ReadParts(section, "all", depth));
        else if (section.Has("any"))
            return new AnyOf(ReadParts(section, "any", depth));
        else if (section.Has("not"))
            return new Not(Read(section.Section("not"), depth + 1));
        else if (section.Has("segment"))
            return ReadSegment(section);
        else if (section.Has("count"))
            return ReadCount(section);
        else if (section.Has("field"))
            return ReadField(section);
        else
            section.Fault("", "must have one of all, any, not, field, count and segment");
        section.Names();
        return new AnyOf([]);
    }

    private Condition[] ReadParts(ProgramSection section, string name, int depth)
    {
        var parts = section.List(name, PartsMax);
        if (parts is { Length: 0 })
            section.Fault(name, Say($"must be a list of 1 to {PartsMax}"));
        return [.. (parts ?? []).Select(part => Read(part, depth + 1))];
    }

    private InSegment ReadSegment(ProgramSection section) =>
        new(section.Text("segment", "", segments.Contains, "the name of a segment"));

    private static CountCondition ReadCount(ProgramSection section)
    {
        var name = section.Text("count", "", text => text.Length is > 0 and <= NameMax, Say($"orders, reviews, refunds, cancellations, tickets, or an event's name of 1 to {NameMax} characters"));
        var within = section.Text("within", "", text => TryParse(text, out _), "a number with m, h or d, like 30d, from 1m to 1095d");
        if (within.Length == 0 && !section.Has("within"))
            section.Fault("within", "must be a number with m, h or d, like 30d, from 1m to 1095d");
        TryParse(within, out var withinMs);
        var (comparison, number) = (ConditionOperator.AtLeast, 1L);
        if (ReadOperator(section, ["is", "atLeast", "atMost", "above", "below"]) is { } given)
        {
            comparison = given;
            var isLow = given is ConditionOperator.AtLeast or ConditionOperator.Below;
            number = section.Integer(ConditionOperators.Of(given), 1, isLow ? 1 : 0, NumberMax);
        }

        return new CountCondition(name, withinMs, comparison, (int)number);
    }

    private Condition ReadField(ProgramSection section)
    {
        var name = section.Text("field", "", text => CustomerFields.Find(text) is not null, "one of " + string.Join(", ", CustomerFields.Words) + ", traits.NAME, consent.PURPOSE.CHANNEL, acquisition.first.PART and acquisition.last.PART");
        if (name.Length == 0 || CustomerFields.Find(name) is not { } field)
        {
            section.Names();
            return new AnyOf([]);
        }

        var kind = CustomerFields.KindOf(field);
        string[] allowed = kind switch
        {
            FieldKind.Number => ["is", "isNot", "in", "atLeast", "atMost", "above", "below", "exists"],
            FieldKind.Text => ["is", "isNot", "in", "exists"],
            FieldKind.Flag => ["is", "isNot"],
            _ => ConditionOperators.Words,
        };
        if (ReadOperator(section, allowed) is not { } comparison)
            return new AnyOf([]);
        return new FieldCondition(name, field, comparison, ReadOperand(section, field, comparison, kind));
    }

    /// <summary>The one comparison that stands there.</summary>
    private static ConditionOperator? ReadOperator(ProgramSection section, string[] allowed)
    {
        var given = ConditionOperators.Words.Where(section.Has).ToArray();
        if (given.Length == 1 && allowed.Contains(given[0], StringComparer.Ordinal))
            return (ConditionOperator)Array.IndexOf(ConditionOperators.Words, given[0]);
        section.Fault("", "must have one of " + string.Join(", ", allowed));
        return null;
    }

    private ConditionOperand ReadOperand(ProgramSection section, CustomerField field, ConditionOperator comparison, FieldKind kind)
    {
        var word = ConditionOperators.Of(comparison);
        if (comparison == ConditionOperator.Exists)
            return new([], [], section.Flag(word, true));
        var json = section.Raw(word).Json;
        if (comparison is ConditionOperator.AtLeast or ConditionOperator.AtMost or ConditionOperator.Above or ConditionOperator.Below)
            kind = FieldKind.Number;
        var isList = comparison == ConditionOperator.In;
        var values = !isList ? [json] : json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().Take(ChoicesMax + 1).ToArray() : [];
        if (isList && values.Length is 0 or > ChoicesMax)
        {
            section.Fault(word, Say($"must be a list of 1 to {ChoicesMax}"));
            return new([], [], null);
        }

        List<double> numbers = [];
        List<string> texts = [];
        bool? flag = null;
        foreach (var value in values)
        {
            if (value.ValueKind == JsonValueKind.Number && kind is FieldKind.Number or FieldKind.Any && value.TryGetDouble(out var number) && double.IsFinite(number))
                numbers.Add(number);
            else if (value.ValueKind == JsonValueKind.String && kind is FieldKind.Text or FieldKind.Any && IsText(field, value.GetString()!))
                texts.Add(value.GetString()!);
            else if (value.ValueKind is JsonValueKind.True or JsonValueKind.False && kind is FieldKind.Flag or FieldKind.Any && !isList)
                flag = value.ValueKind == JsonValueKind.True;
            else
                section.Fault(word, "must be " + Expected(field, kind) + (isList ? ", each" : ""));
        }

        return new([.. numbers], [.. texts], flag);
    }

    private bool IsText(CustomerField field, string text) => field switch
    {
        CustomerField.Phase => Phases.Contains(text, StringComparer.Ordinal),
        CustomerField.Tier => tiers.Contains(text),
        _ => text.Length <= TextMax,
    };

    private string Expected(CustomerField field, FieldKind kind) => (field, kind) switch
    {
        (CustomerField.Phase, _) => "one of " + string.Join(", ", Phases),
        (CustomerField.Tier, _) => tiers.Count == 0 ? "a tier, of which the program has none" : "one of the tiers " + string.Join(", ", tiers),
        (_, FieldKind.Number) => "a number",
        (_, FieldKind.Flag) => "true or false",
        (CustomerField.Acquisition, _) => Say($"a text of at most {TextMax} characters"),
        _ => Say($"a number, true or false, or a text of at most {TextMax} characters"),
    };

    private static string[] Phases { get; } = [.. Enum.GetValues<Phase>().Where(phase => phase != Phase.None).Select(PhaseWords.Of)];

    /// <summary>A number of minutes, hours or days.</summary>
    private static bool TryParse(string text, out long ms)
    {
        ms = 0;
        if (text.Length is < 2 or > 8 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        ms = count * (text[^1] switch { 'm' => 60_000, 'h' => 3_600_000, 'd' => UtcDay.Ms, _ => 0 });
        return ms is > 0 and <= WithinMax;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
