using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Engagement.Tests.Churn;

public sealed class BetaGeometricModelTests
{
    private static readonly BetaGeometricModel Bg = new(0.24259291, 4.41353156, 0.79288614, 2.42575338, false);
    private static readonly BetaGeometricModel Mbg = new(0.52483798, 6.18299202, 0.89135616, 1.61399933, true);

    // a = 1, where the published form of the expectation divides by zero.
    private static readonly BetaGeometricModel Singular = new(0.5, 6, 1, 1.6, true);

    [Theory]
    [InlineData("bg", 0, 0, 10, 13, 1.0, 0.856682396995833, 0.1949145955853)]
    [InlineData("bg", 2, 30.43, 38.86, 39, 0.72660915018049, 0.678840918487522, 1.2259104510141)]
    [InlineData("bg", 7, 29.43, 38.86, 12.857142857142858, 0.641800609714043, 0.455731369334824, 1.2662443922104)]
    [InlineData("bg", 133, 200, 200, 10, 0.994136265955533, 0.00615726480989005, 6.3596653716149)]
    [InlineData("bg", 1, 5, 5, 52, 0.753657986527177, 0.504846706976795, 2.8979702897923)]
    [InlineData("mbg", 0, 0, 10, 13, 0.52217270444738, 0.862009204105231, 0.19305003659587)]
    [InlineData("mbg", 2, 30.43, 38.86, 39, 0.706126245466674, 0.668452260640038, 1.2626707840761)]
    [InlineData("mbg", 7, 29.43, 38.86, 12.857142857142858, 0.622638757366673, 0.471471059677582, 1.2168687150382)]
    [InlineData("mbg", 133, 200, 200, 10, 0.99342198574531, 0.00688656127651916, 6.3003832524669)]
    [InlineData("mbg", 1, 5, 5, 52, 0.745715901698746, 0.486423818470819, 2.8874307015929)]
    [InlineData("a=1", 0, 0, 10, 13, 0.494897427831781, 0.873611932154841, 0.17436716278024)]
    [InlineData("a=1", 133, 200, 200, 10, 0.992625368731563, 0.00768125266998694, 6.28378536782477)]
    [InlineData("a=1", 1, 5, 5, 52, 0.722222222222222, 0.503894264102839, 2.6401579221649)]
    public void Values_equal_integration_over_the_dropout_probability(
        string name, int x, double tx, double age, double ahead, double alive, double risk, double orders)
    {
        var model = name switch { "bg" => Bg, "mbg" => Mbg, _ => Singular };
        var history = new PurchaseHistory(x, new Weeks(tx));
        var silence = new Weeks(age - tx);
        AssertClose(alive, model.ProbabilityAlive(history, silence), 1e-12);
        AssertClose(risk, model.HorizonRisk(history, silence, Weeks.FromDays(90)), 1e-12);
        AssertClose(orders, model.ExpectedOrders(history, silence, new Weeks(ahead)), 1e-11);
    }

    [Fact]
    public void Published_parameters_give_the_published_expectation()
    {
        var history = new PurchaseHistory(2, new Weeks(30.43));
        Assert.Equal(1.226, BetaGeometricModel.BgCdnow.ExpectedOrders(history, new Weeks(38.86 - 30.43), new Weeks(39)), 3);
        Assert.Equal(0.7265786, BetaGeometricModel.BgCdnow.ProbabilityAlive(history, new Weeks(38.86 - 30.43)), 7);
    }

    [Theory]
    [InlineData(0.1429, 0.0078)]
    [InlineData(1, 0.0532)]
    [InlineData(3, 0.1506)]
    [InlineData(31.8571, 1.0405)]
    [InlineData(32, 1.0437)]
    [InlineData(78, 1.8580)]
    public void New_customers_expectation_is_the_published_one(double weeks, double expected) =>
        Assert.Equal(expected, Bg.ExpectedOrders(default, default, new Weeks(weeks)), 4);

    [Theory]
    [InlineData(0, 0.6442)]
    [InlineData(1, 0.7457)]
    [InlineData(2, 0.8022)]
    [InlineData(5, 0.8812)]
    [InlineData(10, 0.9287)]
    [InlineData(20, 0.9604)]
    public void Alive_right_after_a_purchase_rises_with_purchases(int x, double expected) =>
        Assert.Equal(expected, Mbg.ProbabilityAlive(new PurchaseHistory(x, new Weeks(x)), default), 4);

    [Theory]
    [InlineData("bg", 0, 0, 0.5, null)]
    [InlineData("bg", 1, 5, 0.5, 13.7379)]
    [InlineData("bg", 1, 5, 0.2, 61.2339)]
    [InlineData("bg", 2, 30.43, 0.5, 32.0709)]
    [InlineData("bg", 7, 29.43, 0.9, 0.7853)]
    [InlineData("bg", 26, 30.86, 0.2, 7.2897)]
    [InlineData("mbg", 0, 0, 0.5, 12.9815)]
    [InlineData("mbg", 0, 0, 0.2, 262.74)]
    [InlineData("mbg", 1, 5, 0.5, 11.4628)]
    [InlineData("mbg", 1, 5, 0.2, 45.0281)]
    [InlineData("mbg", 2, 30.43, 0.5, 27.1278)]
    [InlineData("mbg", 2, 30.43, 0.2, 73.7625)]
    [InlineData("mbg", 7, 29.43, 0.9, 0.3385)]
    [InlineData("mbg", 26, 30.86, 0.5, 5.1189)]
    public void Alive_falls_to_a_threshold_at_the_known_silence(string name, int x, double tx, double probability, double? expected)
    {
        var crossing = (name == "bg" ? Bg : Mbg).WhenAlive(new PurchaseHistory(x, new Weeks(tx)), probability);
        Assert.Equal(expected is null ? CrossingKind.Never : CrossingKind.At, crossing.Kind);
        if (expected is { } weeks)
            Assert.Equal(weeks, crossing.Silence.Count, weeks > 200 ? 2 : 4);
    }

    [Theory]
    [InlineData("bg", 1, 5)]
    [InlineData("bg", 2, 30.43)]
    [InlineData("mbg", 0, 0)]
    [InlineData("mbg", 2, 30.43)]
    public void Threshold_above_the_value_at_the_purchase_is_crossed_at_once(string name, int x, double tx) =>
        Assert.Equal(
            CrossingKind.Now, (name == "bg" ? Bg : Mbg).WhenAlive(new PurchaseHistory(x, new Weeks(tx)), 0.9).Kind);

    [Fact]
    public void Inversions_agree_with_the_values_for_random_models_and_histories()
    {
        var random = new Random(11);
        for (var i = 0; i < 50_000; i++)
        {
            var model = new BetaGeometricModel(
                Draw(random, 0.1, 5), Draw(random, 0.5, 60), Draw(random, 1e-4, 4), Draw(random, 0.3, 8), random.Next(3) > 0);
            var history = new PurchaseHistory(random.Next(0, 60), new Weeks(0));
            if (history.Repeats > 0)
                history = history with { AgeAtLast = new Weeks(Draw(random, 0.2, 300)) };
            var horizon = new Weeks(Draw(random, 1, 60));
            var risk = 0.05 + 0.9 * random.NextDouble();
            var crossing = model.WhenHorizonRisk(history, horizon, risk);
            if (crossing.Kind == CrossingKind.Now)
                Assert.True(model.HorizonRisk(history, default, horizon) >= risk);
            else if (crossing.Kind == CrossingKind.At && crossing.Silence.Count < 1e5)
                AssertClose(risk, model.HorizonRisk(history, crossing.Silence, horizon), 1e-10);

            var alive = model.WhenAlive(history, 1 - risk);
            if (alive.Kind == CrossingKind.At && alive.Silence.Count < 1e9)
                AssertClose(1 - risk, model.ProbabilityAlive(history, alive.Silence), 1e-11);
        }
    }

    [Fact]
    public void Risk_rises_strictly_with_silence()
    {
        for (var x = 0; x < 30; x++)
        {
            var history = new PurchaseHistory(x, new Weeks(2 * x));
            var before = -1.0;
            for (var weeks = 0.0; before < 0.9999 && weeks < 200; weeks += 0.5)
            {
                var risk = Mbg.HorizonRisk(history, new Weeks(weeks), Weeks.FromDays(90));
                Assert.InRange(risk, before, 1);
                Assert.NotEqual(before, risk);
                before = risk;
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var history = new PurchaseHistory(7, new Weeks(29.43));
        double Run(IChurnModel model) =>
            model.HorizonRisk(history, new Weeks(3), new Weeks(13)) + model.ExpectedOrders(history, new Weeks(3), new Weeks(13))
            + model.WhenHorizonRisk(history, new Weeks(13), 0.8).Silence.Count;
        Run(Mbg);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(Mbg);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static double Draw(Random random, double from, double to) => from * Math.Pow(to / from, random.NextDouble());

    private static void AssertClose(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"{expected:R} {actual:R}");
}
