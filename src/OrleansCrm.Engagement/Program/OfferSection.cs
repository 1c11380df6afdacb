using System.Text.Json;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Reserves;

namespace OrleansCrm.Engagement.Program;

/// <summary>The program's <c>offers</c> and <c>learning</c> in JSON, both ways.</summary>
internal static class OfferSection
{
    public const int OffersMax = 200;
    private const int ProductsMax = 500;
    private const int CodesMax = 500;
    private const int PrefixMax = 20;
    private const string Word = "1 to 64 of a-z, 0-9, dot, hyphen and underscore";

    /// <param name="conditions">Knows the names of the segments.</param>
    public static Offer[] Read(ProgramSection root, ConditionReader conditions)
    {
        var offers = new List<Offer>();
        foreach (var item in root.List("offers", OffersMax) ?? [])
        {
            var offer = ReadOffer(item, conditions);
            if (offer.Id.Length == 0 || offers.Exists(o => o.Id == offer.Id))
                item.Fault("id", "must be there, and no other offer's");
            if (offer.Title.Length == 0)
                item.Fault("title", "must be there");
            if (offer.UntilMs != 0 && offer.UntilMs <= offer.FromMs)
                item.Fault("until", "must come after from");
            if (offer.Coupon?.Codes.FirstOrDefault(code => offers.Exists(o => o.Coupon?.Has(code) == true)) is { } taken)
                item.Fault("coupon.codes", $"must not have {taken}, which another offer has");
            item.RefuseOthers();
            offers.Add(offer);
        }

        return [.. offers];
    }

    public static LearningRules ReadLearning(ProgramSection section)
    {
        var standard = new LearningRules();
        var rules = new LearningRules
        {
            AttributionDays = (int)section.Integer("attributionDays", standard.AttributionDays, 1, 90),
            HalfLifeDays = (int)section.Integer("halfLifeDays", standard.HalfLifeDays, 1, 365),
        };
        section.RefuseOthers();
        return rules;
    }

    public static void Write(Utf8JsonWriter json, ProgramDocument document)
    {
        json.WriteStartArray("offers");
        foreach (var offer in document.Offers)
            Write(json, offer);
        json.WriteEndArray();
        json.WriteStartObject("learning");
        json.WriteNumber("attributionDays", document.Learning.AttributionDays);
        json.WriteNumber("halfLifeDays", document.Learning.HalfLifeDays);
        json.WriteEndObject();
    }

    private static Offer ReadOffer(ProgramSection item, ConditionReader conditions)
    {
        var (cart, consent, frequency) = (item.Section("cart"), item.Section("consent"), item.Section("frequency"));
        var (budget, coupon) = (item.Section("budget"), item.Has("coupon") ? item.Section("coupon") : null);
        var offer = new Offer
        {
            Id = item.Text("id", "", IsWord, Word),
            Kind = item.Text("kind", "message", IsWord, Word),
            Title = item.Text("title", "", t => t.Length is >= 1 and <= 200, "a text of 1 to 200 characters"),
            ValueMicros = item.Micros("value", 0, 0m, 1e9m),
            WeightMicros = item.Micros("weight", 1_000_000, 0.001m, 1_000m),
            Placements = ReadTexts(item, "placements", Contracts.Decisions.Placements.All.Length, Contracts.Decisions.Placements.All.Contains, "one of " + string.Join(", ", Contracts.Decisions.Placements.All)),
            FromMs = ProgramTime.Instant(item, "from"),
            UntilMs = ProgramTime.Instant(item, "until"),
            When = item.Has("when") ? conditions.Read(item, "when") : null,
            Cart = new CartRule(
                cart.Micros("from", 0, 0m, 1e9m),
                cart.Micros("until", 0, 0m, 1e9m),
                ReadTexts(cart, "products", ProductsMax, t => t.Length is >= 1 and <= 200, "a text of 1 to 200 characters")),
            ControlShareMicros = item.Micros("controlShare", 0, 0m, 0.9m),
            Purpose = consent.Text("purpose", "", ConsentChange.IsWord, Word),
            Channel = consent.Text("channel", "", ConsentChange.IsWord, Word),
            PerCustomer = (int)item.Integer("perCustomer", 0, 0, 1_000),
            Frequency = new FrequencyRule((int)frequency.Integer("times", 0, 0, Bounds.ExposuresMax), (int)frequency.Integer("days", 7, 1, 365)),
            ExclusionGroup = item.Text("exclusionGroup", "", IsWord, Word),
            IsStackable = item.Flag("stackable", true),
            Budget = new BudgetRule(budget.Integer("times", 0, 0, 1_000_000_000), budget.Micros("amount", 0, 0m, 1e9m)),
            Coupon = coupon is null ? null : ReadCoupon(coupon, item),
            HoldSeconds = (int)item.Integer("holdSeconds", 900, 10, 86_400),
        };
        if (offer.Budget is { Times: > 0, AmountMicros: > 0 })
            budget.Fault("", "must have times or amount, not both");
        budget.RefuseOthers();
        if ((offer.Purpose.Length == 0) != (offer.Channel.Length == 0))
            consent.Fault("", "must have purpose and channel both or neither");
        cart.RefuseOthers();
        consent.RefuseOthers();
        frequency.RefuseOthers();
        return offer;
    }

    private static CouponRule ReadCoupon(ProgramSection coupon, ProgramSection item)
    {
        const string Code = "4 to 40 letters, digits and hyphens";
        var prefix = coupon.Text("prefix", "", t => ReserveKeys.CodeOf(t).Length is > 0 and <= PrefixMax, "4 to 20 letters, digits and hyphens");
        var codes = ReadTexts(coupon, "codes", CodesMax, t => ReserveKeys.CodeOf(t).Length > 0, Code).Select(ReserveKeys.CodeOf).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToArray();
        coupon.RefuseOthers();
        return new CouponRule(codes, prefix.Length > 0 ? ReserveKeys.CodeOf(prefix) : DefaultPrefix(item));
    }

    private static string DefaultPrefix(ProgramSection item)
    {
        var letters = item.Text("id", "", IsWord, Word).Where(char.IsAsciiLetterOrDigit).Take(PrefixMax).ToArray();
        return new string(letters).ToUpperInvariant().PadRight(ReserveKeys.CodeLengthMin, '0');
    }

    private static void Write(Utf8JsonWriter json, Offer offer)
    {
        json.WriteStartObject();
        json.WriteString("id", offer.Id);
        json.WriteString("kind", offer.Kind);
        json.WriteString("title", offer.Title);
        ProgramWriter.WriteMicros(json, "value", offer.ValueMicros);
        ProgramWriter.WriteMicros(json, "weight", offer.WeightMicros);
        ProgramWriter.WriteTexts(json, "placements", offer.Placements);
        if (offer.FromMs != 0)
            json.WriteString("from", ProgramTime.Text(offer.FromMs, ProgramTime.InstantForm));
        if (offer.UntilMs != 0)
            json.WriteString("until", ProgramTime.Text(offer.UntilMs, ProgramTime.InstantForm));
        if (offer.When is { } when)
            ConditionWriter.Write(json, "when", when);
        json.WriteStartObject("cart");
        ProgramWriter.WriteMicros(json, "from", offer.Cart.FromMicros);
        ProgramWriter.WriteMicros(json, "until", offer.Cart.UntilMicros);
        ProgramWriter.WriteTexts(json, "products", offer.Cart.Products ?? []);
        json.WriteEndObject();
        ProgramWriter.WriteMicros(json, "controlShare", offer.ControlShareMicros);
        if (offer.Purpose.Length > 0)
        {
            json.WriteStartObject("consent");
            json.WriteString("purpose", offer.Purpose);
            json.WriteString("channel", offer.Channel);
            json.WriteEndObject();
        }

        json.WriteNumber("perCustomer", offer.PerCustomer);
        json.WriteStartObject("frequency");
        json.WriteNumber("times", offer.Frequency.Times);
        json.WriteNumber("days", offer.Frequency.Days);
        json.WriteEndObject();
        if (offer.ExclusionGroup.Length > 0)
            json.WriteString("exclusionGroup", offer.ExclusionGroup);
        json.WriteBoolean("stackable", offer.IsStackable);
        if (offer.Budget.IsLimited)
        {
            json.WriteStartObject("budget");
            if (offer.Budget.Times > 0)
                json.WriteNumber("times", offer.Budget.Times);
            else
                ProgramWriter.WriteMicros(json, "amount", offer.Budget.AmountMicros);
            json.WriteEndObject();
        }

        if (offer.Coupon is { } coupon)
        {
            json.WriteStartObject("coupon");
            ProgramWriter.WriteTexts(json, "codes", coupon.Codes);
            json.WriteString("prefix", coupon.Prefix);
            json.WriteEndObject();
        }

        if (offer.Budget.IsLimited || offer.Coupon is not null)
            json.WriteNumber("holdSeconds", offer.HoldSeconds);
        json.WriteEndObject();
    }

    private static string[] ReadTexts(ProgramSection section, string name, int max, Func<string, bool> isValid, string expected)
    {
        var texts = new List<string>();
        foreach (var entry in section.List(name, max) ?? [])
        {
            if (entry.PlainText is { } text && isValid(text))
                texts.Add(text);
            else
                entry.Fault("", "must be " + expected);
        }

        return [.. texts];
    }

    private static bool IsWord(string text) =>
        text.Length is >= 1 and <= 64 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');
}
