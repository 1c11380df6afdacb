using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansCrm.Contracts;

namespace OrleansCrm.Server.Import;

/// <summary>
/// Writes an invoice as an event: <c>Order Completed</c>, or for a cancellation <c>Order Refunded</c> on account, because a cancellation
/// carries no reference to what it takes back.
/// </summary>
internal sealed class RetailEventWriter(ImportPlan plan)
{
    /// <summary>Longest name of a product or country; longer ones are cut.</summary>
    public const int NameCharactersMax = 200;

    /// <summary>Longest stock code; a longer one cannot be cut without becoming another.</summary>
    public const int SkuCharactersMax = 100;

    /// <summary>
    /// Where the list of products stops, so that an event stays below the 32 KB that are taken. What it is worth stands in the revenue, and
    /// <c>products_omitted</c> says how many lines were left out.
    /// </summary>
    public const int ProductBytesMax = 28 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(32 * 1024);

    public byte[] Write(Invoice invoice)
    {
        _buffer.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_buffer, Options);
        json.WriteStartObject();
        json.WriteString("type", "track");
        json.WriteString("event", invoice.IsCancellation ? "Order Refunded" : "Order Completed");
        json.WriteString("userId", invoice.Customer);
        json.WriteString("messageId", MessageId(invoice));
        json.WriteString("timestamp", IsoText.Of(invoice.TimeMs + plan.ShiftMs));
        json.WriteStartObject("context");
        json.WriteString("import", plan.Import);
        json.WriteEndObject();
        json.WriteStartObject("properties");
        WriteProperties(json, invoice);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    private string MessageId(Invoice invoice)
    {
        var id = $"{plan.Import}:{invoice.Number}:{invoice.Customer}";
        return id.Length <= 100
            ? id
            : $"{plan.Import}:{StableHash.Start(stackalloc byte[512]).Add(invoice.Number).Add(invoice.Customer).FinishGuid():n}";
    }

    private void WriteProperties(Utf8JsonWriter json, Invoice invoice)
    {
        var sign = invoice.IsCancellation ? -1 : 1;
        json.WriteString(invoice.IsCancellation ? "refund_id" : "order_id", invoice.NaturalKey);
        json.WriteNumber(invoice.IsCancellation ? "total" : "revenue", sign * invoice.Value);
        json.WriteString("currency", plan.Currency);
        if (invoice.Country.Length > 0)
            json.WriteString("country", invoice.Country);

        json.WriteStartArray("products");
        var written = 0;
        foreach (var line in invoice.Lines)
        {
            if (json.BytesCommitted + json.BytesPending > ProductBytesMax)
                break;
            json.WriteStartObject();
            json.WriteString("sku", line.Sku);
            if (line.Name.Length > 0)
                json.WriteString("name", line.Name);
            json.WriteNumber("quantity", sign * line.Quantity);
            json.WriteNumber("price", line.Price);
            json.WriteEndObject();
            written++;
        }

        json.WriteEndArray();
        if (written < invoice.Lines.Count)
            json.WriteNumber("products_omitted", invoice.Lines.Count - written);
    }
}
