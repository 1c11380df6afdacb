using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Customers;

/// <summary>The form of the two calls that tie one id to another: an alias names who is who, a group what a customer belongs to.</summary>
internal static class LinkCheck
{
    public static EventFault? Check(string type, ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        using var parsed = JsonDocument.ParseValue(ref reader);
        var call = parsed.RootElement;
        return type == EntryTypes.Group ? CheckId(call, "groupId", "group_id") ?? Missing(call, "groupId", "group_id") : CheckAlias(call);
    }

    // Browser SDKs leave the former id out when it is the visitor's anonymous one, which stands beside it.
    private static EventFault? CheckAlias(JsonElement call)
    {
        if (IsAbsent(call, "userId"))
            return new EventFault("missing_user", "userId", "an alias names the user that the former id belongs to");
        return CheckId(call, "previousId", "previous_id")
            ?? (IsAbsent(call, "anonymousId") ? Missing(call, "previousId", "previous_id") : null);
    }

    private static EventFault? Missing(JsonElement call, string field, string code) =>
        IsAbsent(call, field) ? new EventFault("missing_" + code, field, "this call needs it") : null;

    private static EventFault? CheckId(JsonElement call, string field, string code)
    {
        if (IsAbsent(call, field))
            return null;
        var value = call.GetProperty(field);
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
            return new EventFault("invalid_" + code, field, "is neither text nor a number");
        return CustomerKey.TryCreate("-", CustomerKind.Anonymous, TextOf(value), out _, out var error)
            ? null
            : new EventFault("invalid_" + code, field, error);
    }

    private static bool IsAbsent(JsonElement call, string field) =>
        !call.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null
        || (value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(TextOf(value)));

    private static string TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the check of the id refuses it by its character.
            return "\ud800";
        }
    }
}
