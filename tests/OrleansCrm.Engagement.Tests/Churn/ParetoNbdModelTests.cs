using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Engagement.Tests.Churn;

public sealed class ParetoNbdModelTests
{
    // The maximum on the CDNOW sample, to more digits than published.
    private static readonly ParetoNbdModel Model = new(0.55328, 10.57761, 0.60621, 11.66791);

    [Theory]
    [InlineData(0, 0, 2.1006, 17.3920, 62.0014)]
    [InlineData(1, 5, 2.7631, 16.6306, 41.0431)]
    [InlineData(2, 30.43, 6.5224, 32.5974, 68.7258)]
    [InlineData(7, 29.43, 4.8330, 15.6717, 25.5744)]
    [InlineData(26, 30.86, 2.8553, 6.3115, 8.7833)]
    public void Alive_falls_to_thresholds_at_the_known_silences(int x, double tx, double at90, double at50, double at20)
    {
        var history = new PurchaseHistory(x, new Weeks(tx));
        Assert.Equal(at90, Model.WhenAlive(history, 0.9).Silence.Count, 2e-3);
        Assert.Equal(at50, Model.WhenAlive(history, 0.5).Silence.Count, 2e-3);
        Assert.Equal(at20, Model.WhenAlive(history, 0.2).Silence.Count, 5e-3);
    }

    [Fact]
    public void Published_customer_has_the_published_values()
    {
        var model = new ParetoNbdModel(0.5533, 10.5776, 0.6062, 11.6679);
        var history = new PurchaseHistory(26, new Weeks(216 / 7.0));
        var silence = new Weeks(31 - 216 / 7.0);
        Assert.Equal(0.997874, model.ProbabilityAlive(history, silence), 5);
        Assert.Equal(25.456, model.ExpectedOrders(history, silence, new Weeks(52)), 5e-3);
    }

    [Theory]
    [InlineData(132, 6.2060517889632418)]
    [InlineData(133, 6.2528722475748113)]
    public void Frequent_buyer_does_not_underflow(int x, double expected)
    {
        var model = new ParetoNbdModel(0.55, 10.58, 0.61, 11.67);
        Assert.Equal(expected, model.ExpectedOrders(new PurchaseHistory(x, new Weeks(200)), default, new Weeks(10)), 1e-11);
    }

    [Fact]
    public void Everybody_is_alive_right_after_a_purchase() =>
        Assert.Equal(1, Model.ProbabilityAlive(new PurchaseHistory(3, new Weeks(20)), default));

    [Fact]
    public void Horizon_risk_equals_one_less_what_a_simulated_crowd_buys()
    {
        // Bayes by brute force: customers drawn from the priors, weighted with the likelihood of the history that is conditioned on.
        var random = new Random(5);
        var (weights, bought) = (0.0, 0.0);
        for (var i = 0; i < 400_000; i++)
        {
            var rate = random.NextGamma(Model.R) / Model.Alpha;
            var stop = random.NextGamma(Model.S) / Model.Beta;

            // Two repeats, the last at 30 weeks, asked at 39, horizon 13: lives to the end of the silence, or stopped within it.
            var lives = Math.Exp(-(rate + stop) * 39);
            var stopped = stop / (rate + stop) * (Math.Exp(-(rate + stop) * 30) - lives);
            weights += rate * rate * (lives + stopped);
            bought += rate * rate * lives * (rate / (rate + stop)) * (1 - Math.Exp(-(rate + stop) * 13));
        }

        var risk = Model.HorizonRisk(new PurchaseHistory(2, new Weeks(30)), new Weeks(9), new Weeks(13));
        Assert.Equal(1 - bought / weights, risk, 0.006);
    }

    [Fact]
    public void Inversions_agree_with_the_values_for_random_models_and_histories()
    {
        var random = new Random(12);
        for (var i = 0; i < 300; i++)
        {
            var model = new ParetoNbdModel(Between(random, 0.1, 5), Between(random, 0.5, 60), Between(random, 0.05, 4), Between(random, 0.5, 60));
            var history = new PurchaseHistory(random.Next(0, 60), new Weeks(Between(random, 0.2, 300)));
            var horizon = new Weeks(Between(random, 1, 60));
            var value = 0.05 + 0.9 * random.NextDouble();

            var alive = model.WhenAlive(history, value);
            if (alive.Kind == CrossingKind.At)
                Assert.Equal(value, model.ProbabilityAlive(history, alive.Silence), 1e-9);
            var risk = model.WhenHorizonRisk(history, horizon, value);
            if (risk.Kind == CrossingKind.At)
                Assert.Equal(value, model.HorizonRisk(history, risk.Silence, horizon), 1e-9);
            else
                Assert.True(model.HorizonRisk(history, default, horizon) >= value);
        }
    }

    private static double Between(Random random, double from, double to) => from * Math.Pow(to / from, random.NextDouble());
}
