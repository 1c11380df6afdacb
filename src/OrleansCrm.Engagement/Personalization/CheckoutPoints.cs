using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What points mean at a checkout: how many can pay for the cart, what it earns, and what is missing to the next tier.</summary>
/// <param name="RedeemableMax">The most that can be spent on the cart, or on anything where there is none; 0 when it is less than the program's least.</param>
/// <param name="ValueMicros">What they buy, in millionths of <paramref name="Currency"/>.</param>
/// <param name="Currency">The cart's, else the program's.</param>
/// <param name="Earned">What an order of this cart, placed now, would earn.</param>
/// <param name="ToSpendMicros">What is to be spent until the next tier, rounded up to the hundredth; below 0 where nothing that is bought earns.</param>
internal readonly record struct CheckoutPoints(
    long RedeemableMax, long ValueMicros, string Currency, long Earned, string Tier, TierLevel? Next, long TierPoints, long ToSpendMicros, bool ReachesNext)
{
    private const long Cent = 10_000;

    public static CheckoutPoints Of(CustomerState state, ProgramDocument program, DecisionQuestion question, long nowMs)
    {
        var currency = question.Currency.Length > 0 ? question.Currency : program.Currency;
        var (levels, standing) = (program.Loyalty.Tiers.Levels, state.Loyalty?.Outlook.Tier ?? default);
        var next = standing.Level < levels.Count ? levels[standing.Level] : null;
        var multiplier = standing.Level > 0 && standing.Level <= levels.Count ? levels[standing.Level - 1].MultiplierMicros : 1_000_000;
        var order = OrderOf(program, question, currency, nowMs);
        var (redeemable, value) = RedeemableOf(state, program, question, currency);
        return new CheckoutPoints(
            redeemable,
            value,
            currency,
            order?.PointsAt(multiplier) ?? 0,
            program.Loyalty.Tiers.NameOf(standing.Level),
            next,
            standing.Points,
            next is null ? 0 : ToSpend(program, currency, next.From - standing.Points, nowMs),
            next is not null && standing.Points + (order?.Points ?? 0) >= next.From);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("redemption");
        json.WriteNumber("maxPoints", RedeemableMax);
        Rendering.WriteMoney(json, "value", ValueMicros, Currency);
        json.WriteEndObject();
        json.WriteNumber("tentativePoints", Earned);
        json.WriteStartObject("tier");
        json.WriteString("name", Tier);
        json.WriteString("next", Next?.Name);
        json.WriteNumber("points", TierPoints);
        json.WriteNumber("needed", Next is null ? 0 : Math.Max(0, Next.From - TierPoints));
        if (Next is null || ToSpendMicros < 0)
            json.WriteNull("toSpend");
        else
            Rendering.WriteMoney(json, "toSpend", ToSpendMicros, Currency);
        json.WriteBoolean("reachedByCart", ReachesNext);
        json.WriteEndObject();
    }

    /// <summary>The order that this cart would be; null without one.</summary>
    private static Order? OrderOf(ProgramDocument program, DecisionQuestion question, string currency, long nowMs)
    {
        if (!question.HasCart)
            return null;
        var earning = OrderPoints.EarningOf(program, question.Lines, currency, nowMs);
        return new Order { IsPlaced = true, ValueMicros = question.TotalMicros, EarnRateMicros = earning.RateMicros, EarnLines = earning.Lines };
    }

    private static (long Points, long ValueMicros) RedeemableOf(CustomerState state, ProgramDocument program, DecisionQuestion question, string currency)
    {
        var rules = program.Loyalty.Redemption;
        var rate = RateOf(program, currency);
        if (rules.PointValueMicros == 0 || rate == 0)
            return default;
        var points = Math.Max(0, state.Ledger?[PointsAccount.Available] ?? 0);
        if (question.HasCart)
            points = Math.Min(points, Money.Times(question.TotalMicros, rate) / rules.PointValueMicros);
        return points < rules.PointsMin ? default : (points, Money.TimesOver(Money.TimesOver(points, rules.PointValueMicros, 1), 1_000_000, rate));
    }

    /// <summary>What the cart costs, in millionths of the program's currency.</summary>
    public static long InProgramCurrency(ProgramDocument program, DecisionQuestion question) =>
        question.Currency.Length == 0 ? question.TotalMicros : Money.Times(question.TotalMicros, RateOf(program, question.Currency));

    /// <summary>Whether it is known what the cart costs in the program's currency.</summary>
    public static bool IsValued(ProgramDocument program, DecisionQuestion question) =>
        question.HasCart && (question.Currency.Length == 0 || RateOf(program, question.Currency) > 0);

    /// <summary>An amount of the program's currency in the cart's, where it has one with a rate.</summary>
    public static (long Micros, string Currency) InCartCurrency(ProgramDocument program, DecisionQuestion question, long micros) =>
        question.Currency.Length > 0 && RateOf(program, question.Currency) is > 0 and var rate
            ? (Money.TimesOver(micros, 1_000_000, rate), question.Currency)
            : (micros, program.Currency);

    /// <summary>An amount of an order in the program's currency; null where there is no rate for it.</summary>
    public static long? InProgramCurrency(ProgramDocument program, string currency, long micros) =>
        RateOf(program, currency) is > 0 and var rate ? Money.Times(micros, rate) : null;

    /// <summary>A shop without fixed rates means its own currency, whichever it sells in; once it fixes some, a currency without a rate buys nothing.</summary>
    private static long RateOf(ProgramDocument program, string currency) => program.Rates.Count == 0 ? 1_000_000 : program.RateMicros(currency);

    private static long ToSpend(ProgramDocument program, string currency, long points, long nowMs)
    {
        var rate = OrderPoints.EarningOf(program, [], currency, nowMs).RateMicros;
        if (rate <= 0)
            return -1;
        var micros = points <= 0 ? 0 : Money.TimesOver(points, 1_000_000_000_000, rate);
        return (micros + Cent - 1) / Cent * Cent;
    }
}
