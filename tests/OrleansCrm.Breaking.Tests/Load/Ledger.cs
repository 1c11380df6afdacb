using System.Globalization;

namespace OrleansCrm.Breaking.Tests.Load;

/// <summary>
/// Makes up what customers do and keeps the books of it: what the engine has to say once every batch has been acknowledged, in whatever
/// order and however often the batches came.
/// </summary>
internal sealed class Ledger
{
    /// <summary>So many failed payments can be answered with the offer of <see cref="Program"/>; there are more.</summary>
    public const int OffersTotal = 40;

    /// <summary>What the shop has published, where there are offers.</summary>
    public static readonly string Program = Text(
        $$$"""
        {"offers":[{"id":"rescue","kind":"percent","value":10,"title":"10% if you pay","budget":{"times":{{{OffersTotal}}} },"coupon":{"prefix":"RESCUE"}}],
         "triggers":{"policies":[
           {"id":"pay-again","on":"payment_failed","offers":["rescue"],"frequency":{"times":0},"consent":{"purpose":"service","channel":"shop"}}],
           "frequency":{"times":0} } }
        """);

    private const int Customers = 150;
    private const int Shoppers = 60;
    private const double Shopping = 0.1;
    private const int EventsPerBatchMax = 8;

    /// <summary>The engine remembers a thousand orders of a customer; here nobody comes near.</summary>
    private const int OrdersMax = 500;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, CustomerBook> _books = new(StringComparer.Ordinal);
    private readonly List<string> _quiet = [];
    private int _number;

    public Batch NewBatch(Random random)
    {
        lock (_lock)
            return Bundle([.. Enumerable.Range(0, 1 + random.Next(EventsPerBatchMax)).Select(_ => NewEvent(random))]);
    }

    /// <summary>Ten weekly orders of a new customer and eight weeks of silence: at risk, not lost, so that an alert has to be raised.</summary>
    public Batch NewQuietCustomer()
    {
        lock (_lock)
        {
            var customer = Text($"quiet{_quiet.Count}");
            _quiet.Add(customer);
            var last = DateTimeOffset.UtcNow.AddDays(-57);
            return Bundle([.. Enumerable.Range(0, 10).Select(i => NewOrder(customer, 50, last.AddDays(-7 * (9 - i))))]);
        }
    }

    /// <summary>Views that say more than anybody wants to know: they fill a disk quickly.</summary>
    public Batch NewHeavyBatch()
    {
        lock (_lock)
        {
            var text = new string('x', 30_000);
            return Bundle([.. Enumerable.Range(0, 20).Select(i => Event(Text($"heavy{i % 4}"), "Product Viewed", Text($"\"product_id\":\"p1\",\"note\":\"{text}\"")))]);
        }
    }

    /// <summary>What each customer should look like.</summary>
    public KeyValuePair<string, CustomerBook>[] Books()
    {
        lock (_lock)
            return [.. _books];
    }

    /// <summary>Customers of whom each should have one open alert.</summary>
    public string[] Quiet()
    {
        lock (_lock)
            return [.. _quiet];
    }

    private string NewEvent(Random random)
    {
        if (random.NextDouble() < Shopping)
            return NewShopping(random);
        var customer = Text($"c{random.Next(Customers)}");
        var book = BookOf(customer);
        var known = book.RecentOrder(random);
        switch (random.Next(20))
        {
            case < 9 when book.OrdersKnown < OrdersMax:
                return NewOrder(customer, 1 + random.Next(20_000) / 100m, null);
            case < 11 when known is not null:
                // Another source tells of it too, under a message id of its own.
                return Completed(customer, known, book.Order(known).Value, null);
            case < 14 when known is not null:
                return Refunded(customer, known, random);
            case < 15 when known is not null:
                book.Order(known).IsCancelled = true;
                return Event(customer, "Order Cancelled", Text($"\"order_id\":\"{known}\""));
            default:
                return Event(customer, "Product Viewed", "\"product_id\":\"p1\"");
        }
    }

    /// <summary>Of customers who cancel nothing: whatever they were offered is held or spent for ever.</summary>
    private string NewShopping(Random random)
    {
        var customer = Text($"shopper{random.Next(Shoppers)}");
        if (random.Next(4) == 0 && BookOf(customer).OrdersKnown < OrdersMax)
            return NewOrder(customer, 1 + random.Next(20_000) / 100m, null);
        BookOf(customer).Failures++;
        return Event(customer, "Payment Failed", "");
    }

    private string NewOrder(string customer, decimal value, DateTimeOffset? at)
    {
        var order = Text($"o{++_number}");
        BookOf(customer).Place(order, value);
        return Completed(customer, order, value, at);
    }

    private string Completed(string customer, string order, decimal value, DateTimeOffset? at) =>
        Event(customer, "Order Completed", Text($"\"order_id\":\"{order}\",\"revenue\":{value},\"currency\":\"EUR\""), at);

    private string Refunded(string customer, string known, Random random)
    {
        var order = BookOf(customer).Order(known);
        var refund = Text($"{known}-{random.Next(3)}");
        if (!order.Refunds.TryGetValue(refund, out var amount))
            order.Refunds.Add(refund, amount = 1 + random.Next(5_000) / 100m);
        return Event(customer, "Order Refunded", Text($"\"order_id\":\"{known}\",\"refund_id\":\"{refund}\",\"amount\":{amount},\"currency\":\"EUR\""));
    }

    private string Event(string customer, string name, string properties, DateTimeOffset? at = null)
    {
        BookOf(customer).Events++;
        var time = at is null ? "" : $"\"timestamp\":\"{at.Value.ToString("O", CultureInfo.InvariantCulture)}\",";
        return Text($"{{\"type\":\"track\",\"event\":\"{name}\",\"userId\":\"{customer}\",\"messageId\":\"m{++_number}\",{time}\"properties\":{{{properties}}}}}");
    }

    private CustomerBook BookOf(string customer)
    {
        if (!_books.TryGetValue(customer, out var book))
            _books.Add(customer, book = new CustomerBook());
        return book;
    }

    private static Batch Bundle(string[] events) => new($"{{\"batch\":[{string.Join(',', events)}]}}", events.Length);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
