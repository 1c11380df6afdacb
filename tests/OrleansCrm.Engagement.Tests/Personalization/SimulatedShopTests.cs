using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using Xunit.Abstractions;

namespace OrleansCrm.Engagement.Tests.Personalization;

/// <summary>
/// A shop that shows one of five offers to customers of two kinds, for each of which another offer is the best, and learns from what follows.
/// Regret: how much less a decision is expected to bring than the best offer would, against choosing at random.
/// </summary>
public sealed class SimulatedShopTests(ITestOutputHelper output)
{
    private const int Seeds = 100;
    private const int Half = 10_000;
    private const int PerDay = 500;
    private const int DecisionsPerTable = 250;

    private static readonly double[] Rates = [0.06, 0.04, 0.03, 0.02, 0.01];
    private static readonly Offer[] Offers = [.. Enumerable.Range(0, 5).Select(i => new Offer { Id = $"offer-{i}", Title = "An offer" })];
    private static readonly double UniformRegret = Rates[0] - Rates.Average();

    [Fact]
    public void Second_ten_thousand_decisions_lose_at_most_a_third_of_what_chance_would()
    {
        var regret = Enumerable.Range(0, Seeds).AsParallel().Average(seed => new Shop((ulong)seed, halfLifeDays: 30).Run(2 * Half, swapAt: int.MaxValue)[Half..].Average());

        output.WriteLine($"regret {regret:0.00000}, of chance {UniformRegret:0.00000}: {regret / UniformRegret:0.000}");
        Assert.InRange(regret / UniformRegret, 0, 0.35);
    }

    [Fact]
    public void Rates_that_swap_are_learned_again_within_five_thousand_decisions()
    {
        var runs = Enumerable.Range(0, Seeds / 3).AsParallel().Select(seed => new Shop((ulong)seed, halfLifeDays: 4).Run(2 * Half, swapAt: Half)).ToArray();
        double Mean(int from, int until) => runs.Average(run => run[from..until].Average()) / UniformRegret;

        output.WriteLine($"before {Mean(5_000, Half):0.000}, after {Mean(Half, 12_000):0.000} {Mean(12_000, 14_000):0.000} {Mean(14_000, 15_000):0.000} {Mean(15_000, 2 * Half):0.000}");
        Assert.True(Mean(Half, Half + 500) > 0.9, "the swap is felt");
        Assert.InRange(Mean(15_000, 2 * Half), 0, 0.35);
        Assert.InRange(Mean(15_000, 2 * Half), 0, Mean(5_000, Half) * 1.15);
    }

    [Fact]
    public void Propensities_add_up_and_are_what_offers_are_drawn_with()
    {
        var sums = new Dictionary<string, long>
        {
            [OfferMetrics.NameOf(Offers[0].Key, 0, 100, ".shown")] = 100,
            [OfferMetrics.NameOf(Offers[0].Key, 0, 100, ".converted")] = 10,
            [OfferMetrics.NameOf(Offers[1].Key, 0, 100, ".shown")] = 100,
            [OfferMetrics.NameOf(Offers[1].Key, 0, 100, ".converted")] = 8,
        };
        var table = new OfferTable(sums, 100 * 86_400_000L, new LearningRules());

        var propensities = table.Propensities(Offers, 0);

        Assert.Equal(1, propensities.Sum(), 9);
        Assert.All(propensities, p => Assert.InRange(p, 0.001, 1));
        Assert.True(propensities[0] > propensities[1]);
        Assert.Same(propensities, table.Propensities(Offers, 0));
        Assert.Equal(propensities, new OfferTable(sums, 100 * 86_400_000L, new LearningRules()).Propensities(Offers, 0));
    }

    [Fact]
    public void What_is_old_weighs_half_after_the_half_life()
    {
        var sums = new Dictionary<string, long> { [OfferMetrics.NameOf(Offers[0].Key, 2, 100, ".shown")] = 80, ["orders"] = 7 };

        var table = new OfferTable(sums, 130 * 86_400_000L, new LearningRules { HalfLifeDays = 30 });

        Assert.Equal(40, table.Of(Offers[0].Key, 2).Shown, 9);
        Assert.Equal((0, 0), table.Of(Offers[0].Key, 1));
    }

    private sealed class Shop(ulong seed, int halfLifeDays)
    {
        private readonly SeededRandom _random = SeededRandom.For(seed, 17);
        private readonly Dictionary<string, long> _sums = [];

        /// <returns>The regret of each decision.</returns>
        public double[] Run(int decisions, int swapAt)
        {
            var regret = new double[decisions];
            OfferTable? table = null;
            for (var i = 0; i < decisions; i++)
            {
                var day = 1_000 + i / PerDay;
                if (i % DecisionsPerTable == 0)
                    table = new OfferTable(_sums, day * 86_400_000L, new LearningRules { HalfLifeDays = halfLifeDays });
                var bucket = (byte)_random.Below(2);
                var chosen = Draw(table!.Propensities(Offers, bucket));
                var rate = RateOf(chosen, bucket, i >= swapAt);
                regret[i] = Rates[0] - rate;
                Count(chosen, bucket, day, ".shown");
                if (_random.Chance(rate))
                    Count(chosen, bucket, day, ".converted");
            }

            return regret;
        }

        // The other kind of customers likes them in the opposite order; a swap turns both around.
        private static double RateOf(int offer, byte bucket, bool isSwapped) => Rates[bucket == 1 != isSwapped ? Rates.Length - 1 - offer : offer];

        private int Draw(double[] propensities)
        {
            var until = _random.Uniform();
            var i = 0;
            while (i < propensities.Length - 1 && (until -= propensities[i]) > 0)
                i++;
            return i;
        }

        private void Count(int offer, byte bucket, int day, string what)
        {
            var name = OfferMetrics.NameOf(Offers[offer].Key, bucket, day, what);
            _sums[name] = _sums.GetValueOrDefault(name) + 1;
        }
    }
}
