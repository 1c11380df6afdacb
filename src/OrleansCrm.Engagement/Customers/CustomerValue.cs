using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What a customer has been worth, in one currency: the program's, with other currencies at their fixed rates; where no amount has a
/// rate, the customer's own first currency.
/// </summary>
internal readonly record struct CustomerValue(string Currency, long RevenueMicros, long AverageOrderMicros)
{
    public static CustomerValue Of(CustomerState state, ProgramDocument program)
    {
        long revenue = 0;
        var hasRate = false;
        if (state.Revenue is null)
            return new CustomerValue(program.Currency, 0, 0);
        CurrencyTotal? own = null;
        foreach (var total in state.Revenue)
        {
            // What came to nothing says nothing of the customer, and may be there by the order of events alone.
            if (total.Micros == 0)
                continue;
            own ??= total;
            var rate = program.RateMicros(total.Currency);
            hasRate |= rate > 0;
            revenue = Money.Add(revenue, Money.Times(total.Micros, rate));
        }

        var currency = program.Currency;
        if (!hasRate && own is { } first)
            (currency, revenue) = (first.Currency, first.Micros);
        return new CustomerValue(currency, revenue, state.OrderCount > 0 ? revenue / state.OrderCount : 0);
    }

    /// <summary>
    /// Revenue expected within <paramref name="ahead"/> from <paramref name="timeMs"/> on: expected orders times what one will be worth, not
    /// discounted, rounded to the hundredth; never below zero.
    /// </summary>
    public long ExpectedMicros(CustomerState state, ProgramDocument program, long timeMs, Weeks ahead) =>
        Rendering.ToCents(OrderMicros(state, program) * ExpectedOrders(state, program, timeMs, ahead));

    /// <summary>What the next order will be worth: the average one, drawn towards everybody's where the program has a model of spending.</summary>
    private double OrderMicros(CustomerState state, ProgramDocument program)
    {
        var own = Math.Max(0, AverageOrderMicros);
        return program.ChurnOf(state).Spend is { } spend && own > 0 && string.Equals(Currency, program.Currency, StringComparison.Ordinal)
            ? 1e6 * spend.ExpectedValue((int)Math.Min(state.OrderCount, int.MaxValue), own / 1e6)
            : own;
    }

    public static double ExpectedOrders(CustomerState state, ProgramDocument program, long timeMs, Weeks ahead) =>
        state.Purchases.Purchases == 0
            ? 0
            : program.ChurnOf(state).Model.ExpectedOrders(state.Purchases.History, ChurnInstants.SilenceAt(state.Purchases, timeMs), ahead);
}
