using System.Text.Json;
using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Alerts;

/// <summary>Which alerts of a desk are wanted: fields and the text they are to have, null for none.</summary>
internal sealed record AlertFilter(KeyValuePair<string, string?>[] Wanted)
{
    private const string Me = "me";
    private const string Nobody = "none";

    public bool TakesAll => Wanted.Length == 0;

    /// <summary>From the query: <c>status</c>, <c>kind</c>, <c>severity</c>, and <c>owner</c> and <c>claimedBy</c>, where <c>me</c> is the caller and <c>none</c> nobody.</summary>
    /// <returns>Null when a caller who is no agent says me.</returns>
    public static AlertFilter? Of(HttpContext context, string? status)
    {
        var wanted = new List<KeyValuePair<string, string?>>();
        if (status is not null)
            wanted.Add(new("status", status));
        foreach (var name in (string[])["kind", "severity", "owner", "claimedBy"])
        {
            if (context.Request.Query[name] is not [{ Length: > 0 } text])
                continue;
            var isPerson = name is "owner" or "claimedBy";
            if (isPerson && text == Me && !context.User.IsAgent())
                return null;
            wanted.Add(new(name, !isPerson ? text : text == Nobody ? null : text == Me ? context.User.Email() : text));
        }

        return new AlertFilter([.. wanted]);
    }

    public bool Takes(ReadOnlyMemory<byte> alert)
    {
        if (TakesAll)
            return true;
        using var parsed = JsonDocument.Parse(alert);
        foreach (var (name, text) in Wanted)
        {
            if (!parsed.RootElement.TryGetProperty(name, out var value)
                || (text is null ? value.ValueKind != JsonValueKind.Null : value.ValueKind != JsonValueKind.String || !value.ValueEquals(text)))
                return false;
        }

        return true;
    }
}
