using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>
/// When a field crosses a bound with time alone. Risk and days rise, the probability of being alive and the expected revenue fall, phase,
/// tier and balance have instants of their own; nothing else moves.
/// </summary>
internal static class FieldInstants
{
    private const long FarMs = 36_525 * UtcDay.Ms;
    private const int CorrectionsMax = 4;

    public static long NextChangeMs(
        CustomerField field, ReadOnlySpan<NumberRange> ranges, CustomerState state, ProgramDocument program, long nowMs)
    {
        switch (field)
        {
            case CustomerField.Phase:
                return OrNever(FieldValue.StandingAt(state, program, nowMs).NextMs, nowMs);
            case CustomerField.Tier or CustomerField.Balance:
                return OrNever(state.Loyalty?.Outlook.NextMs ?? 0, nowMs);
            case CustomerField.Risk or CustomerField.ProbabilityAlive or CustomerField.Clv or CustomerField.DaysSinceOrder or CustomerField.DaysSinceFirstSeen:
                break;
            default:
                return long.MaxValue;
        }

        if (!FieldValue.TryGetNumber(field, state, program, nowMs, out var number))
            return long.MaxValue;
        var earliest = long.MaxValue;
        foreach (var range in ranges)
        {
            earliest = Math.Min(earliest, Crossing(field, range.From, number, state, program, nowMs));
            earliest = Math.Min(earliest, Crossing(field, range.Below, number, state, program, nowMs));
        }

        return earliest;
    }

    private static long Crossing(CustomerField field, double bound, double number, CustomerState state, ProgramDocument program, long nowMs)
    {
        var rises = field is not (CustomerField.ProbabilityAlive or CustomerField.Clv);
        if (double.IsInfinity(bound) || number >= bound == rises)
            return long.MaxValue;
        var instant = field switch
        {
            CustomerField.DaysSinceOrder => AfterDays(state.Purchases.LastMs, bound),
            CustomerField.DaysSinceFirstSeen => AfterDays(state.FirstSeenMs, bound),
            CustomerField.Risk => ChurnInstants.WhenRisk(state.Purchases, program.ChurnOf(state), bound),
            CustomerField.ProbabilityAlive => WhenAlive(state.Purchases, program.ChurnOf(state), bound),
            _ => Search(field, bound, state, program, nowMs),
        };
        return OrNever(instant, nowMs);
    }

    private static long AfterDays(long fromMs, double days) =>
        days > 36_525 ? 0 : UtcDay.CeilingSecond(fromMs + (long)Math.Ceiling(days) * UtcDay.Ms);

    /// <summary>The first whole second at which the probability lies below the bound; 0 for never.</summary>
    private static long WhenAlive(in PurchaseScan purchases, ChurnRules rules, double bound)
    {
        if (bound <= 0)
            return 0;
        var crossing = bound > 1 ? Churn.Crossing.Now : rules.Model.WhenAlive(purchases.History, bound);
        var silenceMs = crossing.Kind == CrossingKind.Never ? double.MaxValue : crossing.Silence.ToMilliseconds();
        if (silenceMs > FarMs)
            return 0;
        var instant = UtcDay.CeilingSecond(purchases.LastMs + (long)Math.Floor(silenceMs));
        for (var i = 0; i < CorrectionsMax && AliveAt(purchases, rules, instant) >= bound; i++)
            instant += 1_000;
        return AliveAt(purchases, rules, instant) < bound ? instant : 0;
    }

    private static double AliveAt(in PurchaseScan purchases, ChurnRules rules, long timeMs) =>
        rules.Model.ProbabilityAlive(purchases.History, ChurnInstants.SilenceAt(purchases, timeMs));

    /// <summary>Halves the time ahead until the first whole second is found at which the falling field lies below the bound.</summary>
    private static long Search(CustomerField field, double bound, CustomerState state, ProgramDocument program, long nowMs)
    {
        var (before, after) = (UtcDay.FloorSecond(nowMs), UtcDay.FloorSecond(nowMs) + FarMs);
        if (!FieldValue.TryGetNumber(field, state, program, after, out var last) || last >= bound)
            return 0;
        while (after - before > 1_000)
        {
            var middle = UtcDay.FloorSecond(before + (after - before) / 2);
            FieldValue.TryGetNumber(field, state, program, middle, out var number);
            (before, after) = number >= bound ? (middle, after) : (before, middle);
        }

        return after;
    }

    private static long OrNever(long instantMs, long nowMs) => instantMs > nowMs ? instantMs : long.MaxValue;
}
