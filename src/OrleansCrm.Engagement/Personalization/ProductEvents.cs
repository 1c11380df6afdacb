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
            using var parsed = JsonDocument.Parse(entry.Payload);
            Learn(learner, entry, parsed.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What is no JSON, or half of a surrogate pair, names no product. The fold has dealt with it.
            return;
        }
    }

    private static void Learn(ProductLearner learner, Entry entry, JsonElement json)
    {
        if (!json.TryGetProperty("event", out var name) || name.ValueKind != JsonValueKind.String
            || !json.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            return;
        var customer = StableHash.Hash64(entry.Customer);
        switch (StorefrontEventNames.Of(name.GetString()!))
        {
            case StorefrontEventName.ProductViewed or StorefrontEventName.ProductAdded when MentionOf(properties) is { } mention:
                learner.Look(customer, entry.TimeMs, mention);
                break;
            case StorefrontEventName.OrderCompleted when !EntryTypes.IsFromBrowser(entry.Type):
                if (properties.TryGetProperty("products", out var products) && products.ValueKind == JsonValueKind.Array)
                    learner.Buy(customer, entry.TimeMs, [.. products.EnumerateArray().Take(ProductsMax).Select(MentionOf).OfType<ProductMention>()]);
                break;
        }
    }

    private static ProductMention? MentionOf(JsonElement product)
    {
        if (product.ValueKind != JsonValueKind.Object)
            return null;
        var (id, sku) = (TextOf(product, "product_id"), TextOf(product, "sku"));
        var key = id.Length > 0 ? id : sku;
        return key.Length is 0 or > TextMax || sku.Length > TextMax
            ? null
            : new ProductMention(ProductTable.KeyOf(key), sku.Length > 0 ? sku : id, TextOf(product, "category") is { Length: <= TextMax } category ? category : "");
    }

    private static string TextOf(JsonElement product, string name) => !product.TryGetProperty(name, out var text) ? ""
        : text.ValueKind == JsonValueKind.String ? text.GetString()!
        : text.ValueKind == JsonValueKind.Number ? text.GetRawText()
        : "";
}
