using System.Text.Json;
using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Alerts;

/// <summary>Which alerts of a desk are wanted: fields and the text they are to have, null for none; and a text that the customer's id or name has in it.</summary>
internal sealed record AlertFilter(KeyValuePair<string, string?>[] Wanted, string Tier, string Text)
{
    /// <summary>Longest text to be looked for: names are shorter.</summary>
    public const int TextMax = 200;

    private const string Me = "me";
    private const string Nobody = "none";

    public bool TakesAll => Wanted.Length == 0 && Tier.Length == 0 && Text.Length == 0;

    /// <summary>
    /// From the query: <c>status</c>, <c>kind</c>, <c>severity</c>, <c>tier</c>, <c>q</c>, and <c>owner</c> and <c>claimedBy</c>, where <c>me</c> is
    /// the caller and <c>none</c> nobody.
    /// </summary>
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

        return new AlertFilter([.. wanted], context.Request.Query["tier"].ToString(), context.Request.Query["q"].ToString().Trim());
    }

    public bool Takes(JsonElement alert)
    {
        foreach (var (name, text) in Wanted)
        {
            if (!alert.TryGetProperty(name, out var value)
                || (text is null ? value.ValueKind != JsonValueKind.Null : value.ValueKind != JsonValueKind.String || !value.ValueEquals(text)))
                return false;
        }

        if (Tier.Length == 0 && Text.Length == 0)
            return true;
        return alert.TryGetProperty("customer", out var customer) && (Tier.Length == 0 || Has(customer, "tier", t => t == Tier))
            && (Text.Length == 0 || Has(customer, "id", IsFound) || Has(customer, "name", IsFound) || Has(customer, "email", IsFound));
    }

    private bool IsFound(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);

    private static bool Has(JsonElement json, string name, Func<string, bool> isSo) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && isSo(found.GetString()!);
}
