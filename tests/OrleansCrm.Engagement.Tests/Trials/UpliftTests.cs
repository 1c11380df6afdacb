using OrleansCrm.Engagement.Trials;

namespace OrleansCrm.Engagement.Tests.Trials;

public sealed class UpliftTests
{
    /// <summary>Newcombe 1998, table II, method 10.</summary>
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(6, 7, 2, 7, 0.0582, 0.8062)]
    [InlineData(5, 56, 0, 29, -0.0381, 0.1926)]
    [InlineData(10, 10, 0, 10, 0.6075, 1.0000)]
    public void Published_intervals_of_a_difference_are_reproduced(int a, int m, int b, int n, double low, double high)
    {
        var interval = Uplift.Of(new TrialTally(m, a, 0, 0, 0), new TrialTally(n, b, 0, 0, 0)).ReturnRate!.Value;
        Assert.Equal((double)a / m - (double)b / n, interval.Value, 12);
        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void Revenue_is_compared_by_its_means()
    {
        var (treated, control) = (new TrialTally(), new TrialTally());
        foreach (var micros in (long[])[0, 10_000_000, 20_000_000, 30_000_000])
            (treated, control) = (treated.With(micros > 0, micros), control.With(false, 0));
        var revenue = Uplift.Of(treated, control).Revenue!.Value;
        Assert.Equal(15, revenue.Value);
        Assert.Equal(15 - 1.959963984540054 * Math.Sqrt(500.0 / 3 / 4), revenue.Low, 9);
        Assert.Equal(30 - revenue.Low, revenue.High, 9);
    }

    [Fact]
    public void Nothing_is_claimed_of_empty_groups()
    {
        var uplift = Uplift.Of(default, new TrialTally(5, 1, 0, 0, 0));
        Assert.Equal((null, null), (uplift.ReturnRate, uplift.Revenue));
    }
}
