using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Metrics;

/// <summary>Numbers over all customers of the tenant: exact as of the last flush.</summary>
internal static class MetricsEndpoints
{
    private const long Micros = 1_000_000;

    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        var metrics = routes.MapGroup("/v1/metrics").RequireAuthorization(Policies.Read);
        metrics.MapGet("/summary", SummarizeAsync);
        metrics.MapGet("/cohorts", ListCohortsAsync);
        metrics.MapGet("/points", PointsEndpoint.AnswerAsync);
        metrics.MapGet("/uplift", UpliftEndpoint.AnswerAsync);
        routes.MapGet("/v1/metrics/desk", DeskReport.AnswerAsync).RequireAuthorization(Policies.Supervise);
    }

    private static async Task SummarizeAsync(HttpContext context, IGrainFactory grains, IJournal journal, ProgramBoard board, TimeProvider time)
    {
        if (await CustomerNumbers.ReadAsync(context, grains, journal, time) is not var (asOf, numbers, _))
            return;
        var (active, bought) = (numbers.MonthsOf(MonthMetrics.Active), numbers.MonthsOf(MonthMetrics.Bought));
        if (Period.Read(context.Request.Query, active.First, asOf, out var fault) is not { } period)
        {
            await Problems.WriteAsync(context, 400, "invalid_period", fault);
            return;
        }

        var before = period.Previous;
        var (buyersBefore, kept) = (bought.In(before), bought.InBoth(before, period));
        var retention = Share(kept, buyersBefore);
        await JsonBodies.WriteAsync(context, 200, new
        {
            asOf = asOf.UtcDateTime,
            from = period.From,
            to = period.To,
            customers = numbers["customers"],
            active = active.In(period),
            @new = active.NewIn(period),
            buyers = bought.In(period),
            newBuyers = bought.NewIn(period),
            previous = new { from = before.From, to = before.To, active = active.In(before), buyers = buyersBefore, keptBuyers = kept },
            retention,
            churn = 1 - retention,
            repeatPurchase = Share(numbers["customers.repeat"], numbers["customers.buyers"]),
            cltv = ValueOf(numbers, board.Current(context.User.Tenant()).Document),
            csat = Percent(numbers["csat.good"], numbers["csat.answers"]),
            nps = Percent(numbers["nps.good"] - numbers["nps.bad"], numbers["nps.answers"]),
            ces = numbers["ces.answers"] == 0 ? (double?)null : Math.Round((double)numbers["ces.sum"] / numbers["ces.answers"], 2),
            referralRate = Share(numbers["referral.referred"], numbers["customers.buyers"]),
            pointsLiability = PointsEndpoint.LiabilityOf(numbers),
            orders = numbers["orders"],
            revenue = numbers.Under("revenue:").ToDictionary(r => r.Name, r => (decimal)r.Value / Micros),
            phases = numbers.Under("phase.").ToDictionary(p => p.Name, p => p.Value),
            segments = SegmentEndpoints.SizesOf(numbers, board.Current(context.User.Tenant()).Document),
            acquired = numbers.Under("acquired.").ToDictionary(a => a.Name, a => a.Value),
            atRisk = numbers["churn.at_risk"],
            lost = numbers["churn.lost"],
            openAlerts = numbers["alerts.open"],
        });
    }

    /// <returns>With two decimals; null of nothing.</returns>
    private static double? Percent(long part, long whole) => whole == 0 ? null : Math.Round(100.0 * part / whole, 2);

    private static async Task ListCohortsAsync(HttpContext context, IGrainFactory grains, IJournal journal, TimeProvider time)
    {
        var kind = context.Request.Query["by"].ToString() switch
        {
            "" or "purchases" => MonthMetrics.Bought,
            "events" => MonthMetrics.Active,
            _ => null,
        };
        if (kind is null)
        {
            await Problems.WriteAsync(context, 400, "invalid_by", "\"by\" is purchases or events.");
            return;
        }

        if (await CustomerNumbers.ReadAsync(context, grains, journal, time) is not var (asOf, numbers, _))
            return;
        var months = numbers.MonthsOf(kind);
        if (Period.Read(context.Request.Query, months.First, asOf, out var fault) is not { } period)
        {
            await Problems.WriteAsync(context, 400, "invalid_period", fault);
            return;
        }

        await JsonBodies.WriteAsync(context, 200, new
        {
            asOf = asOf.UtcDateTime,
            from = period.From,
            to = period.To,
            by = kind == MonthMetrics.Bought ? "purchases" : "events",
            items = months.Cohorts(period, Period.MonthOf(asOf)).Select(c => new
            {
                cohort = Period.NameOf(c.Month),
                customers = c.Active[0],
                active = c.Active,
                retention = c.Active.Select(a => Share(a, c.Active[0])),
            }),
            next = (string?)null,
        });
    }

    private static double? Share(long part, long whole) => whole == 0 ? null : Math.Round((double)part / whole, 6);

    /// <summary>Net revenue per customer who has bought, in the program's currency; currencies without a rate are left out.</summary>
    private static object? ValueOf(CustomerNumbers numbers, ProgramDocument program)
    {
        var revenue = numbers.Under("revenue:").ToArray();
        var rated = revenue.Where(r => program.RateMicros(r.Name) > 0).ToArray();
        var (currency, sum) = rated.Length == 0 && revenue.Length == 1
            ? (revenue[0].Name, (decimal)revenue[0].Value)
            : (program.Currency, rated.Sum(r => (decimal)r.Value * program.RateMicros(r.Name) / Micros));
        return numbers["customers.buyers"] is > 0 and var buyers
            ? new { amount = Math.Round(sum / Micros / buyers, 2), currency }
            : null;
    }
}
