using System.Globalization;

namespace OrleansCrm.Breaking.Tests;

/// <summary>
/// How long the runs are: <c>ORLEANSCRM_KILLS</c> kills for each database (default 10), following <c>ORLEANSCRM_KILLS_SEED</c> (default: another
/// one each time, which is printed).
/// </summary>
internal static class Setting
{
    private const int KillsDefault = 10;
    private const double UnansweredMin = 0.9;

    public static int Kills => Number("ORLEANSCRM_KILLS") ?? KillsDefault;

    public static int Seed => Number("ORLEANSCRM_KILLS_SEED") ?? Random.Shared.Next(1, 1_000_000);

    public static void Judge(Tally tally)
    {
        Assert.True(tally.Mismatches.Count == 0, string.Join('\n', tally.Mismatches));
        Assert.True(tally.Kills >= Kills, tally.ToString());

        // Of ten kills one or two may fall into a start; of hundreds a kill that hits nobody proves nothing.
        if (Kills > KillsDefault)
            Assert.True(tally.KillsUnanswered >= UnansweredMin * tally.Kills, tally.ToString());
        else
            Assert.True(tally.KillsUnanswered > 0, tally.ToString());
    }

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
