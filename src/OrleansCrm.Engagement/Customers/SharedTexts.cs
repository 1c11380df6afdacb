using System.Text;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Texts that many states hold, names of products above all, once each: what an event says of a product everybody looks at leaves nothing new
/// in a state that lives long, where each collection of garbage would have to find it. Bounded: a newcomer takes the place of who has his,
/// and a text that is not there is made anew. Which instance one is given changes nothing of what it says, so all threads may ask at once.
/// </summary>
internal static class SharedTexts
{
    /// <summary>A shop's catalogue; half a megabyte of places and some four of texts.</summary>
    private const int PlacesMax = 1 << 16;

    /// <summary>Longer ones are one of a kind.</summary>
    private const int LengthMax = 60;

    private static readonly string?[] Known = new string?[PlacesMax];

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LengthMax)
            return Encoding.UTF8.GetString(utf8);
        Span<char> text = stackalloc char[LengthMax];
        return Of(text[..Encoding.UTF8.GetChars(utf8, text)]);
    }

    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > LengthMax)
            return text.ToString();
        ref var place = ref Known[PlaceOf(text)];
        if (Volatile.Read(ref place) is { } known && text.SequenceEqual(known))
            return known;
        var made = text.ToString();
        Volatile.Write(ref place, made);
        return made;
    }

    private static int PlaceOf(ReadOnlySpan<char> text)
    {
        var hash = 2_166_136_261;
        foreach (var letter in text)
            hash = (hash ^ letter) * 16_777_619;
        return (int)((hash ^ (hash >> 16)) % PlacesMax);
    }
}
