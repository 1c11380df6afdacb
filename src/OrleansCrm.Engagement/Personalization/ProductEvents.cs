using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>Finds the entries that say something of products: looks, and orders that a server's key has sent.</summary>
public static class ProductEvents
{
    private const int ProductsMax = 100;
    private const int TextMax = 200;

    /// <summary>Whether it is of the kind that says something of products.</summary>
    public static bool MaySay(Entry entry) => EntryTypes.CallOf(entry.Type) == EntryTypes.Track;

    /// <summary>Lets the learner know what the entry says; nothing for an entry that is about something else.</summary>
    public static void Learn(ProductLearner learner, Entry entry)
    {
        if (!MaySay(entry))
            return;

        // Most events are neither: looked through for the words before anything is parsed.
        var payload = entry.Payload.AsSpan();
        var isOrder = payload.IndexOf("Order Completed"u8) >= 0;
        if (!isOrder && payload.IndexOf("Product Viewed"u8) < 0 && payload.IndexOf("Product Added"u8) < 0)
            return;
        try
        {
            Learn(learner, entry, payload);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What is no JSON, or half of a surrogate pair, names no product. The fold has dealt with it.
            return;
        }
    }

    private static void Learn(ProductLearner learner, Entry entry, ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        var name = StorefrontEventName.Other;
        Utf8JsonReader properties = default;
        Open(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isProperties) = (reader.ValueTextEquals("event"u8), reader.ValueTextEquals("properties"u8));
            reader.Read();
            if (isName)
                name = reader.TokenType == JsonTokenType.String ? StorefrontEventNames.Of(reader.GetString()!) : StorefrontEventName.Other;
            else if (isProperties)
                properties = reader;
            reader.Skip();
        }

        if (properties.TokenType != JsonTokenType.StartObject)
            return;
        var customer = StableHash.Hash64(entry.Customer);
        switch (name)
        {
            case StorefrontEventName.ProductViewed or StorefrontEventName.ProductAdded when MentionOf(ref properties) is { } mention:
                learner.Look(customer, entry.TimeMs, mention);
                break;
            case StorefrontEventName.OrderCompleted when !EntryTypes.IsFromBrowser(entry.Type):
                learner.Buy(customer, entry.TimeMs, BasketOf(ref properties));
                break;
        }
    }

    private static void Open(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("An event is an object.");
    }

    private static List<ProductMention> BasketOf(ref Utf8JsonReader properties)
    {
        var basket = new List<ProductMention>();
        while (properties.Read() && properties.TokenType == JsonTokenType.PropertyName)
        {
            var isProducts = properties.ValueTextEquals("products"u8);
            properties.Read();
            if (!isProducts || properties.TokenType != JsonTokenType.StartArray)
            {
                properties.Skip();
                continue;
            }

            while (properties.Read() && properties.TokenType != JsonTokenType.EndArray)
            {
                if (properties.TokenType != JsonTokenType.StartObject || basket.Count == ProductsMax)
                    properties.Skip();
                else if (MentionOf(ref properties) is { } mention)
                    basket.Add(mention);
            }
        }

        return basket;
    }

    /// <param name="reader">At the beginning of the product, and then at its end.</param>
    private static ProductMention? MentionOf(ref Utf8JsonReader reader)
    {
        var (id, sku, category) = ("", "", "");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("product_id"u8))
                id = ReadText(ref reader);
            else if (reader.ValueTextEquals("sku"u8))
                sku = ReadText(ref reader);
            else if (reader.ValueTextEquals("category"u8))
                category = ReadText(ref reader);
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        var key = id.Length > 0 ? id : sku;
        return key.Length is 0 or > TextMax || sku.Length > TextMax
            ? null
            : new ProductMention(ProductTable.KeyOf(key), sku.Length > 0 ? sku : id, category.Length <= TextMax ? category : "");
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString()!;
        if (reader.TokenType == JsonTokenType.Number)
            return Encoding.UTF8.GetString(reader.ValueSpan);
        reader.Skip();
        return "";
    }
}
