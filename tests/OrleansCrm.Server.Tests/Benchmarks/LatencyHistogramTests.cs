using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Tests.Benchmarks;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(123_456)]
    [InlineData(60_000_000)]
    public void Quantile_is_within_three_percent(long micros)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromMicroseconds(micros));

        Assert.InRange(histogram.Quantile(0.5).TotalMicroseconds, micros * 0.97, micros * 1.03);
    }

    [Fact]
    public void Quantiles_of_two_processes_add_up()
    {
        var (here, there) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 1; i <= 99; i++)
            here.Add(TimeSpan.FromMilliseconds(1));
        there.Add(TimeSpan.FromSeconds(1));

        here.Add(LatencyHistogram.OfPairs(there.ToPairs()));

        Assert.Equal(100, here.Count);
        Assert.InRange(here.Quantile(0.99).TotalMilliseconds, 0.97, 1.03);
        Assert.InRange(here.Quantile(1).TotalMilliseconds, 970, 1030);
    }

    [Fact]
    public void Quantile_of_nothing_is_zero() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Quantile(0.5));
}
