namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>
/// Which calibration makes a model's risks right: logistic regression of what happened on the risk's logit, by Newton (Platt 1999). Its
/// targets are drawn in a little, as there, so that an outcome that all customers share has a finite answer.
/// </summary>
public static class CalibrationFit
{
    private const int StepsMax = 100;
    private const double RiskEdge = 1e-9;

    /// <param name="risks">What the model said, 0..1.</param>
    /// <param name="happened">What came, for each of them.</param>
    /// <returns>Null when the risks say nothing about it, or the opposite: no rising calibration within the bounds fits.</returns>
    public static RiskCalibration? Of(ReadOnlySpan<double> risks, ReadOnlySpan<bool> happened)
    {
        if (happened.Length == 0)
            return null;
        double positives = 0;
        foreach (var h in happened)
            positives += h ? 1 : 0;
        var whenHappened = (positives + 1) / (positives + 2);
        var whenNot = 1 / (happened.Length - positives + 2);
        var (intercept, slope) = (0.0, 1.0);
        for (var step = 0; step < StepsMax; step++)
        {
            var (d0, d1, h00, h01, h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
            for (var i = 0; i < risks.Length; i++)
            {
                var z = RiskCalibration.Logit(Math.Clamp(risks[i], RiskEdge, 1 - RiskEdge));
                var p = RiskCalibration.Logistic(intercept + slope * z);
                var (error, weight) = ((happened[i] ? whenHappened : whenNot) - p, p * (1 - p));
                d0 += error;
                d1 += error * z;
                h00 += weight;
                h01 += weight * z;
                h11 += weight * z * z;
            }

            var determinant = h00 * h11 - h01 * h01;
            if (!(determinant > 0))
                return null;
            var by0 = (h11 * d0 - h01 * d1) / determinant;
            var by1 = (h00 * d1 - h01 * d0) / determinant;

            // A whole step from far away can pass the maximum by far; a bounded one cannot do harm.
            var scale = Math.Min(1, 2 / Math.Max(Math.Abs(by0), Math.Abs(by1)));
            intercept += scale * by0;
            slope += scale * by1;
            if (Math.Max(Math.Abs(by0), Math.Abs(by1)) < 1e-10)
                return slope is >= 0.05 and <= 20 && Math.Abs(intercept) <= 20 ? new RiskCalibration(intercept, slope) : null;
        }

        return null;
    }

    /// <summary>Mean squared difference between what was called probable and what happened; smaller is better.</summary>
    public static double Brier(ReadOnlySpan<double> risks, ReadOnlySpan<bool> happened, RiskCalibration calibration)
    {
        var sum = 0.0;
        for (var i = 0; i < risks.Length; i++)
        {
            var miss = calibration.Of(risks[i]) - (happened[i] ? 1 : 0);
            sum += miss * miss;
        }

        return risks.Length == 0 ? double.NaN : sum / risks.Length;
    }
}
