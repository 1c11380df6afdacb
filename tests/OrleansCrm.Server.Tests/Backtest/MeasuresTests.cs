using OrleansCrm.Server.Backtest;

namespace OrleansCrm.Server.Tests.Backtest;

public sealed class MeasuresTests
{
    [Theory]
    [InlineData(new[] { 0.1, 0.2, 0.8, 0.9 }, new[] { false, false, true, true }, 1.0)]
    [InlineData(new[] { 0.9, 0.8, 0.2, 0.1 }, new[] { false, false, true, true }, 0.0)]
    [InlineData(new[] { 0.5, 0.5, 0.5, 0.5 }, new[] { false, true, false, true }, 0.5)]
    [InlineData(new[] { 0.1, 0.4, 0.35, 0.8 }, new[] { false, false, true, true }, 0.75)]
    public void Area_under_the_curve_counts_pairs_in_order(double[] scores, bool[] left, double expected) =>
        Assert.Equal(expected, Measures.AreaUnderCurve(scores, left), 1e-12);

    [Fact]
    public void Area_under_the_curve_is_none_when_all_did_the_same() =>
        Assert.True(double.IsNaN(Measures.AreaUnderCurve([0.1, 0.2], [true, true])));

    [Fact]
    public void Probabilities_are_judged_by_their_squares_and_by_their_tenths()
    {
        double[] probabilities = [.. Enumerable.Range(0, 100).Select(i => i < 50 ? 0.2 : 0.9)];
        bool[] happened = [.. Enumerable.Range(0, 100).Select(i => i < 50 ? i % 5 == 0 : i % 10 != 0)];
        Assert.Equal(0.5 * (0.2 * 0.8) + 0.5 * (0.9 * 0.1), Measures.Brier(probabilities, happened), 1e-12);
        Assert.Equal(0, Measures.CalibrationError(probabilities, happened), 1e-12);
        Assert.Equal(0.1, Measures.CalibrationError([.. probabilities.Select(p => p - 0.1)], happened), 1e-12);
    }

    [Fact]
    public void Error_of_a_difference_of_areas_is_how_far_it_moves_with_other_customers()
    {
        var random = new Random(7);
        var (differences, errors) = (new List<double>(), new List<double>());
        for (var shop = 0; shop < 400; shop++)
        {
            bool[] left = [.. Enumerable.Range(0, 200).Select(i => i % 3 == 0)];
            double[] known = [.. left.Select(l => (l ? 0.7 : 0) + random.NextDouble())];
            double[] scores = [.. known.Select(k => k + random.NextDouble())];
            double[] others = [.. known.Select(k => Math.Round(k + random.NextDouble(), 1))];
            differences.Add(Measures.AreaUnderCurve(scores, left) - Measures.AreaUnderCurve(others, left));
            errors.Add(Measures.ErrorOfDifference(scores, others, left));
            Assert.Equal(0, Measures.ErrorOfDifference(scores, scores, left), 1e-12);
        }

        var moved = Math.Sqrt(differences.Average(d => Math.Pow(d - differences.Average(), 2)));
        Assert.InRange(errors.Average() / moved, 0.85, 1.15);
    }

    [Fact]
    public void Verdict_on_a_rule_follows_from_the_difference_and_its_error()
    {
        bool[] left = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0)];
        double[] right = [.. left.Select((l, i) => (l ? 1000.0 : 0) + i)];
        double[] blind = [.. left.Select((_, i) => i * 37 % 100.0)];
        Method Rule(double[] scores) => new("rule", scores) { IsRule = true };
        Assert.Equal("as_good", Ranking.Of([Rule(right), new Method("model", right)], left)!.Verdict);
        Assert.Equal("model_better", Ranking.Of([Rule(blind), new Method("model", right)], left)!.Verdict);
        Assert.Equal("rule_better", Ranking.Of([Rule(right), Rule(blind), new Method("model", blind)], left)!.Verdict);
        Assert.Null(Ranking.Of([Rule(right), new Method("model", right)], new bool[100]));
    }

    [Fact]
    public void Precision_looks_at_the_highest_scores_alone() =>
        Assert.Equal(0.5, Measures.PrecisionAt(0.4, [5, 4, 3, 2, 1], [true, false, true, true, true]));
}
