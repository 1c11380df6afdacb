using System.Text.Json;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>What an agent asks for, as the entry has it.</summary>
/// <param name="To">To whom it is given.</param>
internal sealed record AlertCommand(string Alert, string Agent, bool IsSupervisor, string Outcome, string Note, string To, long UntilMs)
{
    private const int TextMax = 2_000;

    public static AlertCommand? Read(byte[] payload)
    {
        try
        {
            using var parsed = JsonDocument.Parse(payload);
            var root = parsed.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "alert") is not { Length: > 0 } alert
                || Text(root, "agent") is not { Length: > 0 } agent)
                return null;
            return new AlertCommand(
                alert,
                agent,
                Text(root, "role") is "supervisor" or "admin",
                Cut(Text(root, "outcome")),
                Cut(Text(root, "note")),
                Cut(Text(root, "to")),
                Number(root, "untilMs"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    private static long Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var number) ? number : 0;

    // Cut between runes: half a surrogate pair could not be written again.
    private static string Cut(string? text)
    {
        if (text is null || text.Length <= TextMax)
            return text ?? "";
        return text[..(char.IsHighSurrogate(text[TextMax - 1]) ? TextMax - 1 : TextMax)];
    }
}
