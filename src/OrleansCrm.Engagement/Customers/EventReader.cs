using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Consent;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Reads one Segment-style event object. Tolerant: what has a wrong type is left out and noted as a fault, which ingest refuses and
/// the fold ignores. Properties are looked at only where the event means something.
/// </summary>
internal static class EventReader
{
    public const int DepthMax = 64;

    private const int ProductsMax = 1_000;
    private const int ProductTextMax = 60;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    public static StorefrontEvent Read(string type, ReadOnlySpan<byte> payload)
    {
        var read = new StorefrontEvent { Import = "" };
        try
        {
            ReadTop(type, payload, ref read);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader throws the latter for text that is not UTF-8.
            // Ingest refuses it; an entry that is in the journal all the same counts as an event that says nothing.
            read.Fault ??= new EventFault("invalid_json", "", "the event is not JSON");
        }

        return read;
    }

    private static void ReadTop(string type, ReadOnlySpan<byte> payload, ref StorefrontEvent read)
    {
        var reader = new Utf8JsonReader(payload, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            read.Fault = new EventFault("invalid_event", "", "an event is a JSON object");
            return;
        }

        ReadOnlySpan<byte> properties = default;
        ReadOnlySpan<byte> contextTraits = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("event"u8))
                ReadName(ref reader, type == EntryTypes.Track, ref read);
            else if (reader.ValueTextEquals("name"u8))
                ReadName(ref reader, type is EntryTypes.Page or EntryTypes.Screen, ref read);
            else if (reader.ValueTextEquals("properties"u8))
                properties = ReadObject(ref reader, payload, "properties", ref read);
            else if (reader.ValueTextEquals("traits"u8))
                read.Traits = ReadObject(ref reader, payload, "traits", ref read);
            else if (reader.ValueTextEquals("context"u8))
                contextTraits = ReadContext(ref reader, payload, type == EntryTypes.Identify, ref read);
            else if (reader.ValueTextEquals("anonymousId"u8))
                read.AnonymousId = ReadOtherId(ref reader);
            else if (type == EntryTypes.Alias && reader.ValueTextEquals("previousId"u8))
                read.PreviousId = ReadOtherId(ref reader);
            else
                Skip(ref reader);
        }

        // RudderStack's browser SDK has them nowhere else.
        if (read.Traits.Length == 0)
            read.Traits = contextTraits;
        if (type == EntryTypes.Track)
            read.Name = StorefrontEventNames.Find(read.NameText);
        if (read.Name == StorefrontEventName.ConsentChanged)
            ReadConsents(properties, ref read);
        else if (read.Name != StorefrontEventName.Other && properties.Length > 0)
            ReadProperties(properties, ref read);
    }

    private static void ReadName(scoped ref Utf8JsonReader reader, bool wanted, ref StorefrontEvent read)
    {
        reader.Read();
        if (!wanted)
            reader.Skip();
        else if (reader.TokenType == JsonTokenType.String)
            read.NameText = TextOf(ref reader);
        else
            Misread(ref reader, "invalid_event", "event", "must be a text", ref read);
    }

    /// <summary>The object's bytes as they stand in the payload.</summary>
    private static ReadOnlySpan<byte> ReadObject(
        scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> payload, string field, scoped ref StorefrontEvent read)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Misread(ref reader, "invalid_" + field, field, "must be an object", ref read);
            return default;
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return payload[start..(int)reader.BytesConsumed];
    }

    /// <returns>The traits in the context, where they are wanted and there.</returns>
    private static ReadOnlySpan<byte> ReadContext(
        scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> payload, bool wantsTraits, scoped ref StorefrontEvent read)
    {
        reader.Read();
        ReadOnlySpan<byte> traits = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return traits;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isImport = reader.ValueTextEquals("import"u8);
            var isTraits = wantsTraits && reader.ValueTextEquals("traits"u8);
            var isCampaign = reader.ValueTextEquals("campaign"u8);
            var isReferrer = !isCampaign && reader.ValueTextEquals("referrer"u8);
            var isPage = reader.ValueTextEquals("page"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isImport && reader.TokenType == JsonTokenType.String)
                read.Import = Encoding.UTF8.GetString(TextOf(ref reader));
            else
                reader.Skip();
            if (payload[start] != '{')
                continue;
            var found = payload[start..(int)reader.BytesConsumed];
            if (isTraits)
                traits = found;
            else if (isCampaign)
                read.Campaign = found;
            else if (isReferrer)
                read.Referrer = found;
            else if (isPage)
                read.Page = found;
        }

        return traits;
    }

    private static void ReadConsents(ReadOnlySpan<byte> properties, ref StorefrontEvent read)
    {
        read.Consents = ConsentChange.Read(properties.Length > 0 ? properties : "{}"u8, out var fault);
        read.Fault ??= fault;
    }

    private static void ReadProperties(ReadOnlySpan<byte> properties, ref StorefrontEvent read)
    {
        var concernsOrder = StorefrontEventNames.ConcernsOrder(read.Name);
        var concernsTicket = read.Name is StorefrontEventName.TicketOpened or StorefrontEventName.TicketClosed;
        var reader = new Utf8JsonReader(properties, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (concernsTicket && reader.ValueTextEquals("ticket_id"u8))
                read.TicketId = ReadId(ref reader, "ticket_id", ref read);
            else if (!concernsOrder)
                ReadProduct(ref reader, ref read);
            else if (reader.ValueTextEquals("order_id"u8))
                read.OrderId = ReadId(ref reader, "order_id", ref read);
            else if (reader.ValueTextEquals("refund_id"u8))
                read.RefundId = ReadId(ref reader, "refund_id", ref read);
            else if (reader.ValueTextEquals("revenue"u8))
                read.RevenueMicros = ReadAmount(ref reader, "revenue", "properties.revenue", ref read);
            else if (reader.ValueTextEquals("total"u8))
                read.TotalMicros = ReadAmount(ref reader, "total", "properties.total", ref read);
            else if (reader.ValueTextEquals("amount"u8))
                read.AmountMicros = ReadAmount(ref reader, "amount", "properties.amount", ref read);
            else if (reader.ValueTextEquals("currency"u8))
                read.Currency = ReadCurrency(ref reader, ref read);
            else if (reader.ValueTextEquals("discount"u8))
                read.DiscountMicros = ReadDiscount(ref reader);
            else if (reader.ValueTextEquals("referral_code"u8))
                read.ReferralCode = ReadOtherId(ref reader);
            else if (reader.ValueTextEquals("coupon"u8))
                read.Coupon = ReadOtherId(ref reader);
            else if (reader.ValueTextEquals("products"u8))
                ReadProducts(ref reader, ref read);
            else
                Skip(ref reader);
        }
    }

    private static void ReadProduct(scoped ref Utf8JsonReader reader, scoped ref StorefrontEvent read)
    {
        var isName = reader.ValueTextEquals("name"u8);
        var isId = !isName && (reader.ValueTextEquals("product_id"u8) || reader.ValueTextEquals("sku"u8));
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && (isName || (isId && read.Product is null)))
            read.Product = Shared(TextOf(ref reader));
        else
            reader.Skip();
    }

    private static void ReadProducts(scoped ref Utf8JsonReader reader, scoped ref StorefrontEvent read)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Misread(ref reader, "invalid_products", "properties.products", "must be a list", ref read);
            return;
        }

        var products = read.Products = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                Misread(ref reader, "invalid_products", "properties.products", "must be a list of objects", ref read);
            else if (products.Count >= ProductsMax)
                Misread(ref reader, "invalid_products", "properties.products", "has more than 1,000 lines", ref read);
            else
                products.Add(ReadLine(ref reader, ref read));
        }
    }

    private static ProductLine ReadLine(scoped ref Utf8JsonReader reader, scoped ref StorefrontEvent read)
    {
        ReadOnlySpan<byte> id = default;
        ReadOnlySpan<byte> sku = default;
        long? price = null;
        long? quantity = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("product_id"u8))
                id = ReadId(ref reader, "product_id", ref read);
            else if (reader.ValueTextEquals("sku"u8))
                sku = ReadId(ref reader, "sku", ref read);
            else if (reader.ValueTextEquals("price"u8))
                price = ReadAmount(ref reader, "products", "properties.products.price", ref read);
            else if (reader.ValueTextEquals("quantity"u8))
                quantity = ReadAmount(ref reader, "products", "properties.products.quantity", ref read);
            else
                Skip(ref reader);
        }

        var key = id.Length > 0 ? id : sku;
        return new ProductLine(key.Length > 0 ? HashOf(key, default) : 0, price, quantity ?? 1_000_000);
    }

    /// <summary>Stands for what has no id of its own.</summary>
    public static ulong KeyOf(Entry entry)
    {
        Span<byte> message = stackalloc byte[16];
        entry.MessageId.TryWriteBytes(message);
        return HashOf(message, default);
    }

    /// <summary>Hash of one id, or of two with a separator.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> scratch = stackalloc byte[256];
        var hash = StableHash.Start(scratch).AddUtf8(first);
        return second.Length > 0 ? hash.AddUtf8(second).Finish64() : hash.Finish64();
    }

    /// <summary>The same of texts.</summary>
    public static ulong HashOf(ReadOnlySpan<char> first, ReadOnlySpan<char> second)
    {
        Span<byte> scratch = stackalloc byte[1_024];
        var hash = StableHash.Start(scratch).Add(first);
        return second.Length > 0 ? hash.Add(second).Finish64() : hash.Finish64();
    }

    private static ReadOnlySpan<byte> ReadId(scoped ref Utf8JsonReader reader, string name, scoped ref StorefrontEvent read)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return TextOf(ref reader);
        if (reader.TokenType == JsonTokenType.Number)
            return reader.ValueSpan;
        if (reader.TokenType != JsonTokenType.Null)
            Misread(ref reader, "invalid_" + name, "properties." + name, "must be a text or a number", ref read);
        return default;
    }

    // What is neither text nor number names nobody.
    private static ReadOnlySpan<byte> ReadOtherId(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return TextOf(ref reader);
        if (reader.TokenType == JsonTokenType.Number)
            return reader.ValueSpan;
        reader.Skip();
        return default;
    }

    private static long? ReadAmount(scoped ref Utf8JsonReader reader, string name, string field, scoped ref StorefrontEvent read)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String && Money.TryParse(reader.ValueSpan, out var micros))
            return micros;
        Misread(ref reader, "invalid_" + name, field, "must be a number between -1e12 and 1e12", ref read);
        return null;
    }

    // Shops write what they like here, and an order is no worse for it.
    private static long? ReadDiscount(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String && Money.TryParse(reader.ValueSpan, out var micros))
            return micros;
        reader.Skip();
        return null;
    }

    private static string? ReadCurrency(scoped ref Utf8JsonReader reader, scoped ref StorefrontEvent read)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType == JsonTokenType.String && CurrencyCodes.Find(reader.ValueSpan) is { } code)
            return code;
        Misread(ref reader, "invalid_currency", "properties.currency", "must be three letters", ref read);
        return null;
    }

    /// <summary>A text that many events have, shortened.</summary>
    public static string Shared(ReadOnlySpan<byte> utf8) => utf8.Length <= ProductTextMax ? SharedTexts.Of(utf8) : SharedTexts.Of(Shortened(utf8));

    public static string Shortened(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8.Length > 4 * ProductTextMax ? utf8[..(4 * ProductTextMax)] : utf8);
        if (text.Length <= ProductTextMax)
            return text;
        var length = char.IsHighSurrogate(text[ProductTextMax - 1]) ? ProductTextMax - 1 : ProductTextMax;
        return text[..length];
    }

    private static ReadOnlySpan<byte> TextOf(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        var text = new byte[reader.ValueSpan.Length];
        return text.AsSpan(0, reader.CopyString(text));
    }

    private static void Skip(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static void Misread(scoped ref Utf8JsonReader reader, string code, string field, string detail, scoped ref StorefrontEvent read)
    {
        read.Fault ??= new EventFault(code, field, detail);
        reader.Skip();
    }
}
