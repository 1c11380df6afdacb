using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Churn;

public sealed class ChurnInstantTests
{
    [Fact]
    public void Instant_is_the_first_second_that_brute_force_finds()
    {
        var random = new Random(5);
        var rules = new ChurnRules();
        for (var i = 0; i < 3_000; i++)
        {
            var scan = Purchases(random);
            var instants = ChurnInstants.Of(scan, rules);
            var atPurchase = rules.Model.HorizonRisk(scan.History, default, rules.Horizon);
            Assert.Equal(BruteForce(scan, rules, rules.AtRisk.For(atPurchase)), instants.AtRiskMs);
            Assert.Equal(BruteForce(scan, rules, rules.Lost.For(atPurchase)), instants.LostMs);
            Assert.True(scan.LastMs < instants.AtRiskMs && instants.AtRiskMs <= instants.LostMs);
            Assert.Equal(0, instants.AtRiskMs % 1_000);
            Assert.True(ChurnInstants.IsAtRisk(scan, rules, instants.AtRiskMs));
            Assert.False(ChurnInstants.IsAtRisk(scan, rules, instants.AtRiskMs - 1));
        }
    }

    [Fact]
    public void Too_few_purchases_have_no_instant()
    {
        var scan = default(PurchaseScan);
        scan.Add(Story.Ms(0), 3);
        Assert.Equal(default, ChurnInstants.Of(scan, new ChurnRules()));
        Assert.NotEqual(default, ChurnInstants.Of(scan, new ChurnRules { OrdersMin = 1 }));
    }

    [Fact]
    public void Threshold_that_takes_more_than_a_hundred_years_is_never_reached()
    {
        var scan = default(PurchaseScan);
        scan.Add(Story.Ms(0), 3);
        scan.Add(Story.Ms(30), 3);
        var hardy = new ChurnRules { Model = new BetaGeometricModel(0.001, 90_000, 1e-6, 1e5, true), HorizonDays = 730 };
        var risk = hardy.Model.HorizonRisk(scan.History, default, hardy.Horizon);
        var instants = ChurnInstants.Of(scan, hardy with { AtRisk = new RiskThreshold(0.01, 0.9), Lost = new RiskThreshold(0.01, 0.99) });
        Assert.InRange(risk, 0.5, 1);
        Assert.Equal(0, instants.AtRiskMs);
    }

    [Fact]
    public void Models_at_the_edge_of_their_range_come_to_an_end()
    {
        var scan = default(PurchaseScan);
        scan.Add(Story.Ms(0), 3);
        scan.Add(Story.Ms(0.5), 3);
        foreach (var r in new[] { 1e-4, 1e4 })
        foreach (var alpha in new[] { 1e-4, 1e5 })
        foreach (var a in new[] { 1e-6, 1e4 })
        foreach (var b in new[] { 1e-4, 1e5 })
        foreach (var days in new[] { 1, 730 })
        {
            var rules = new ChurnRules { Model = new BetaGeometricModel(r, alpha, a, b, true), HorizonDays = days };
            var instants = ChurnInstants.Of(scan, rules);
            Assert.True(instants.AtRiskMs == 0 || instants.AtRiskMs > scan.LastMs);
            var orders = rules.Model.ExpectedOrders(scan.History, new Weeks(1), Weeks.FromDays(365));
            Assert.True(double.IsFinite(orders) && orders >= 0);
        }
    }

    [Fact]
    public void Several_purchases_of_a_day_are_one_and_silence_runs_from_the_last()
    {
        var scan = default(PurchaseScan);
        scan.Add(Story.Ms(0), 3);
        scan.Add(Story.Ms(10.25), 3);
        scan.Add(Story.Ms(10.75), 3);
        Assert.Equal(new PurchaseHistory(1, Weeks.FromDays(10.75)), scan.History);
        Assert.Equal((3, 2), (scan.Purchases, scan.Days));
        Assert.Equal(Story.Ms(10.75), scan.LastMs);
    }

    private static PurchaseScan Purchases(Random random)
    {
        var scan = default(PurchaseScan);
        var ms = Story.StartMs + random.NextInt64(100_000_000_000);
        for (var i = random.Next(2, 30); i > 0; i--)
        {
            scan.Add(ms, 3);
            ms += random.NextInt64(1, random.Next(2) == 0 ? 86_400_000 : 90L * 86_400_000);
        }

        return scan;
    }

    private static long BruteForce(in PurchaseScan scan, ChurnRules rules, double threshold)
    {
        var (low, high) = (scan.LastMs / 1_000, scan.LastMs / 1_000 + 3_200_000_000);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (ChurnInstants.RiskAt(scan, rules, middle * 1_000) >= threshold)
                high = middle;
            else
                low = middle;
        }

        return high * 1_000;
    }
}
