using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;

namespace OrleansCrm.Engagement.Tests.Churn.Fitting;

public sealed class RepeatCountsTests
{
    public static TheoryData<IChurnModel> Models =>
    [
        BetaGeometricModel.MbgCdnow, BetaGeometricModel.BgCdnow, ParetoNbdModel.Cdnow, NbdModel.Cdnow, new BetaGeometricModel(2, 3, 0.2, 5, true),
        new ParetoNbdModel(1.5, 6, 2, 5),
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Mean_of_the_counts_is_what_the_model_expects_of_a_new_customer(IChurnModel model)
    {
        const int Count = 400;
        var counts = RepeatCounts.Of(model, new Weeks(39), Count);

        Assert.Equal(1, counts.Sum(), 1e-12);
        Assert.All(counts, p => Assert.InRange(p, 0, 1));
        Assert.True(counts[^1] < 1e-6);
        var mean = Enumerable.Range(0, Count).Sum(x => x * counts[x]);

        // The expectation of a customer who has just come; MBG/NBD counts the chance to stop at the first purchase into it.
        Assert.Equal(model.ExpectedOrders(default, default, new Weeks(39)), mean, 1e-3);
    }

    [Fact]
    public void Few_counts_end_with_all_that_is_more()
    {
        var many = RepeatCounts.Of(BetaGeometricModel.MbgCdnow, new Weeks(39), 50);
        var few = RepeatCounts.Of(BetaGeometricModel.MbgCdnow, new Weeks(39), 4);
        Assert.Equal(many[..3], few[..3]);
        Assert.Equal(many[3..].Sum(), few[3], 1e-12);
    }
}
