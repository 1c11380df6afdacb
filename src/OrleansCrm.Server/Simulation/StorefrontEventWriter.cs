using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Simulation;

/// <summary>Writes the events that an invented shop sends, as event objects of Segment's tracking format.</summary>
internal sealed class StorefrontEventWriter(Utf8JsonWriter json, string currency)
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Identify(string user, string messageId, long timeMs, string name)
    {
        Begin("identify", user, messageId, timeMs);
        json.WriteStartObject("traits");
        json.WriteString("name", name);
        json.WriteString("email", $"{user}@example.com");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public void ProductViewed(string user, string messageId, long timeMs, Product product) =>
        Product("Product Viewed", user, messageId, timeMs, new CartItem(product, 1));

    public void ProductAdded(string user, string messageId, long timeMs, CartItem item) =>
        Product("Product Added", user, messageId, timeMs, item);

    public void OrderCompleted(string user, string messageId, long timeMs, string order, ReadOnlySpan<CartItem> cart)
    {
        BeginTrack("Order Completed", user, messageId, timeMs);
        json.WriteString("order_id", order);
        WriteMoney("revenue", Cents(cart));
        json.WriteString("currency", currency);
        WriteProducts(cart);
        EndTrack();
    }

    /// <summary>Takes back <paramref name="items"/> of an order.</summary>
    public void OrderRefunded(string user, string messageId, long timeMs, string order, string refund, ReadOnlySpan<CartItem> items)
    {
        BeginTrack("Order Refunded", user, messageId, timeMs);
        json.WriteString("order_id", order);
        json.WriteString("refund_id", refund);
        WriteMoney("total", Cents(items));
        json.WriteString("currency", currency);
        WriteProducts(items);
        EndTrack();
    }

    public void PaymentFailed(string user, string messageId, long timeMs)
    {
        BeginTrack("Payment Failed", user, messageId, timeMs);
        EndTrack();
    }

    public void TicketOpened(string user, string messageId, long timeMs, string ticket)
    {
        BeginTrack("Ticket Opened", user, messageId, timeMs);
        json.WriteString("ticket_id", ticket);
        EndTrack();
    }

    /// <param name="score">Satisfaction, 1 to 5.</param>
    public void SurveyAnswered(string user, string messageId, long timeMs, string survey, int score)
    {
        BeginTrack("Survey Answered", user, messageId, timeMs);
        json.WriteString("kind", "csat");
        json.WriteString("survey_id", survey);
        json.WriteNumber("score", score);
        EndTrack();
    }

    public static long Cents(ReadOnlySpan<CartItem> cart)
    {
        long sum = 0;
        foreach (var item in cart)
            sum += item.ValueCents;
        return sum;
    }

    private void Product(string name, string user, string messageId, long timeMs, CartItem item)
    {
        BeginTrack(name, user, messageId, timeMs);
        WriteItem(item);
        json.WriteString("category", item.Product.Category);
        json.WriteString("currency", currency);
        EndTrack();
    }

    private void WriteProducts(ReadOnlySpan<CartItem> cart)
    {
        json.WriteStartArray("products");
        foreach (var item in cart)
        {
            json.WriteStartObject();
            WriteItem(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteItem(CartItem item)
    {
        json.WriteString("sku", item.Product.Sku);
        json.WriteString("name", item.Product.Name);
        json.WriteNumber("quantity", item.Quantity);
        WriteMoney("price", item.Product.PriceCents);
    }

    private void WriteMoney(string name, long cents) => json.WriteNumber(name, new decimal(cents) / 100);

    private void BeginTrack(string name, string user, string messageId, long timeMs)
    {
        Begin("track", user, messageId, timeMs);
        json.WriteString("event", name);
        json.WriteStartObject("properties");
    }

    private void EndTrack()
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Begin(string type, string user, string messageId, long timeMs)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString("userId", user);
        json.WriteString("messageId", messageId);
        json.WriteString("timestamp", IsoText.Of(timeMs));
    }
}
