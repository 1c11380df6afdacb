using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Churn;

public sealed class ChurnInstantTests
{
    private const long HundredYearsMs = 5_218L * 604_800_000;

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

    [Theory]
    [InlineData(BetaGeometricModel.MbgName, 2_000)]
    [InlineData(BetaGeometricModel.BgName, 2_000)]
    [InlineData(NbdModel.ModelName, 2_000)]
    [InlineData(ParetoNbdModel.ModelName, 150)]
    public void Instants_of_every_model_are_exact_to_the_second_whatever_its_parameters(string model, int cases)
    {
        var random = new Random(11);
        var (now, at, never) = (0, 0, 0);
        for (var i = 0; i < cases; i++)
        {
            var scan = Purchases(random);
            var rules = new ChurnRules
            {
                Model = Draw(random, model),
                HorizonDays = random.Next(7, 400),
                AtRisk = new RiskThreshold(0.05 + 0.9 * random.NextDouble(), 0.02 + 0.9 * random.NextDouble()),
                Calibration = random.Next(2) == 0 ? RiskCalibration.None : new RiskCalibration(2 * random.NextDouble() - 1, 0.4 + random.NextDouble()),
            };
            var threshold = rules.AtRisk.For(rules.RiskOf(scan.History, default));
            var instant = ChurnInstants.Of(scan, rules with { Lost = rules.AtRisk }).AtRiskMs;
            var expected = BruteForce(scan, rules, threshold);
            if (expected - scan.LastMs > HundredYearsMs)
            {
                never++;
                Assert.Equal(0, instant);
                continue;
            }

            _ = expected <= scan.LastMs + 1_000 ? now++ : at++;
            Assert.True(expected == instant, $"{rules.Model}, {scan.History}, horizon {rules.HorizonDays}, threshold {threshold}: {expected}, not {instant}");
        }

        Assert.True(at > cases / 2, $"{now} now, {at} at, {never} never");
    }

    [Theory]
    [InlineData(BetaGeometricModel.MbgName, 2_000)]
    [InlineData(BetaGeometricModel.BgName, 2_000)]
    [InlineData(ParetoNbdModel.ModelName, 200)]
    public void Silence_at_which_a_customer_is_as_probably_gone_is_exact_whatever_the_parameters(string model, int cases)
    {
        var random = new Random(12);
        var kinds = new int[3];
        for (var i = 0; i < cases; i++)
        {
            var churn = Draw(random, model);
            var history = random.Next(4) == 0 ? default : Purchases(random).History;
            var probability = 0.02 + 0.96 * random.NextDouble();
            var crossing = churn.WhenAlive(history, probability);
            kinds[(int)crossing.Kind]++;
            if (crossing.Kind == CrossingKind.Never)
                Assert.True(churn.ProbabilityAlive(history, new Weeks(5_218)) > probability);
            else if (crossing.Kind == CrossingKind.Now)
                Assert.True(churn.ProbabilityAlive(history, default) <= probability);
            else
                Assert.Equal(probability, churn.ProbabilityAlive(history, crossing.Silence), 1e-10);
        }

        Assert.True(kinds[(int)CrossingKind.At] > cases / 3);
    }

    [Theory]
    [InlineData(BetaGeometricModel.MbgName)]
    [InlineData(BetaGeometricModel.BgName)]
    public void Instants_are_within_a_second_of_those_by_the_textbook_formula_and_the_functions_of_the_library(string model)
    {
        var random = new Random(13);
        var crossings = 0;
        for (var i = 0; i < 1_000; i++)
        {
            var scan = Purchases(random);
            var rules = new ChurnRules { Model = Draw(random, model), HorizonDays = random.Next(14, 365) };
            var m = (BetaGeometricModel)rules.Model;
            double Risk(double silence) => TextbookRisk(m, scan.History.Repeats, scan.History.AgeAtLast.Count, silence, rules.HorizonDays / 7.0);
            var threshold = Math.Max(0.75, Risk(0) + 0.25 * (1 - Risk(0)));
            var (low, high) = (0.0, 5_218.0);
            while (high - low > 1e-9)
                (low, high) = Risk((low + high) / 2) >= threshold ? (low, (low + high) / 2) : ((low + high) / 2, high);
            var instant = ChurnInstants.Of(scan, rules).AtRiskMs;

            // Where the risk is so flat that its last digits cover more than a second, nobody can say which it is.
            if (high > 5_200 || Risk(high + 1e-5) - Risk(high - 1e-5) < 1e-11)
                continue;
            crossings++;
            Assert.Equal(scan.LastMs + high * 604_800_000, instant, 1_001.0);
        }

        Assert.True(crossings > 500, $"{crossings} crossings");
    }

    // P(no purchase within H) = 1 - P(alive) (1 - ((alpha+T)/(alpha+T+H))^(r+x)).
    private static double TextbookRisk(BetaGeometricModel m, int x, double last, double silence, double horizon)
    {
        var t = last + silence;
        var odds = x == 0 && !m.StopsAfterFirst ? 0 : m.A / (m.B + x + (m.StopsAfterFirst ? 0 : -1)) * Math.Pow((m.Alpha + t) / (m.Alpha + last), m.R + x);
        return 1 - 1 / (1 + odds) * (1 - Math.Pow((m.Alpha + t) / (m.Alpha + t + horizon), m.R + x));
    }

    [Fact]
    public void Customer_whom_the_model_cannot_lose_is_never_as_probably_gone()
    {
        Assert.Equal(CrossingKind.Never, BetaGeometricModel.BgCdnow.WhenAlive(default, 0.5).Kind);
        Assert.Equal(CrossingKind.Never, NbdModel.Cdnow.WhenAlive(new PurchaseHistory(3, new Weeks(9)), 0.5).Kind);
        Assert.Equal(CrossingKind.Now, BetaGeometricModel.MbgCdnow.WhenAlive(default, 0.9).Kind);
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

    // Around what shops have, and far beyond.
    private static IChurnModel Draw(Random random, string model)
    {
        var (r, alpha, a, b) = (Spread(random, 0.7), Spread(random, 8), Spread(random, 0.9), Spread(random, 2.5));
        return model switch
        {
            NbdModel.ModelName => new NbdModel(r, alpha),
            ParetoNbdModel.ModelName => new ParetoNbdModel(r, alpha, a, Spread(random, 10)),
            _ => new BetaGeometricModel(r, alpha, a, b, model == BetaGeometricModel.MbgName),
        };
    }

    private static double Spread(Random random, double middle) => middle * Math.Exp(3 * (random.NextDouble() - 0.5) * 2);

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
