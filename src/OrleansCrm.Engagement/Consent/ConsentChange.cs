using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Consent;

/// <summary>One line of a <c>Consent Changed</c> event.</summary>
internal readonly record struct ConsentChange(string Purpose, string Channel, bool IsGranted)
{
    private const int WordMax = 64;
    private const int ListMax = 50;

    /// <summary>
    /// Reads <c>{"purpose":"marketing","channel":"email","granted":true}</c>, without <c>channel</c> for every channel, or several of
    /// them as <c>{"consents":[...]}</c>. Words are 1 to 64 of a-z, 0-9, dot, hyphen and underscore; capitals are taken as small letters.
    /// </summary>
    /// <param name="fault">The first fault; what is at fault is left out of the answer.</param>
    public static List<ConsentChange> Read(ReadOnlySpan<byte> properties, out EventFault? fault)
    {
        fault = null;
        var changes = new List<ConsentChange>(1);
        var reader = new Utf8JsonReader(properties, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        using var parsed = JsonDocument.ParseValue(ref reader);
        var root = parsed.RootElement;
        if (!root.TryGetProperty("consents", out var list))
        {
            Take(root, "properties", changes, ref fault);
            return changes;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > ListMax)
        {
            fault = new EventFault("invalid_consents", "properties.consents", FormattableString.Invariant($"must be a list of 1 to {ListMax} objects"));
            return changes;
        }

        foreach (var item in list.EnumerateArray())
            Take(item, "properties.consents", changes, ref fault);
        return changes;
    }

    private static void Take(JsonElement item, string field, List<ConsentChange> changes, ref EventFault? fault)
    {
        if (item.ValueKind != JsonValueKind.Object || Word(item, "purpose") is not { } purpose)
        {
            fault ??= new EventFault("invalid_purpose", field + ".purpose", FormattableString.Invariant($"must be 1 to {WordMax} of a-z, 0-9, dot, hyphen and underscore"));
            return;
        }

        var channel = Consents.EveryChannel;
        if (item.TryGetProperty("channel", out var given) && given.ValueKind != JsonValueKind.Null
            && !(given.ValueKind == JsonValueKind.String && given.ValueEquals(Consents.EveryChannel)))
        {
            if (Word(item, "channel") is not { } word)
            {
                fault ??= new EventFault("invalid_channel", field + ".channel", FormattableString.Invariant($"must be 1 to {WordMax} of a-z, 0-9, dot, hyphen and underscore, or \"*\""));
                return;
            }

            channel = word;
        }

        if (!item.TryGetProperty("granted", out var granted) || granted.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            fault ??= new EventFault("invalid_granted", field + ".granted", "must be true or false");
            return;
        }

        changes.Add(new ConsentChange(purpose, channel, granted.ValueKind == JsonValueKind.True));
    }

    /// <summary>Whether it can name a purpose or a channel.</summary>
    public static bool IsWord(string text) =>
        text.Length is >= 1 and <= WordMax
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    private static string? Word(JsonElement item, string name)
    {
        if (!item.TryGetProperty(name, out var found) || found.ValueKind != JsonValueKind.String)
            return null;
        var text = found.GetString()!;
        var word = text.Length > WordMax ? text : text.ToLowerInvariant();
        return IsWord(word) ? word : null;
    }
}
