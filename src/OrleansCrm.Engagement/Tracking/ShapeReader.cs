using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tracking;

/// <summary>
/// Compiles a JSON schema, as far as it is understood here: type, enum, minimum, maximum, pattern, properties, required and items. Words
/// that only describe are passed over, all others are faults: a rule that is silently not kept is worse than one that is refused.
/// </summary>
internal sealed class ShapeReader(List<ProgramFault> faults)
{
    private const int DepthMax = 16;
    private const int MembersMax = 200;
    private const int RequiredMax = 64;
    private const int EnumMax = 200;
    private const int PatternLengthMax = 500;
    private const int PatternsMax = 200;

    private static readonly string[] Describing = ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"];

    private int _patterns;

    public Shape Read(JsonElement schema, string path, int depth = 0)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            Fault(path, "must be a JSON schema object");
            return Shape.Anything;
        }

        if (depth > DepthMax)
        {
            Fault(path, FormattableString.Invariant($"is nested more than {DepthMax} deep"));
            return Shape.Anything;
        }

        foreach (var word in schema.EnumerateObject())
        {
            if (word.Name is not ("type" or "enum" or "minimum" or "maximum" or "pattern" or "properties" or "required" or "items")
                && !Describing.Contains(word.Name, StringComparer.Ordinal))
                Fault(path + "." + word.Name, "is unknown; understood are type, enum, minimum, maximum, pattern, properties, required, items");
        }

        var (members, required) = ReadMembers(schema, path, depth);
        return new Shape
        {
            Types = ReadTypes(schema, path),
            Enum = ReadEnum(schema, path),
            Minimum = ReadNumber(schema, "minimum", path) ?? double.NegativeInfinity,
            Maximum = ReadNumber(schema, "maximum", path) ?? double.PositiveInfinity,
            Pattern = ReadPattern(schema, path),
            Members = members,
            Required = required,
            Items = schema.TryGetProperty("items", out var items) ? Read(items, path + ".items", depth + 1) : null,
        };
    }

    private JsonTypes ReadTypes(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("type", out var type))
            return JsonTypes.All;
        JsonElement[] names = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : [type];
        var types = JsonTypes.Unknown;
        if (names.Length == 0)
            Fault(path + ".type", "must name a type");
        foreach (var name in names)
        {
            var known = name.ValueKind == JsonValueKind.String ? Array.Find(JsonTypeWords.All, t => t.Word == name.GetString()).Type : JsonTypes.Unknown;
            if (known == JsonTypes.Unknown)
                Fault(path + ".type", "must be one or several of " + string.Join(", ", JsonTypeWords.All.Select(t => t.Word)));
            types |= known;
        }

        return types;
    }

    private EnumValue[]? ReadEnum(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("enum", out var values))
            return null;
        if (values.ValueKind != JsonValueKind.Array || values.GetArrayLength() is 0 or > EnumMax
            || values.EnumerateArray().Any(v => v.ValueKind is JsonValueKind.Object or JsonValueKind.Array))
        {
            Fault(path + ".enum", FormattableString.Invariant($"must be a list of 1 to {EnumMax} texts, numbers, true, false or null"));
            return null;
        }

        return [.. values.EnumerateArray().Select(ToValue)];
    }

    private static EnumValue ToValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new EnumValue(JsonTypes.String, value.GetString(), 0),
        JsonValueKind.Number => new EnumValue(JsonTypes.Number, null, value.GetDouble()),
        JsonValueKind.Null => new EnumValue(JsonTypes.Null, null, 0),
        var flag => new EnumValue(JsonTypes.Boolean, null, flag == JsonValueKind.True ? 1 : 0),
    };

    private double? ReadNumber(JsonElement schema, string name, string path)
    {
        if (!schema.TryGetProperty(name, out var number))
            return null;
        if (number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out var value) && double.IsFinite(value))
            return value;
        Fault(path + "." + name, "must be a number");
        return null;
    }

    private Regex? ReadPattern(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("pattern", out var pattern))
            return null;
        if (pattern.ValueKind != JsonValueKind.String || pattern.GetString()!.Length > PatternLengthMax)
        {
            Fault(path + ".pattern", FormattableString.Invariant($"must be a text of at most {PatternLengthMax} characters"));
            return null;
        }

        if (++_patterns > PatternsMax)
        {
            Fault(path + ".pattern", FormattableString.Invariant($"is one of more than {PatternsMax} patterns"));
            return null;
        }

        try
        {
            // Matching time grows with the length of the text alone, whatever the pattern.
            return new Regex(pattern.GetString()!, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            Fault(path + ".pattern", "must be a regular expression without lookaround and back references");
            return null;
        }
    }

    private (ShapeMember[] Members, int Required) ReadMembers(JsonElement schema, string path, int depth)
    {
        var required = ReadRequired(schema, path);
        var members = required.ConvertAll(name => new ShapeMember(name, Shape.Anything));
        if (schema.TryGetProperty("properties", out var properties))
        {
            if (properties.ValueKind != JsonValueKind.Object || properties.EnumerateObject().Count() > MembersMax)
            {
                Fault(path + ".properties", FormattableString.Invariant($"must be an object of at most {MembersMax} schemas"));
                return ([], 0);
            }

            foreach (var property in properties.EnumerateObject())
            {
                var member = new ShapeMember(property.Name, Read(property.Value, path + ".properties." + property.Name, depth + 1));
                var at = members.FindIndex(m => m.Name == property.Name);
                if (at < 0)
                    members.Add(member);
                else
                    members[at] = member;
            }
        }

        return ([.. members], required.Count);
    }

    private List<string> ReadRequired(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("required", out var names))
            return [];
        if (names.ValueKind == JsonValueKind.Array && names.GetArrayLength() <= RequiredMax
            && names.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String))
            return [.. names.EnumerateArray().Select(n => n.GetString()!).Distinct(StringComparer.Ordinal)];
        Fault(path + ".required", FormattableString.Invariant($"must be a list of at most {RequiredMax} names"));
        return [];
    }

    private void Fault(string path, string detail) => faults.Add(new ProgramFault(path, detail));
}
