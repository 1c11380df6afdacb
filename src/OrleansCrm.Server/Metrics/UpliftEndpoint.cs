using Orleans;
using OrleansCrm.Engagement.Trials;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Metrics;

/// <summary>What telling agents does, under the control group of the program in force.</summary>
internal static class UpliftEndpoint
{
    public static async Task AnswerAsync(HttpContext context, IGrainFactory grains, IJournal journal, ProgramBoard board, TimeProvider time)
    {
        if (await CustomerNumbers.ReadAsync(context, grains, journal, time) is not var (asOf, numbers, _))
            return;
        var program = board.Current(context.User.Tenant()).Document;
        var group = program.Alerts.ControlGroup;
        var (treated, treatedRunning) = Uplift.Find(group.Salt, isControl: false, name => numbers[name]);
        var (control, controlRunning) = Uplift.Find(group.Salt, isControl: true, name => numbers[name]);
        var uplift = Uplift.Of(treated, control);
        await JsonBodies.WriteAsync(context, 200, new
        {
            asOf = asOf.UtcDateTime,
            controlGroup = new { share = group.Share, salt = group.Salt },
            horizonDays = program.Churn.HorizonDays,
            confidence = 0.95,
            treated = Describe(treated, treatedRunning),
            control = Describe(control, controlRunning),
            uplift = new
            {
                returnRate = Describe(uplift.ReturnRate, decimals: 6),
                revenue = Describe(uplift.Revenue, decimals: 2),
                currency = program.Currency,
            },
        });
    }

    private static object Describe(TrialTally tally, long running) => new
    {
        customers = tally.Customers,
        running,
        returned = tally.Returned,
        returnRate = tally.Customers == 0 ? null : Describe(Uplift.RateOf(tally), decimals: 6),
        revenue = Math.Round(tally.RevenueMicros / 1_000_000m, 2),
        revenuePerCustomer = tally.Customers == 0 ? (double?)null : Math.Round(Uplift.MeanOf(tally), 2),
    };

    private static object? Describe(Interval? of, int decimals) => of is not { } interval ? null : new
    {
        value = Math.Round(interval.Value, decimals),
        low = Math.Round(interval.Low, decimals),
        high = Math.Round(interval.High, decimals),
    };
}
