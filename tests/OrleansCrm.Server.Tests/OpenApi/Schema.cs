using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansCrm.Server.Tests.OpenApi;

/// <summary>
/// As much of JSON Schema as the OpenAPI document uses. Stricter in one thing: an object that lists its members has no others, unless it says
/// <c>additionalProperties</c>.
/// </summary>
internal static class Schema
{
    public static JsonNode Resolve(JsonObject document, JsonNode node)
    {
        while ((node as JsonObject)?["$ref"] is { } reference)
        {
            node = document;
            foreach (var step in ((string)reference!).TrimStart('#', '/').Split('/'))
                node = node[step] ?? throw new InvalidOperationException($"{reference} leads nowhere.");
        }

        return node;
    }

    /// <returns>The first difference, with where it is; null when there is none.</returns>
    public static string? FaultOf(JsonObject document, JsonNode schema, JsonNode? value, string at)
    {
        var rules = Resolve(document, schema).AsObject();
        if (rules["const"] is { } only && !JsonNode.DeepEquals(only, value))
            return $"{at} is not {only}";
        if (rules["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            return $"{at} is {value}, which is none of its words";
        if (rules["type"] is { } type && !(type is JsonArray types ? types : [type.DeepClone()]).Any(t => IsOf((string)t!, value)))
            return $"{at} is {value?.ToJsonString() ?? "null"}, not of type {type.ToJsonString()}";
        if ((string?)rules["format"] == "date-time" && value is not null && !value.AsValue().TryGetValue<DateTimeOffset>(out _))
            return $"{at} is {value}, which is no date";
        return value switch
        {
            JsonObject members => FaultOf(document, rules, members, at),
            JsonArray items when rules["items"] is { } item =>
                items.Select((element, i) => FaultOf(document, item, element, $"{at}[{i}]")).FirstOrDefault(fault => fault is not null),
            _ => null,
        };
    }

    private static string? FaultOf(JsonObject document, JsonObject rules, JsonObject members, string at)
    {
        foreach (var name in rules["required"]?.AsArray() ?? [])
        {
            if (!members.ContainsKey((string)name!))
                return $"{at} has no {name}";
        }

        var known = rules["properties"]?.AsObject();
        var others = rules["additionalProperties"];
        foreach (var (name, value) in members)
        {
            if ((known?[name] ?? others as JsonObject) is { } schema)
            {
                if (FaultOf(document, schema, value, $"{at}.{name}") is { } fault)
                    return fault;
            }
            else if (known is not null && others is null)
            {
                return $"{at}.{name} is not in the document";
            }
        }

        return null;
    }

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) => true,
        ("object", JsonValueKind.Object) => true,
        ("array", JsonValueKind.Array) => true,
        ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => decimal.TryParse(value!.ToJsonString(), out var number) && decimal.IsInteger(number),
        _ => false,
    };
}
