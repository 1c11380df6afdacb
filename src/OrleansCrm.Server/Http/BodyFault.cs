using System.Reflection;
using System.Text.Json;

namespace OrleansCrm.Server.Http;

/// <summary>Why a small body could not be read, in the words of who sent it: the serializer's own name types of ours.</summary>
internal static class BodyFault
{
    /// <returns>What is wrong, and the field when it is one field's value.</returns>
    public static (string Detail, string? Field) Of(Type expected, ReadOnlySpan<byte> body, string? path)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (JsonElement.ParseValue(ref reader).ValueKind != JsonValueKind.Object)
                return ("The body is no JSON object.", null);
            if (reader.Read())
                return ("Something follows the JSON object of the body.", null);
        }
        catch (JsonException e)
        {
            return ($"The body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).", null);
        }

        var field = path is ['$', '.', ..] ? path[2..].Split('.', '[')[0] : "";
        var property = expected.GetProperty(field, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
        return property is null
            ? ("The body is not JSON of the shape that this path reads.", null)
            : ($"\"{field}\" is {NameOf(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)}.", field);
    }

    private static string NameOf(Type type) =>
        type == typeof(string) ? "a text"
        : type == typeof(long) || type == typeof(int) ? "a whole number"
        : type == typeof(double) || type == typeof(decimal) ? "a number"
        : type == typeof(bool) ? "true or false"
        : type == typeof(DateTimeOffset) ? "an ISO-8601 instant, for instance 2026-01-31T12:00:00Z"
        : type == typeof(string[]) ? "a list of texts"
        : "not of the shape that this path reads";
}
