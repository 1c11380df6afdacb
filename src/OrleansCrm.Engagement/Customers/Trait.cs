using System.Text.Json;
using System.Text.Unicode;

namespace OrleansCrm.Engagement.Customers;

/// <param name="Value">JSON as sent, without white space; <c>null</c> takes the trait away.</param>
/// <param name="IsClaimed">Only a browser's key has said so.</param>
internal readonly record struct Trait(string Name, long TimeMs, byte[] Value, bool IsClaimed)
{
    public bool IsNull => Value.AsSpan().SequenceEqual("null"u8);
}

/// <summary>
/// Traits by name. What a server's key says wins over what a browser's claims, or anybody could give a customer his own address; then the
/// newest event time wins, for each name alone; of two values of one instant the greater bytes win, so that the order of arrival does not
/// matter.
/// </summary>
internal static class Traits
{
    public static void Set(CustomerState state, ReadOnlySpan<byte> traits, long timeMs, bool isClaimed)
    {
        var reader = new Utf8JsonReader(traits, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = TextOf(reader) ?? "";
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = traits[start..(int)reader.BytesConsumed];
            if (name.Length is > 0 and <= 128 && value.Length <= Bounds.TraitBytesMax && Utf8.IsValid(value))
                Set(state.Traits ??= new List<Trait>(4), name, timeMs, value, isClaimed);
        }
    }

    /// <summary>Sets one that was known of another id of the person.</summary>
    public static void Take(CustomerState state, in Trait trait) =>
        Set(state.Traits ??= new List<Trait>(4), trait.Name, trait.TimeMs, trait.Value, trait.IsClaimed);

    /// <summary>The trait's text, or null when it is absent or no text.</summary>
    public static string? Text(CustomerState state, string name)
    {
        var index = state.Traits is null ? -1 : Find(state.Traits, name);
        if (index < 0 || state.Traits![index].Value[0] != '"')
            return null;
        var reader = new Utf8JsonReader(state.Traits[index].Value);
        reader.Read();
        return TextOf(reader);
    }

    /// <summary>The text of a trait as one event says it, or null when it is absent or no text.</summary>
    /// <param name="traits">An object, or empty.</param>
    public static string? TextIn(ReadOnlySpan<byte> traits, string name)
    {
        var reader = new Utf8JsonReader(traits, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        for (var isInside = traits.Length > 0 && reader.Read(); isInside && reader.Read() && reader.TokenType == JsonTokenType.PropertyName; reader.Skip())
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
                return reader.TokenType == JsonTokenType.String ? TextOf(reader) : null;
        }

        return null;
    }

    /// <summary>The same where a server's key has said so.</summary>
    public static string? ServerText(CustomerState state, string name) =>
        state.Traits is { } traits && Find(traits, name) is >= 0 and var index && !traits[index].IsClaimed ? Text(state, name) : null;

    /// <summary>Null for bytes that are no text, or escapes of half a character.</summary>
    public static string? TextOf(in Utf8JsonReader reader)
    {
        try
        {
            return Utf8.IsValid(reader.ValueSpan) ? reader.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Set(List<Trait> list, string name, long timeMs, ReadOnlySpan<byte> value, bool isClaimed)
    {
        var index = Find(list, name);
        if (index >= 0)
        {
            var known = list[index];
            if (isClaimed == known.IsClaimed
                    ? timeMs < known.TimeMs || (timeMs == known.TimeMs && Compact(value).SequenceCompareTo(known.Value) <= 0)
                    : isClaimed)
                return;
            list[index] = new Trait(known.Name, timeMs, Compact(value).ToArray(), isClaimed);
            return;
        }

        list.Insert(~index, new Trait(name, timeMs, Compact(value).ToArray(), isClaimed));
        if (list.Count > Bounds.TraitsMax)
            list.RemoveAt(IndexOfLeast(list));
    }

    /// <summary>The oldest claim, else the oldest: claims can push out no more than other claims.</summary>
    private static int IndexOfLeast(List<Trait> list)
    {
        var least = 0;
        for (var i = 1; i < list.Count; i++)
        {
            if ((list[i].IsClaimed ? 0 : 1, list[i].TimeMs).CompareTo((list[least].IsClaimed ? 0 : 1, list[least].TimeMs)) < 0)
                least = i;
        }

        return least;
    }

    public static int Find(List<Trait> list, string name)
    {
        var (low, high) = (0, list.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(list[middle].Name, name);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    // White space outside of texts goes, so that equal values have equal bytes.
    private static ReadOnlySpan<byte> Compact(ReadOnlySpan<byte> json)
    {
        if (json[0] is not ((byte)'{' or (byte)'['))
            return json;
        var compact = new byte[json.Length];
        var length = 0;
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (c == '"')
                inText = !inText;
            if (inText && c == '\\')
                compact[length++] = json[i++];
            if (inText || c is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                compact[length++] = json[i];
        }

        return compact.AsSpan(0, length);
    }
}
