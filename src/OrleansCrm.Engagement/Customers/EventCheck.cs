using System.Text.Json;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What ingest asks before an event is journaled: is it something the fold can understand? It reads with the fold's own reader, so that
/// both agree on every type and bound.
/// </summary>
public static class EventCheck
{
    /// <summary>The first fault of an event object of the given call, or null when it can be taken.</summary>
    /// <param name="mayNameImport">Whether its sender may say that it belongs to an import: alerts of such customers wait for the import's end.</param>
    public static EventFault? Check(string type, ReadOnlySpan<byte> payload, bool mayNameImport = true)
    {
        try
        {
            return FindFault(type, payload, mayNameImport);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which is found when the text or the name is looked at.
            return new EventFault("invalid_json", "", "a text of the event is no Unicode");
        }
    }

    private static EventFault? FindFault(string type, ReadOnlySpan<byte> payload, bool mayNameImport)
    {
        var read = EventReader.Read(type, payload);
        if (read.Fault is not null)
            return read.Fault;
        if (!mayNameImport && read.Import.Length > 0)
            return new EventFault("reserved_field", "context.import", "is set by imports alone");
        if (type is EntryTypes.Alias or EntryTypes.Group)
            return LinkCheck.Check(type, payload);
        if (type == EntryTypes.Track && read.NameText.Length == 0)
            return new EventFault("missing_event", "event", "a track call needs the name of the event");
        return read.Name switch
        {
            StorefrontEventName.OrderCompleted or StorefrontEventName.OrderUpdated or StorefrontEventName.OrderCancelled =>
                NeedsOrderId(read),
            StorefrontEventName.OrderRefunded => CheckRefund(read),
            StorefrontEventName.SurveyAnswered => SurveyCheck.Check(payload),
            _ => null,
        };
    }

    /// <summary>
    /// Whether a track call of this name can be taken whatever its properties say, as long as they are an object or absent: names that mean
    /// nothing here, and those of which no more than a description of the product is read.
    /// </summary>
    public static bool TakesAnyProperties(ReadOnlySpan<byte> name)
    {
        var known = StorefrontEventNames.Find(name);
        return name.Length > 0 && !StorefrontEventNames.ConcernsOrder(known)
            && known is not (StorefrontEventName.SurveyAnswered or StorefrontEventName.ConsentChanged);
    }

    private static EventFault? NeedsOrderId(in StorefrontEvent read) =>
        read.OrderId.Length > 0 ? null : new EventFault("missing_order_id", "properties.order_id", "an order needs its number");

    private static EventFault? CheckRefund(in StorefrontEvent read)
    {
        var amount = read.AmountMicros ?? read.Value;
        if (amount < 0)
            return new EventFault("invalid_amount", "properties.amount", "a refund's amount is not negative");
        if (read.OrderId.Length > 0)
            return null;
        if (read.RefundId.Length == 0)
            return new EventFault("missing_order_id", "properties.order_id", "a refund needs the order's number, or a refund_id of its own");
        return amount is not null
            ? null
            : new EventFault("missing_amount", "properties.amount", "a refund without an order needs amount, total or revenue");
    }
}

/// <summary>Kinds and ranges of survey answers: CSAT 1 to 5, NPS 0 to 10, CES 1 to 7.</summary>
internal static class SurveyCheck
{
    public static EventFault? Check(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        using var parsed = JsonDocument.ParseValue(ref reader);
        if (!parsed.RootElement.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            return new EventFault("invalid_kind", "properties.kind", "must be csat, nps or ces");
        var kind = properties.TryGetProperty("kind", out var k) && k.ValueKind == JsonValueKind.String ? k.GetString() : null;
        (int Min, int Max)? range = kind switch
        {
            "csat" => (1, 5),
            "nps" => (0, 10),
            "ces" => (1, 7),
            _ => null,
        };
        if (range is not { } bounds)
            return new EventFault("invalid_kind", "properties.kind", "must be csat, nps or ces");
        if (ScoreOf(properties) is { } score && score >= bounds.Min && score <= bounds.Max)
            return null;
        return new EventFault(
            "invalid_score",
            "properties.score",
            FormattableString.Invariant($"must be a whole number from {bounds.Min} to {bounds.Max} for {kind}"));
    }

    public static long? ScoreOf(JsonElement properties, string name = "score")
    {
        if (!properties.TryGetProperty(name, out var score) || score.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
            return null;
        var text = score.ValueKind == JsonValueKind.String ? score.GetString()! : score.GetRawText();
        return Money.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var micros) && micros % 1_000_000 == 0
            ? micros / 1_000_000
            : null;
    }
}
