using System.Globalization;
using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Points for orders: granted for what is paid, taken back for what is not.</summary>
internal static class OrderPoints
{
    /// <summary>What an order that comes now earns, by the program that is in force now.</summary>
    public static OrderEarning EarningOf(CustomerState state, in StorefrontEvent read, in FoldStep step, string currency)
    {
        var rules = step.Program.Loyalty;
        var campaign = rules.Campaigns.Count == 0 ? 1_000_000 : rules.CampaignMicros(step.Entry.TimeMs);
        return new OrderEarning(
            RateOf(step.Program, currency, rules.PointsPerUnitMicros, campaign),
            state.Loyalty?.NumberOf(rules) ?? 0,
            rules.Earn.Count == 0 || read.Products is null ? null : LinesOf(read.Products, step, currency, campaign));
    }

    /// <summary>What an order of these products would earn that came now.</summary>
    public static OrderEarning EarningOf(ProgramDocument program, CartLine[] products, string currency, long timeMs)
    {
        var rules = program.Loyalty;
        var campaign = rules.Campaigns.Count == 0 ? 1_000_000 : rules.CampaignMicros(timeMs);
        List<EarnLine>? lines = null;
        foreach (var product in rules.Earn.Count == 0 ? [] : products)
        {
            var key = EarnRule.KeyOf(product.Sku);
            if (RuleFor(rules, key, product.Category.Length == 0 ? 0 : EarnRule.KeyOf(product.Category)) is { } rule)
                Join(ref lines, new EarnLine(
                    key, Money.Times(product.PriceMicros, product.QuantityMicros), RateOf(program, currency, rule.PointsPerUnitMicros, campaign)));
        }

        return new OrderEarning(RateOf(program, currency, rules.PointsPerUnitMicros, campaign), 0, lines?.ToArray());
    }

    /// <summary>Books the difference between what an order was worth in points and what it is worth now.</summary>
    public static void Book(CustomerState state, Order order, long before, ref FoldStep step)
    {
        // An account is settled as a whole.
        var change = state.Loyalty is null ? order.Points - before : 0;
        if (change == 0)
            return;
        step.Post(state, change > 0
            ? new LedgerLine(step.Entry.Offset, step.Entry.TimeMs, PointsAccount.Issued, PointsAccount.Available, change, PointsReason.Earned, order.Key)
            : new LedgerLine(step.Entry.Offset, step.Entry.TimeMs, PointsAccount.Available, PointsAccount.Issued, -change, PointsReason.Reversed, order.Key));
        step.Note(change.ToString("+0;-0", CultureInfo.InvariantCulture) + " points");
    }

    /// <summary>
    /// Points per unit of <paramref name="currency"/> in millionths. A shop that has fixed no rates means a point per whole unit of
    /// whatever it sells in; once it has fixed some, a currency without a rate earns nothing.
    /// </summary>
    private static long RateOf(ProgramDocument program, string currency, long pointsPerUnitMicros, long campaignMicros)
    {
        var rate = program.Rates.Count == 0 ? pointsPerUnitMicros : Money.Times(pointsPerUnitMicros, program.RateMicros(currency));
        return campaignMicros == 1_000_000 ? rate : Money.Times(rate, campaignMicros);
    }

    /// <summary>The lines that some rule names, those of one product and rate joined; null for none.</summary>
    private static EarnLine[]? LinesOf(List<ProductLine> products, in FoldStep step, string currency, long campaignMicros)
    {
        List<EarnLine>? lines = null;
        var categories = CategoriesOf(step.Entry.Payload, products.Count);
        for (var i = 0; i < products.Count; i++)
        {
            var product = products[i];
            if (product.PriceMicros is not { } price || RuleFor(step.Program.Loyalty, product.Key, categories[i]) is not { } rule)
                continue;
            var line = new EarnLine(
                product.Key, Money.Times(price, product.QuantityMicros), RateOf(step.Program, currency, rule.PointsPerUnitMicros, campaignMicros));
            Join(ref lines, line);
        }

        return lines?.ToArray();
    }

    private static void Join(ref List<EarnLine>? lines, EarnLine line)
    {
        var place = lines?.FindIndex(l => l.Key == line.Key && l.RateMicros == line.RateMicros) ?? -1;
        if (place >= 0)
            lines![place] = line with { ValueMicros = Money.Add(lines[place].ValueMicros, line.ValueMicros) };
        else if (line.ValueMicros > 0 && (lines ??= []).Count < Bounds.OrderLinesMax)
            lines.Add(line);
    }

    private static EarnRule? RuleFor(LoyaltyRules rules, ulong product, ulong category)
    {
        foreach (var rule in rules.Earn)
        {
            if ((product != 0 && Array.BinarySearch(rule.ProductKeys, product) >= 0)
                || (category != 0 && Array.BinarySearch(rule.CategoryKeys, category) >= 0))
                return rule;
        }

        return null;
    }

    /// <summary>By product line; read a second time, so that only shops with such rules pay for it.</summary>
    private static ulong[] CategoriesOf(byte[] payload, int count)
    {
        var categories = new ulong[count];
        using var parsed = JsonDocument.Parse(payload);
        var i = 0;
        foreach (var line in parsed.RootElement.GetProperty("properties").GetProperty("products").EnumerateArray())
        {
            if (line.ValueKind != JsonValueKind.Object || i == count)
                continue;
            categories[i++] = line.TryGetProperty("category", out var category) && category.ValueKind == JsonValueKind.String
                ? EarnRule.KeyOf(category.GetString()!)
                : 0;
        }

        return categories;
    }
}

/// <param name="RateMicros">Points per unit of the order's currency in millionths; 0 for none.</param>
/// <param name="Terms">See <see cref="LoyaltyAccount.TermsOf"/>.</param>
/// <param name="Lines">What earns at other rates; null for nothing.</param>
internal readonly record struct OrderEarning(long RateMicros, byte Terms, EarnLine[]? Lines);

/// <summary>What of an order earns at a rate of its own.</summary>
internal readonly record struct EarnLine(ulong Key, long ValueMicros, long RateMicros);
