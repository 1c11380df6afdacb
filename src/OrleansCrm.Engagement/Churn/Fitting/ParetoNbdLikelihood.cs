using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>
/// Of Pareto/NBD: ln L = ln G(r+x)/G(r) + r ln alpha + s ln beta - (r+x) ln(alpha+T) - s ln(beta+T) + ln(1 + G), G the odds of having
/// stopped. The derivatives of ln(1 + G) are G / (1 + G) times the mean, over the integral that G is, of those of its integrand's logarithm.
/// </summary>
internal sealed class ParetoNbdLikelihood(PurchaseSample sample) : ILikelihood
{
    private readonly GammaSteps _r = new(sample.RepeatsMax);

    public int Parameters => 4;

    public double At(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        var model = new ParetoNbdModel(Real.Exp(theta[0]), Real.Exp(theta[1]), Real.Exp(theta[2]), Real.Exp(theta[3]));
        var (r, alpha, s, beta) = (model.R, model.Alpha, model.S, model.Beta);
        _r.Fill(r);
        var (sum, dR, dAlpha, dS, dBeta) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var row in sample.Rows)
        {
            var (x, end) = (row.Repeats, row.Age);
            var (lnAlphaEnd, lnBetaEnd) = (Real.Log(alpha + end), Real.Log(beta + end));
            var odds = OddsOf(model, x, row.Last, end - row.Last);
            var either = odds.Log > 0 ? odds.Log + Real.Log1p(Real.Exp(-odds.Log)) : Real.Log1p(Real.Exp(odds.Log));
            var stopped = 1 / (1 + Real.Exp(-odds.Log));

            sum += row.Weight * (_r.Logs[x] + r * theta[1] + s * theta[3] - (r + x) * lnAlphaEnd - s * lnBetaEnd + either);
            dR += row.Weight * (_r.Inverses[x] + theta[1] - lnAlphaEnd + stopped * odds.ByR);
            dAlpha += row.Weight * (r / alpha - (r + x) / (alpha + end) + stopped * odds.ByAlpha);
            dS += row.Weight * (theta[3] - lnBetaEnd + stopped * odds.ByS);
            dBeta += row.Weight * (s / beta - s / (beta + end) + stopped * odds.ByBeta);
        }

        (gradient[0], gradient[1], gradient[2], gradient[3]) = (dR * r, dAlpha * alpha, dS * s, dBeta * beta);
        return sum;
    }

    private static Odds OddsOf(ParetoNbdModel model, int repeats, double from, double span)
    {
        if (!(span > 0))
            return new Odds(double.NegativeInfinity, 0, 0, 0, 0);
        var integral = new StopIntegral(model, repeats, from, span);
        Span<double> logs = stackalloc double[GaussLegendre.Points];
        Span<double> lesser = stackalloc double[GaussLegendre.Points];
        Span<double> greater = stackalloc double[GaussLegendre.Points];
        var largest = double.NegativeInfinity;
        for (var i = 0; i < logs.Length; i++)
        {
            logs[i] = integral.LogAt(i, out lesser[i], out greater[i]);
            largest = Math.Max(largest, logs[i]);
        }

        var lnAlpha = model.Alpha <= model.Beta ? lesser : greater;
        var lnBeta = model.Alpha <= model.Beta ? greater : lesser;
        var (sum, byR, byAlpha, byS, byBeta) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < logs.Length; i++)
        {
            var share = Real.Exp(logs[i] - largest);
            sum += share;
            byR += share * lnAlpha[i];
            byS += share * lnBeta[i];
            byAlpha += share * Real.Exp(lnAlpha[i]);
            byBeta += share * Real.Exp(lnBeta[i]);
        }

        var to = from + span;
        return new Odds(
            Real.Log(model.S * integral.Half * sum) + largest,
            byR / sum,
            (model.R + repeats) * (1 - byAlpha / sum) / (model.Alpha + to),
            1 / model.S + byS / sum,
            (model.S - (model.S + 1) * byBeta / sum) / (model.Beta + to));
    }

    /// <summary>ln of the odds of having stopped, and its derivatives.</summary>
    private readonly record struct Odds(double Log, double ByR, double ByAlpha, double ByS, double ByBeta);
}
