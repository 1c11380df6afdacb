using System.Text;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Churn;

public sealed class SpendTests
{
    private static readonly ProgramDocument Cdnow =
        ProgramDocument.Default with { Churn = new ChurnRules { Spend = GammaGammaModel.Cdnow } };

    [Theory]
    [InlineData(200.0)]
    [InlineData(5.0)]
    public void Value_of_the_next_order_lies_between_the_own_mean_and_everybodys(double value)
    {
        var (plain, drawn) = (ClvOf(new Story(), value), ClvOf(new Story(program: Cdnow), value));

        // E[M | 2, m] of note 025, written out.
        var expected = 6.25 * (15.44 + 2 * value) / (6.25 * 2 + 3.74 - 1);
        Assert.Equal(plain * expected / value, drawn, 0.02);
        Assert.True(value > GammaGammaModel.Cdnow.PopulationMean ? drawn < plain : drawn > plain);
    }

    [Fact]
    public void Orders_without_a_rate_are_taken_at_their_own_mean()
    {
        var foreign = """{"order_id":"x","revenue":80,"currency":"USD"}""";
        Assert.Equal(
            new Story().Track(0, "Order Completed", foreign).Profile.GetProperty("value").GetRawText(),
            new Story(program: Cdnow).Track(0, "Order Completed", foreign).Profile.GetProperty("value").GetRawText());
    }

    [Fact]
    public void Spend_stands_in_the_program_with_all_its_parameters_or_not_at_all()
    {
        var read = ProgramDocument.Parse(Cdnow.ToJson());
        Assert.Equal(GammaGammaModel.Cdnow, read.Churn.Spend);
        Assert.Null(ProgramDocument.Parse("""{"churn":{"spend":null}}"""u8).Churn.Spend);
        var refused = Assert.Throws<ProgramException>(() => ProgramDocument.Parse(Encoding.UTF8.GetBytes("""{"churn":{"spend":{"p":0,"q":1,"w":2}}}""")));
        Assert.Equal(["churn.spend.p", "churn.spend.q", "churn.spend.v", "churn.spend.w"], refused.Faults.Select(f => f.Field).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Large_shop_is_fitted_to_the_same_maximum_as_its_customers_one_by_one()
    {
        var random = new Random(3);
        var customers = Enumerable.Range(0, 12_000).Select(_ => Draw(random)).ToArray();
        var fit = SpendFit.Of(customers);
        Assert.True(fit.Converged);
        var (p, q, v) = (GammaGammaModel.Cdnow.P, GammaGammaModel.Cdnow.Q, GammaGammaModel.Cdnow.V);
        Assert.InRange(fit.Parameters[0].Value, p - 4 * fit.Parameters[0].Error, p + 4 * fit.Parameters[0].Error);
        Assert.InRange(fit.Parameters[1].Value, q - 4 * fit.Parameters[1].Error, q + 4 * fit.Parameters[1].Error);
        Assert.InRange(fit.Parameters[2].Value, v - 4 * fit.Parameters[2].Error, v + 4 * fit.Parameters[2].Error);
    }

    private static (int Orders, double Mean) Draw(Random random)
    {
        var orders = random.Next(1, 8);
        var rate = random.NextGamma(GammaGammaModel.Cdnow.Q) / GammaGammaModel.Cdnow.V;
        return (orders, Enumerable.Range(0, orders).Average(_ => random.NextGamma(GammaGammaModel.Cdnow.P) / rate));
    }

    private static double ClvOf(Story story, double value) =>
        story.Order(0, "a", (decimal)value).Order(10, "b", (decimal)value).Profile.GetProperty("value").GetProperty("clv").GetProperty("amount").GetDouble();
}
