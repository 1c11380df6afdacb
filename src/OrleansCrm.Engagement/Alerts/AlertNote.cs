using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>What an agent has written about an alert.</summary>
internal readonly record struct AlertNote(long TimeMs, string By, string Text)
{
    private const int MentionsMax = 20;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("by", By);
        Rendering.WriteTime(json, "at", TimeMs);
        json.WriteString("text", Text);
        json.WriteStartArray("mentions");
        foreach (var name in MentionsIn(Text))
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>
    /// Who is spoken to: each <c>@name</c> at the start of a word, once, without the first @. A name is an e-mail address or the part of one
    /// before its @.
    /// </summary>
    public static List<string> MentionsIn(string text)
    {
        var names = new List<string>();
        for (var at = text.IndexOf('@'); at >= 0 && names.Count < MentionsMax; at = text.IndexOf('@', at + 1))
        {
            if (at > 0 && IsOfName(text[at - 1]))
                continue; // inside of an address
            var end = at + 1;
            while (end < text.Length && (IsOfName(text[end]) || (text[end] == '@' && end > at + 1)))
                end++;
            var name = text[(at + 1)..end].TrimEnd('.', '@', '-');
            if (name.Length > 0 && !names.Contains(name, StringComparer.OrdinalIgnoreCase))
                names.Add(name);
        }

        return names;
    }

    private static bool IsOfName(char c) => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '+';
}
