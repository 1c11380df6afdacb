using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Server.Backtest;

/// <summary>A customer as known at the cut, and what came after.</summary>
/// <param name="Silence">From the last purchase to the cut.</param>
/// <param name="Age">From the first purchase to the cut.</param>
/// <param name="Spent">Up to the cut.</param>
/// <param name="MeanRepeat">Mean value of the repeat purchases with a value above 0; 0 for none.</param>
/// <param name="LaterPurchases">Purchase days after the cut and within the horizon.</param>
/// <param name="LaterSpend">Their sum.</param>
internal sealed record Subject(
    PurchaseHistory History, Weeks Silence, Weeks Age, double Spent, int RepeatsWithValue, double MeanRepeat, int LaterPurchases, double LaterSpend)
{
    /// <summary>What the models are judged by.</summary>
    public bool BoughtNothing => LaterPurchases == 0;

    /// <returns>Null for a customer who came after the cut.</returns>
    public static Subject? Of(Buyer buyer, DateOnly cut, int horizonDays)
    {
        var known = buyer.Days.Where(d => d.Day <= cut).ToArray();
        if (known.Length == 0)
            return null;
        var later = buyer.Days.Where(d => d.Day > cut && d.Day <= cut.AddDays(horizonDays)).ToArray();
        var repeats = known.Skip(1).Where(d => d.Amount > 0).ToArray();
        return new Subject(
            new PurchaseHistory(known.Length - 1, Span(known[0].Day, known[^1].Day)),
            Span(known[^1].Day, cut),
            Span(known[0].Day, cut),
            known.Sum(d => d.Amount),
            repeats.Length,
            repeats.Length == 0 ? 0 : repeats.Average(d => d.Amount),
            later.Length,
            later.Sum(d => d.Amount));
    }

    public static Weeks Span(DateOnly from, DateOnly to) => Weeks.FromDays(to.DayNumber - from.DayNumber);
}
