using Orleans;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Metrics;

/// <summary>
/// What a shop owes in points, and what of it will never be asked for (breakage). The liability in money is points times their value times
/// the share that will be redeemed. That share is the program's if it names one; else it is what happened to the points whose fate is known:
/// spent, of spent, expired and forfeited together. Before any is known all are expected to be redeemed: too much owed rather than too little.
/// </summary>
internal static class PointsEndpoint
{
    public static async Task AnswerAsync(HttpContext context, IGrainFactory grains, IJournal journal, ProgramBoard board, TimeProvider time)
    {
        if (await CustomerNumbers.ReadAsync(context, grains, journal, time) is not var (asOf, numbers, _))
            return;
        var program = board.Current(context.User.Tenant()).Document;
        var (value, (share, by)) = (program.Loyalty.Redemption.PointValueMicros / 1_000_000m, BreakageOf(numbers, program));
        var points = LiabilityOf(numbers);
        await JsonBodies.WriteAsync(context, 200, new
        {
            asOf = asOf.UtcDateTime,
            issued = -numbers["points.issued"],
            pending = numbers["points.pending"],
            available = numbers["points.available"] - numbers["debt.points"],
            held = numbers["points.held"],
            owed = -numbers["debt.points"],
            inTransit = numbers["points.in_transit"],
            spent = numbers["points.spent"],
            expired = numbers["points.expired"],
            forfeited = numbers["points.forfeited"],
            breakage = new { share = Math.Round(share, 6), by },
            liability = new
            {
                points,
                currency = program.Currency,
                pointValue = value,
                atMost = Math.Round(points * value, 2),
                expected = Math.Round(points * value * (1 - share), 2),
                expectedBreakage = Math.Round(points * value * share, 2),
            },
        });
    }

    /// <summary>Points that customers can spend, or will; a balance below zero takes nothing off what others are owed.</summary>
    public static long LiabilityOf(CustomerNumbers numbers) =>
        numbers["points.available"] + numbers["points.pending"] + numbers["points.held"] - numbers["debt.points"];

    private static (decimal Share, string By) BreakageOf(CustomerNumbers numbers, ProgramDocument program)
    {
        if (program.Loyalty.Redemption.BreakageMicros is { } micros)
            return (micros / 1_000_000m, "program");
        var lost = numbers["points.expired"] + numbers["points.forfeited"];
        var settled = numbers["points.spent"] + lost;
        return settled <= 0 ? (0, "nothing_known") : (Math.Clamp((decimal)lost / settled, 0, 1), "observed");
    }
}
