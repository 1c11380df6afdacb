using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansCrm.Contracts.Decisions;

namespace OrleansCrm.Server.Decisions;

/// <summary>Reads what a shop asks. A body that leaves everything out asks for the checkout.</summary>
internal sealed class DecisionBody
{
    public const int LimitDefault = 3;
    public const int LimitMax = 20;
    private const int LinesMax = 500;
    private const int SkuLengthMax = 200;
    private const int CouponsMax = 5;
    private const int CodeLengthMax = 100;
    private const decimal AmountMax = 1e9m;

    private static readonly DecisionQuestion OfNothing = new(Placements.Checkout, "", -1, [], LimitDefault, []);

    private string _fault = "";

    public DecisionQuestion Question { get; private set; } = OfNothing;

    /// <summary>Event objects as they came.</summary>
    public List<ReadOnlyMemory<byte>> Events { get; } = [];

    /// <summary>Codes that the customer has entered.</summary>
    public List<string> Coupons { get; } = [];

    /// <param name="fault">What is wrong, for the sender; empty when nothing is.</param>
    public static DecisionBody Read(JsonElement json, int eventsMax, out string fault)
    {
        var body = new DecisionBody();
        if (json.ValueKind != JsonValueKind.Object)
            body._fault = "The body is a JSON object.";
        else
            body.ReadMembers(json, eventsMax);
        fault = body._fault;
        return body;
    }

    private void ReadMembers(JsonElement json, int eventsMax)
    {
        var placement = json.TryGetProperty("placement", out var place) && place.ValueKind != JsonValueKind.Null
            ? place.ValueKind == JsonValueKind.String ? Array.Find(Placements.All, place.ValueEquals) ?? PlacementOf(place.GetString()!) : null
            : Placements.Checkout;
        if (placement is null)
            Fault($"\"placement\" is one of {string.Join(", ", Placements.All)}.");
        var limit = LimitDefault;
        if (json.TryGetProperty("limit", out var wanted) && wanted.ValueKind != JsonValueKind.Null
            && !(wanted.ValueKind == JsonValueKind.Number && wanted.TryGetInt32(out limit) && limit is >= 1 and <= LimitMax))
            Fault($"\"limit\" is a whole number from 1 to {LimitMax}.");
        var (currency, total, lines) = json.TryGetProperty("cart", out var cart) && cart.ValueKind != JsonValueKind.Null ? ReadCart(cart) : ("", -1, []);
        Question = new DecisionQuestion(placement ?? "", currency, total, lines, limit, []);
        if (json.TryGetProperty("coupons", out var coupons) && coupons.ValueKind != JsonValueKind.Null)
            ReadCoupons(coupons);
        if (json.TryGetProperty("events", out var events) && events.ValueKind != JsonValueKind.Null)
            ReadEvents(events, eventsMax);
    }

    private (string Currency, long TotalMicros, CartLine[] Lines) ReadCart(JsonElement cart)
    {
        if (cart.ValueKind != JsonValueKind.Object)
        {
            Fault("\"cart\" is an object.");
            return ("", -1, []);
        }

        var currency = "";
        if (cart.TryGetProperty("currency", out var code) && code.ValueKind != JsonValueKind.Null)
        {
            currency = code.ValueKind == JsonValueKind.String ? code.GetString()!.ToUpperInvariant() : "";
            if (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper))
                Fault("\"cart.currency\" is three letters.");
        }

        var lines = cart.TryGetProperty("items", out var items) && items.ValueKind != JsonValueKind.Null ? ReadLines(items) : [];
        var total = AmountOf(cart, "total", "cart.total", -1);
        return (currency, total < 0 ? TotalOf(lines) : total, lines);
    }

    private long TotalOf(CartLine[] lines)
    {
        var total = Int128.Zero;
        foreach (var line in lines)
            total += ((Int128)line.PriceMicros * line.QuantityMicros + 500_000) / 1_000_000;
        if (total <= (Int128)(AmountMax * 1_000_000m))
            return (long)total;
        Fault($"\"cart.items\" cost at most {AmountMax:0} together.");
        return -1;
    }

    /// <summary>Words are joined by either sign.</summary>
    private static string? PlacementOf(string said) => Array.Find(Placements.All, said.Replace('-', '_').Equals);

    private CartLine[] ReadLines(JsonElement items)
    {
        if (items.ValueKind != JsonValueKind.Array || items.GetArrayLength() > LinesMax)
        {
            Fault($"\"cart.items\" is a list of at most {LinesMax} objects.");
            return [];
        }

        var lines = new CartLine[items.GetArrayLength()];
        for (var i = 0; i < lines.Length; i++)
        {
            var item = items[i];
            var sku = item.ValueKind == JsonValueKind.Object ? TextOf(item, "sku") ?? TextOf(item, "product_id") : null;
            if (sku is not { Length: >= 1 and <= SkuLengthMax })
            {
                Fault($"\"cart.items[{i}].sku\" has 1 to {SkuLengthMax} characters.");
                return [];
            }

            lines[i] = new CartLine(
                sku,
                TextOf(item, "category") is { Length: <= SkuLengthMax } category ? category : "",
                AmountOf(item, "quantity", $"cart.items[{i}].quantity", 1_000_000),
                AmountOf(item, "price", $"cart.items[{i}].price", 0));
        }

        return lines;
    }

    private void ReadCoupons(JsonElement coupons)
    {
        if (coupons.ValueKind == JsonValueKind.Array && coupons.GetArrayLength() <= CouponsMax)
        {
            foreach (var code in coupons.EnumerateArray())
            {
                if (code.ValueKind == JsonValueKind.String && code.GetString() is { Length: >= 1 and <= CodeLengthMax } text)
                {
                    if (!Coupons.Contains(text))
                        Coupons.Add(text);
                    continue;
                }

                Fault($"A coupon's code has 1 to {CodeLengthMax} characters.");
            }

            return;
        }

        Fault($"\"coupons\" is a list of at most {CouponsMax} texts.");
    }

    private void ReadEvents(JsonElement events, int eventsMax)
    {
        if (events.ValueKind != JsonValueKind.Array || events.GetArrayLength() > eventsMax)
        {
            Fault($"\"events\" is a list of at most {eventsMax} event objects.");
            return;
        }

        foreach (var item in events.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                Fault("An event is an object.");
            Events.Add(JsonMarshal.GetRawUtf8Value(item).ToArray());
        }
    }

    private long AmountOf(JsonElement json, string name, string path, long otherwise)
    {
        if (!json.TryGetProperty(name, out var amount) || amount.ValueKind == JsonValueKind.Null)
            return otherwise;
        if (amount.ValueKind == JsonValueKind.Number && amount.TryGetDecimal(out var value) && value is >= 0 and <= AmountMax)
            return (long)decimal.Round(value * 1_000_000m);
        Fault($"\"{path}\" is a number from 0 to {AmountMax:0}.");
        return otherwise;
    }

    private static string? TextOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private void Fault(string fault)
    {
        if (_fault.Length == 0)
            _fault = fault;
    }
}
