using System.Text.Json;

namespace OrleansCrm.Contracts;

/// <summary>Compares names of JSON properties that anybody may have sent.</summary>
public static class JsonNames
{
    /// <summary>
    /// Whether the property that the reader stands on has this name. Half of a surrogate pair is JSON by its grammar and no text: the reader
    /// itself throws at one, and here it is simply another name.
    /// </summary>
    public static bool NameIs(this in Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? EscapedNameIs(reader, name) : reader.ValueTextEquals(name);

    private static bool EscapedNameIs(in Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
