using System.Globalization;
using System.IO.Compression;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Engagement.Tests.Loyalty;

public sealed class NaiveLoyaltyTests
{
    private const long Day = 86_400_000;
    private const string CdNow = "cdnow-sample-transactions.txt";
    private const string Retail = "online-retail-to-2011-06-09.csv.gz";

    /// <summary>The naive account takes the cube of them.</summary>
    private const int OrdersMax = 60;

    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, 10)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Orders_points_tiers_and_phases_agree_with_a_naive_account_whatever_comes_late_or_twice(int block)
    {
        var (holds, refusals, tiers) = (0, 0, 0);
        var ways = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = block * 100 + 1; seed <= block * 100 + 100; seed++)
        {
            var shop = new RandomShop(seed);
            shop.Live(() => Assert.Equal(0, shop.Story.State.Ledger?.Sum ?? 0));
            Compare(shop.Naive, shop.Story, shop.EndMs, "seed " + seed);
            var (state, outlook) = (shop.Story.State, shop.Story.State.Loyalty?.Outlook ?? PointsOutlook.None);
            holds += shop.Holds;
            refusals += shop.Refusals;
            tiers += outlook.Tier.Level > 0 ? 1 : 0;
            foreach (var (way, times) in shop.Ways)
                ways[way] = ways.GetValueOrDefault(way) + times;
            ways["birthday"] = ways.GetValueOrDefault("birthday") + (state.Loyalty?.Credits?.Count(c => c.Cause == PointsCause.Birthday) ?? 0);
        }

        Assert.True(holds > 40 && refusals > 20 && tiers > 5, $"{holds} holds, {refusals} refusals, {tiers} in a tier");
        Assert.Equal(7, ways.Count);
        Assert.All(ways, way => Assert.True(way.Value > 0, way.ToString()));
    }

    [SharedDataFact(CdNow)]
    public void Buyers_of_a_music_shop_agree_with_a_naive_account() => Assert.Equal(2_357, Agree(
        from line in File.ReadLines(Path.Combine(SharedDataFactAttribute.Folder!, CdNow))
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (fields[0], DateTime.ParseExact(fields[2], "yyyyMMdd", CultureInfo.InvariantCulture), decimal.Parse(fields[4], CultureInfo.InvariantCulture))));

    [SharedDataFact(Retail)]
    public void Buyers_of_a_gift_shop_agree_with_a_naive_account()
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(SharedDataFactAttribute.Folder!, Retail)), CompressionMode.Decompress));
        text.ReadLine();
        var sold = new Dictionary<string, (string Customer, DateTime At, decimal Value)>();
        while (text.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (fields[^2].Length == 0 || fields[0].StartsWith('C'))
                continue;
            var value = decimal.Parse(fields[^5], CultureInfo.InvariantCulture) * decimal.Parse(fields[^3], CultureInfo.InvariantCulture);
            sold[fields[0]] = (fields[^2], DateTime.Parse(fields[^4], CultureInfo.InvariantCulture), sold.GetValueOrDefault(fields[0]).Value + value);
        }

        Assert.True(Agree(sold.Values) > 2_500);
    }

    private static int Agree(IEnumerable<(string Customer, DateTime At, decimal Value)> sold)
    {
        var rules = new NaiveRules(14, 120, 120, 20, true, 1) { Tiers = [(150, 150), (400, 200)], BirthdayFromMs = Story.StartMs };
        var customers = 0;
        foreach (var orders in sold.GroupBy(s => s.Customer).Where(g => g.Count() <= OrdersMax))
        {
            var (story, naive) = (new Story(program: ProgramDocument.Default with { Loyalty = RandomShop.Loyalty(rules) }), new NaiveFold(rules));
            foreach (var (_, at, value) in orders.OrderBy(o => o.At))
            {
                // Some are of one minute, or told by the day.
                var (id, ms) = ("o" + story.Entries.Count, new DateTimeOffset(at, default).ToUnixTimeMilliseconds() + story.Entries.Count);
                (naive.Order(id).PlacedMs, naive.Order(id).Stated) = (ms, value);
                naive.See(ms, isInterested: true);
                story.Order((ms - Story.StartMs) / (double)Day, id, value);
            }

            var endMs = story.State.NewestMs + customers++ % 300 * Day;
            naive.Pass(endMs);
            story.Wake(endMs);
            Compare(naive, story, endMs, "customer " + orders.Key);
        }

        return customers;
    }

    private static void Compare(NaiveFold naive, Story story, long ms, string of)
    {
        var ledger = story.State.Ledger ?? new PointsLedger();
        var books = new NaivePoints(
            ledger[PointsAccount.Available], ledger[PointsAccount.Pending], ledger[PointsAccount.Held], ledger[PointsAccount.Spent],
            ledger[PointsAccount.Expired], ledger[PointsAccount.InTransit]);
        var (standing, tier) = (story.State.Standing, (story.State.Loyalty?.Outlook ?? PointsOutlook.None).Tier);

        Assert.Equal((of, naive.PointsAt(ms)), (of, books));
        Assert.Equal((of, naive.OrdersThatCount, naive.Revenue), (of, (int)story.State.OrderCount, story.Revenue()));
        Assert.Equal((of, naive.PhaseAt(ms)), (of, (PhaseWords.Of(standing.Phase), standing.SinceMs)));
        if (story.Program.Loyalty.Tiers.Levels.Count > 0)
            Assert.Equal((of, naive.TierAt(ms)), (of, (tier.Level, tier.Points, tier.UntilMs)));
    }
}
