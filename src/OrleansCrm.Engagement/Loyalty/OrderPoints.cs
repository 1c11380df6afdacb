using System.Globalization;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Points for orders: granted for what is paid, taken back for what is not.</summary>
internal static class OrderPoints
{
    /// <summary>
    /// Points per unit of <paramref name="currency"/> in millionths. A shop that has fixed no rates means a point per whole unit of
    /// whatever it sells in; once it has fixed some, a currency without a rate earns nothing.
    /// </summary>
    public static long RateOf(ProgramDocument program, string currency) =>
        program.Rates.Count == 0 ? program.Loyalty.PointsPerUnitMicros : Money.Times(program.Loyalty.PointsPerUnitMicros, program.RateMicros(currency));

    /// <summary>Books the difference between what an order was worth in points and what it is worth now.</summary>
    public static void Book(CustomerState state, Order order, long before, ref FoldStep step)
    {
        var change = order.Points - before;
        if (change == 0)
            return;
        var ledger = state.Ledger ??= new PointsLedger();
        ledger.Post(change > 0
            ? new LedgerLine(step.Entry.Offset, step.Entry.TimeMs, PointsAccount.Issued, PointsAccount.Available, change, PointsReason.Earned, order.Key)
            : new LedgerLine(step.Entry.Offset, step.Entry.TimeMs, PointsAccount.Available, PointsAccount.Issued, -change, PointsReason.Reversed, order.Key));
        step.Note(change.ToString("+0;-0", CultureInfo.InvariantCulture) + " points");
    }
}
