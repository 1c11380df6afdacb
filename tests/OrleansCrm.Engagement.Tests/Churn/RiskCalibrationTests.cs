using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;

namespace OrleansCrm.Engagement.Tests.Churn;

public sealed class RiskCalibrationTests
{
    [Fact]
    public void Calibrated_threshold_is_carried_back_exactly()
    {
        var random = new Random(3);
        for (var i = 0; i < 10_000; i++)
        {
            var calibration = new RiskCalibration(4 * random.NextDouble() - 2, 0.3 + 2 * random.NextDouble());
            var risk = 0.001 + 0.998 * random.NextDouble();
            Assert.Equal(risk, calibration.Undo(calibration.Of(risk)), 1e-12);
            Assert.True(calibration.Of(risk) < calibration.Of(Math.Min(1, risk + 1e-6)));
        }

        Assert.Equal((0.0, 1.0, 0.4), (RiskCalibration.None.Of(0), RiskCalibration.None.Of(1), RiskCalibration.None.Of(0.4)));
    }

    [Fact]
    public void Calibration_that_outcomes_were_drawn_from_is_found_again()
    {
        var random = new Random(4);
        var truth = new RiskCalibration(-0.7, 0.6);
        var risks = Enumerable.Range(0, 50_000).Select(_ => random.NextDouble()).ToArray();
        var happened = Array.ConvertAll(risks, r => random.NextDouble() < truth.Of(r));

        var found = CalibrationFit.Of(risks, happened)!;

        Assert.Equal(truth.Intercept, found.Intercept, 0.05);
        Assert.Equal(truth.Slope, found.Slope, 0.05);
        Assert.True(CalibrationFit.Brier(risks, happened, found) < CalibrationFit.Brier(risks, happened, RiskCalibration.None) - 0.005);
    }

    [Fact]
    public void Risks_that_say_the_opposite_have_no_calibration()
    {
        var random = new Random(5);
        var risks = Enumerable.Range(0, 5_000).Select(_ => random.NextDouble()).ToArray();

        Assert.Null(CalibrationFit.Of(risks, Array.ConvertAll(risks, r => random.NextDouble() < 1 - r)));
        Assert.Null(CalibrationFit.Of([], []));
    }

    [Fact]
    public void Outcome_that_all_share_comes_to_an_end()
    {
        double[] risks = [.. Enumerable.Range(1, 500).Select(i => i / 501.0)];
        var found = CalibrationFit.Of(risks, Array.ConvertAll(risks, _ => true));
        Assert.True(found is null || (double.IsFinite(found.Intercept) && found.Slope >= 0.05));
    }
}
