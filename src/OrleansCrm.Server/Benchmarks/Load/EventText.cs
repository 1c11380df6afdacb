using System.Globalization;
using System.Text;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>
/// Storefront events as SDKs send them, about 333 bytes each, with places of fixed width for what differs: writing an event is copying a
/// dozen bytes. Of twenty events fourteen look at a product, three put it into the cart, two look at the cart, and one is an order.
/// </summary>
internal static class EventText
{
    /// <summary>Of the events of the mix, how many are orders.</summary>
    public const double OrderShare = 0.05;

    public const int MessageIdLength = 16;
    public const int TimeLength = 24;

    private const int Kinds = 20;
    private const string MessageId = "mmmmmmmmmmmmmmmm";
    private const string OrderId = "oooooooooooooooo";
    private const string UserId = "ccccccc!";
    private const string Time = "2000-01-01T00:00:00.000Z";

    private const string Context =
        "\"context\":{\"ip\":\"203.0.113.7\",\"locale\":\"en-GB\",\"library\":{\"name\":\"analytics-node\",\"version\":\"2.1.0\"}}";

    /// <summary>What a checkout asks: a cart of two products, one of which the events speak of.</summary>
    public const string Question =
        "{\"placement\":\"checkout\",\"limit\":3,\"cart\":{\"currency\":\"EUR\",\"total\":73.50,\"items\":["
        + "{\"sku\":\"sku-0042\",\"quantity\":2,\"price\":24.50},{\"sku\":\"sku-0007\",\"quantity\":1,\"price\":24.50}]}}";

    /// <summary>The event at this place of a batch, and where its places are.</summary>
    public static (byte[] Json, EventPlaces Places) Of(int index)
    {
        var (name, properties) = (index % Kinds) switch
        {
            < 14 => ("Product Viewed", Product(index)),
            < 17 => ("Product Added", Product(index)),
            < 19 => ("Cart Viewed", "{\"cart_id\":\"cart-0001\",\"products\":[{\"product_id\":\"sku-0042\",\"price\":24.50,\"quantity\":2}]}"),
            _ => ("Order Completed", "{\"order_id\":\"" + OrderId + "\",\"revenue\":61.25,\"currency\":\"EUR\",\"products\":["
                + "{\"product_id\":\"sku-0042\",\"price\":24.50,\"quantity\":2}]}"),
        };
        var json = Encoding.UTF8.GetBytes(
            $"{{\"type\":\"track\",\"event\":\"{name}\",\"messageId\":\"{MessageId}\",\"userId\":\"{UserId}\",\"timestamp\":\"{Time}\","
            + $"\"properties\":{properties},{Context}}}");
        var places = new EventPlaces(PlaceOf(json, MessageId), PlaceOf(json, UserId), PlaceOf(json, Time), PlaceOf(json, OrderId));
        return (json, places);
    }

    public static void WriteMessageId(Span<byte> event_, in EventPlaces places, long number)
    {
        number.TryFormat(event_[places.MessageId..], out _, "x16", CultureInfo.InvariantCulture);
        if (places.OrderId >= 0)
            event_.Slice(places.MessageId, MessageIdLength).CopyTo(event_[places.OrderId..]);
    }

    public static void WriteCustomer(Span<byte> event_, in EventPlaces places, int customer)
    {
        event_[places.UserId] = (byte)'c';
        for (var i = CustomerChoice.Digits; i >= 1; i--)
        {
            event_[places.UserId + i] = (byte)('0' + customer % 10);
            customer /= 10;
        }
    }

    public static void WriteTime(Span<byte> event_, in EventPlaces places, ReadOnlySpan<byte> time) => time.CopyTo(event_[places.Time..]);

    public static byte[] TimeOf(DateTimeOffset time) =>
        Encoding.ASCII.GetBytes(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private static string Product(int index) =>
        $"{{\"product_id\":\"sku-{index % 100:D4}\",\"name\":\"Walnut desk organiser\",\"category\":\"Office\",\"price\":24.50,\"currency\":\"EUR\"}}";

    private static int PlaceOf(byte[] json, string text) => json.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
}

/// <summary>Where in an event the varying texts begin; -1 for one that it has not.</summary>
internal readonly record struct EventPlaces(int MessageId, int UserId, int Time, int OrderId);
