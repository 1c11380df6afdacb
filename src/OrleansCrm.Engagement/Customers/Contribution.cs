using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Trials;

namespace OrleansCrm.Engagement.Customers;

/// <summary>What one customer adds to the answers about many.</summary>
public static class Contribution
{
    public static SearchColumns Search(CustomerState state, ProgramDocument program) => new(
        PhaseWords.Of(state.Standing.Phase),
        program.Loyalty.Tiers.NameOf(state.Loyalty?.Outlook.Tier.Level ?? 0),
        state.Purchases.Purchases == 0
            ? 0
            : (long)Math.Floor(ChurnInstants.RiskAt(state.Purchases, program.ChurnOf(state), state.NewestMs) * 1e6 + 0.5),
        state.OrderCount,
        RevenueInProgramCurrency(state, program),
        state.LastSeenMs,
        state.Segments.Length == 0 ? "" : string.Concat(" ", string.Join(' ', state.Segments), " "),
        state.Acquisition?.First?.Campaign ?? "",
        state.Owner);

    /// <summary>Sorted by name (ordinal); exact integers, money in millionths, months as in <see cref="MonthMetrics"/>. Metrics to which the customer adds nothing are left out.</summary>
    public static MetricSum[] Sums(CustomerState state, ProgramDocument program)
    {
        if (state.Remains is { } remains)
            return remains;
        if (state.Events == 0 && state.Ledger is null && state.Offers is null)
            return [];
        var sums = new List<MetricSum>(12);
        Add(sums, "customers", state.Events > 0 ? 1 : 0);
        Add(sums, "events", state.Events);
        Add(sums, "orders", state.OrderCount);
        Add(sums, "purchases", state.Purchases.Purchases);
        Add(sums, "customers.buyers", state.OrderCount > 0 ? 1 : 0);
        Add(sums, "customers.repeat", state.OrderCount > 1 ? 1 : 0);
        AddPoints(sums, state);
        AddFeedback(sums, state);
        if (state.Offers is { } offers)
            OfferMetrics.Add(sums, offers);
        Add(sums, "phase." + PhaseWords.Of(state.Standing.Phase), state.Events > 0 ? 1 : 0);
        Add(sums, "churn.at_risk", state.Standing.Churn == ChurnStatus.AtRisk ? 1 : 0);
        Add(sums, "churn.lost", state.Standing.Churn == ChurnStatus.Lost ? 1 : 0);
        if (state.Trials is { } trials)
            Uplift.AddTo(sums, trials);
        Add(sums, "alerts.open", ChurnAlerts.CountOpen(state));
        foreach (var segment in state.Segments)
            Add(sums, "segment." + segment, 1);
        if (state.Acquisition?.First is { } first)
            Add(sums, "acquired." + first.Kind, 1);
        Add(sums, "referral.brought", state.Referral?.Count ?? 0);
        Add(sums, "referral.referred", state.Referral is { IsAccepted: true } ? 1 : 0);
        foreach (var total in state.Revenue ?? [])
            Add(sums, "revenue:" + total.Currency, total.Micros);
        AddMonths(sums, MonthMetrics.Active, state.ActiveMonths);
        AddMonths(sums, MonthMetrics.Bought, state.Purchases.Months);
        sums.Sort((x, y) => string.CompareOrdinal(x.Metric, y.Metric));
        return [.. sums];
    }

    /// <summary>
    /// What is owed to customers is available, pending and held together; of what was issued, expired is the breakage so far. A balance below
    /// zero counts as it is and once more by itself, because nobody owes it to anybody.
    /// </summary>
    private static void AddPoints(List<MetricSum> sums, CustomerState state)
    {
        if (state.Ledger is not { } ledger)
            return;
        Add(sums, "points.issued", ledger[PointsAccount.Issued]);
        Add(sums, "points.available", ledger[PointsAccount.Available]);
        Add(sums, "points.in_transit", ledger[PointsAccount.InTransit]);
        Add(sums, "points.pending", ledger[PointsAccount.Pending]);
        Add(sums, "points.held", ledger[PointsAccount.Held]);
        Add(sums, "points.spent", ledger[PointsAccount.Spent]);
        Add(sums, "points.expired", ledger[PointsAccount.Expired]);
        Add(sums, "debt.points", Math.Min(0, ledger[PointsAccount.Available]));
    }

    private static void AddFeedback(List<MetricSum> sums, CustomerState state)
    {
        if (state.Feedback is not { } record)
            return;
        for (var kind = FeedbackKind.Csat; kind <= FeedbackKind.Review; kind++)
        {
            var (tally, name) = (record.TallyOf(kind), FeedbackWords.Of(kind));
            Add(sums, name + ".answers", tally.Count);
            Add(sums, name + ".good", tally.Good);
            Add(sums, name + ".bad", tally.Bad);
            Add(sums, name + ".sum", tally.Sum);
        }
    }

    private static void Add(List<MetricSum> sums, string metric, long value)
    {
        if (value != 0)
            sums.Add(new MetricSum(metric, value));
    }

    private static void AddMonths(List<MetricSum> sums, string kind, in MonthSet months)
    {
        if (months.IsEmpty)
            return;
        for (var block = months.First >> 6; block <= months.Last >> 6; block++)
            Add(sums, MonthMetrics.SetName(kind, block), (long)months.Block(block));
    }

    private static long RevenueInProgramCurrency(CustomerState state, ProgramDocument program)
    {
        long sum = 0;
        foreach (var total in state.Revenue ?? [])
            sum = Money.Add(sum, Money.Times(total.Micros, program.RateMicros(total.Currency)));
        return sum;
    }
}
