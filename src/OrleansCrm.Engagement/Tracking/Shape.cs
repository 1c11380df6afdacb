using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansCrm.Contracts;

namespace OrleansCrm.Engagement.Tracking;

/// <summary>
/// One place of a compiled JSON schema. It reads a value once, from front to back, and stops at the first place that does not fit; what no
/// keyword speaks of is skipped.
/// </summary>
internal sealed class Shape
{
    public static Shape Anything { get; } = new();

    public JsonTypes Types { get; init; } = JsonTypes.All;

    /// <summary>Null: any value.</summary>
    public EnumValue[]? Enum { get; init; }

    public double Minimum { get; init; } = double.NegativeInfinity;

    public double Maximum { get; init; } = double.PositiveInfinity;

    private bool HasBounds => !double.IsNegativeInfinity(Minimum) || !double.IsPositiveInfinity(Maximum);

    public Regex? Pattern { get; init; }

    public ShapeMember[] Members { get; init; } = [];

    /// <summary>How many of the members are required: the first ones.</summary>
    public int Required { get; init; }

    public Shape? Items { get; init; }

    /// <summary>Reads the value whose first token the reader stands on, and leaves it on the last when the value fits.</summary>
    public TrackingViolation? Check(ref Utf8JsonReader reader)
    {
        if (Types != JsonTypes.All && (Types & TypeOf(ref reader)) == 0)
            return new TrackingViolation("", "must be " + Words(Types));
        if (Enum is not null && !Array.Exists(Enum, ValueOf(ref reader).Equals))
            return new TrackingViolation("", "must be one of " + string.Join(", ", Enum.Take(20)));
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => CheckMembers(ref reader),
            JsonTokenType.StartArray => CheckItems(ref reader),
            JsonTokenType.Number when HasBounds => CheckNumber(NumberOf(ref reader)),
            JsonTokenType.String when Pattern is not null => CheckText(ref reader),
            _ => null,
        };
    }

    private TrackingViolation? CheckMembers(ref Utf8JsonReader reader)
    {
        ulong seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = Find(ref reader);
            reader.Read();
            if (at < 0)
            {
                reader.Skip();
                continue;
            }

            if (at < Required)
                seen |= 1UL << at;
            if (Members[at].Shape.Check(ref reader) is { } violation)
                return violation.Within(Members[at].Name);
        }

        for (var i = 0; i < Required; i++)
        {
            if ((seen & (1UL << i)) == 0)
                return new TrackingViolation(Members[i].Name, "is required");
        }

        return null;
    }

    private TrackingViolation? CheckItems(ref Utf8JsonReader reader)
    {
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (Items is null)
                reader.Skip();
            else if (Items.Check(ref reader) is { } violation)
                return violation.Within(string.Create(CultureInfo.InvariantCulture, $"[{i}]"));
        }

        return null;
    }

    private TrackingViolation? CheckNumber(double number) =>
        number < Minimum ? new TrackingViolation("", string.Create(CultureInfo.InvariantCulture, $"must be at least {Minimum}"))
        : number > Maximum ? new TrackingViolation("", string.Create(CultureInfo.InvariantCulture, $"must be at most {Maximum}"))
        : null;

    private TrackingViolation? CheckText(ref Utf8JsonReader reader) =>
        TextOf(ref reader) is { } text && Pattern!.IsMatch(text) ? null : new TrackingViolation("", $"must match {Pattern}");

    private int Find(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Members.Length; i++)
        {
            if (reader.NameIs(Members[i].Utf8))
                return i;
        }

        return -1;
    }

    private JsonTypes TypeOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => JsonTypes.Object,
        JsonTokenType.StartArray => JsonTypes.Array,
        JsonTokenType.String => JsonTypes.String,
        JsonTokenType.Number when (Types & JsonTypes.Number) == JsonTypes.Number => JsonTypes.Number,
        JsonTokenType.Number => IsWhole(NumberOf(ref reader)) ? JsonTypes.Integer : JsonTypes.Fraction,
        JsonTokenType.Null => JsonTypes.Null,
        _ => JsonTypes.Boolean,
    };

    private static double NumberOf(ref Utf8JsonReader reader) => reader.TryGetDouble(out var number) ? number : double.NaN;

    // As in the JSON schema specification: 1.0 is an integer.
    private static bool IsWhole(double number) => double.IsFinite(number) && double.Truncate(number) == number;

    private static EnumValue ValueOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => new EnumValue(JsonTypes.String, TextOf(ref reader), 0),
        JsonTokenType.Number => new EnumValue(JsonTypes.Number, null, NumberOf(ref reader)),
        JsonTokenType.True => new EnumValue(JsonTypes.Boolean, null, 1),
        JsonTokenType.False => new EnumValue(JsonTypes.Boolean, null, 0),
        JsonTokenType.Null => new EnumValue(JsonTypes.Null, null, 0),
        _ => default,
    };

    // Half of a surrogate pair is JSON by its grammar, but no text.
    private static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Words(JsonTypes types)
    {
        var words = new List<string>();
        foreach (var (type, word) in JsonTypeWords.All)
        {
            if ((types & type) == type && !(type == JsonTypes.Integer && (types & JsonTypes.Number) == JsonTypes.Number))
                words.Add(word);
        }

        return string.Join(" or ", words);
    }
}

internal sealed record ShapeMember(string Name, Shape Shape)
{
    public byte[] Utf8 { get; } = System.Text.Encoding.UTF8.GetBytes(Name);
}

/// <summary>A scalar that a value can be equal to.</summary>
internal readonly record struct EnumValue(JsonTypes Type, string? Text, double Number)
{
    public override string ToString() => Type switch
    {
        JsonTypes.String => $"\"{Text}\"",
        JsonTypes.Boolean => Number == 1 ? "true" : "false",
        JsonTypes.Null => "null",
        _ => Number.ToString(CultureInfo.InvariantCulture),
    };
}

[Flags]
internal enum JsonTypes
{
    Unknown = 0,
    Object = 1,
    Array = 2,
    String = 4,
    Integer = 8,
    Fraction = 16,
    Number = Integer | Fraction,
    Boolean = 32,
    Null = 64,
    All = 127,
}

internal static class JsonTypeWords
{
    public static readonly (JsonTypes Type, string Word)[] All =
    [
        (JsonTypes.Object, "object"),
        (JsonTypes.Array, "array"),
        (JsonTypes.String, "string"),
        (JsonTypes.Number, "number"),
        (JsonTypes.Integer, "integer"),
        (JsonTypes.Boolean, "boolean"),
        (JsonTypes.Null, "null"),
    ];
}
