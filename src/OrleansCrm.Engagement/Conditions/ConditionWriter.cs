using System.Globalization;
using System.Text.Json;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>Writes conditions as <see cref="ConditionReader"/> reads them.</summary>
internal static class ConditionWriter
{
    public static void Write(Utf8JsonWriter json, string name, Condition condition)
    {
        json.WritePropertyName(name);
        Write(json, condition);
    }

    private static void Write(Utf8JsonWriter json, Condition condition)
    {
        json.WriteStartObject();
        switch (condition)
        {
            case AllOf all:
                WriteParts(json, "all", all.Of);
                break;
            case AnyOf any:
                WriteParts(json, "any", any.Of);
                break;
            case Not not:
                Write(json, "not", not.Of);
                break;
            case InSegment segment:
                json.WriteString("segment", segment.Segment);
                break;
            case CountCondition count:
                json.WriteString("count", count.Name);
                json.WriteString("within", Within(count.WithinMs));
                json.WriteNumber(ConditionOperators.Of(count.Comparison), count.Number);
                break;
            case FieldCondition field:
                json.WriteString("field", field.Name);
                json.WritePropertyName(ConditionOperators.Of(field.Comparison));
                WriteOperand(json, field);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, string name, IReadOnlyList<Condition> parts)
    {
        json.WriteStartArray(name);
        foreach (var part in parts)
            Write(json, part);
        json.WriteEndArray();
    }

    private static void WriteOperand(Utf8JsonWriter json, FieldCondition field)
    {
        if (field.Operand.Flag is { } flag)
        {
            json.WriteBooleanValue(flag);
            return;
        }

        var isList = field.Comparison == ConditionOperator.In;
        if (isList)
            json.WriteStartArray();
        foreach (var number in field.Operand.Numbers)
            json.WriteNumberValue(number);
        foreach (var text in field.Operand.Texts)
            json.WriteStringValue(text);
        if (isList)
            json.WriteEndArray();
    }

    private static string Within(long ms) => ms % UtcDay.Ms == 0
        ? Text(ms / UtcDay.Ms, 'd')
        : ms % 3_600_000 == 0 ? Text(ms / 3_600_000, 'h') : Text(ms / 60_000, 'm');

    private static string Text(long count, char unit) => count.ToString(CultureInfo.InvariantCulture) + unit;
}
