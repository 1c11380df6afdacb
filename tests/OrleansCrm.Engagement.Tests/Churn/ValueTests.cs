using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Engagement.Tests.Churn;

public sealed class ValueTests
{
    private static readonly GammaGammaModel Spend = new(6.24880, 3.74459, 15.44775);
    private static readonly BetaGeometricModel Bg = new(0.24259291, 4.41353156, 0.79288614, 2.42575338, false);

    [Fact]
    public void Published_spend_model_gives_the_published_means()
    {
        Assert.Equal(35.171, Spend.PopulationMean, 1e-3);
        Assert.Equal(24.6586, Spend.ExpectedValue(2, 22.35), 1e-3);
        Assert.Equal(18.9115, Spend.ExpectedValue(1, 11.77), 1e-3);
        Assert.Equal(Spend.PopulationMean, Spend.ExpectedValue(0, 99));
    }

    [Fact]
    public void More_orders_bring_the_expected_value_nearer_to_the_customers_own()
    {
        var few = Spend.ExpectedValue(1, 80);
        var many = Spend.ExpectedValue(50, 80);
        Assert.True(Spend.PopulationMean < few && few < many && many < 80);
    }

    [Fact]
    public void Undiscounted_orders_are_the_expected_ones()
    {
        var history = new PurchaseHistory(2, new Weeks(30.43));
        Assert.Equal(
            Bg.ExpectedOrders(history, new Weeks(8.43), new Weeks(52.5)),
            LifetimeValue.DiscountedOrders(Bg, history, new Weeks(8.43), new Weeks(52.5), 0),
            1e-12);
    }

    [Fact]
    public void Discount_is_that_of_each_week()
    {
        var nbd = new NbdModel(0.5, 6);
        var perWeek = nbd.ExpectedOrders(default, default, new Weeks(1));
        var expected = perWeek / 1.01 + perWeek / (1.01 * 1.01);
        Assert.Equal(expected, LifetimeValue.DiscountedOrders(nbd, default, default, new Weeks(2), 0.01), 1e-12);
        Assert.Equal(1.15, Math.Pow(1 + LifetimeValue.WeeklyDiscount(0.15), 52), 1e-12);
    }

    [Fact]
    public void Shop_where_nobody_stops_has_a_risk_and_a_crossing_all_the_same()
    {
        var nbd = new NbdModel(0.5, 6);
        var history = new PurchaseHistory(3, new Weeks(20));
        var crossing = nbd.WhenHorizonRisk(history, new Weeks(13), 0.75);
        Assert.Equal(CrossingKind.At, crossing.Kind);
        Assert.Equal(0.75, nbd.HorizonRisk(history, crossing.Silence, new Weeks(13)), 1e-12);
        Assert.Equal(CrossingKind.Never, nbd.WhenAlive(history, 0.1).Kind);

        // The beta-geometric model with nobody stopping is this one.
        var limit = new BetaGeometricModel(0.5, 6, 1e-12, 2, true);
        Assert.Equal(limit.HorizonRisk(history, new Weeks(5), new Weeks(13)), nbd.HorizonRisk(history, new Weeks(5), new Weeks(13)), 1e-10);
    }
}
