using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>
/// Of BG/NBD (m = 0) and MBG/NBD (m = 1): ln L = ln G(r+x)/G(r) + r ln alpha + ln G(a+b) G(b+x+m) / (G(b) G(a+b+x+m)) + ln(e^u + e^w),
/// u = -(r+x) ln(alpha+T), w = ln a - ln(b+x+m-1) - (r+x) ln(alpha+t_x), without w where nobody can have stopped. x is whole, so
/// every quotient of gammas is a product of x or x + m terms: tables of prefix sums, and no gamma function.
/// </summary>
internal sealed class BetaGeometricLikelihood(PurchaseSample sample, bool stopsAfterFirst) : ILikelihood
{
    private readonly int _m = stopsAfterFirst ? 1 : 0;
    private readonly GammaSteps _r = new(sample.RepeatsMax);
    private readonly GammaSteps _b = new(sample.RepeatsMax + 1);
    private readonly GammaSteps _ab = new(sample.RepeatsMax + 1);

    public int Parameters => 4;

    public double At(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        var (r, alpha, a, b) = (Real.Exp(theta[0]), Real.Exp(theta[1]), Real.Exp(theta[2]), Real.Exp(theta[3]));
        _r.Fill(r);
        _b.Fill(b);
        _ab.Fill(a + b);
        var (sum, dR, dAlpha, dA, dB) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var row in sample.Rows)
        {
            var x = row.Repeats;
            var lnEnd = Real.Log(alpha + row.Age);
            var u = -(r + x) * lnEnd;
            var (both, stopped, lnLast) = (u, 0.0, 0.0);
            if (x + _m > 0)
            {
                lnLast = Real.Log(alpha + row.Last);
                var w = theta[2] - Real.Log(b + x + _m - 1) - (r + x) * lnLast;
                stopped = 1 / (1 + Real.Exp(u - w));
                both = u > w ? u + Real.Log1p(Real.Exp(w - u)) : w + Real.Log1p(Real.Exp(u - w));
            }

            sum += row.Weight * (_r.Logs[x] + r * theta[1] + _b.Logs[x + _m] - _ab.Logs[x + _m] + both);
            dR += row.Weight * (_r.Inverses[x] + theta[1] - (1 - stopped) * lnEnd - stopped * lnLast);
            dAlpha += row.Weight * (r / alpha - (r + x) * ((1 - stopped) / (alpha + row.Age) + stopped / (alpha + row.Last)));
            dA += row.Weight * (stopped / a - _ab.Inverses[x + _m]);
            dB += row.Weight * (_b.Inverses[x + _m] - _ab.Inverses[x + _m] - (stopped > 0 ? stopped / (b + x + _m - 1) : 0));
        }

        (gradient[0], gradient[1], gradient[2], gradient[3]) = (dR * r, dAlpha * alpha, dA * a, dB * b);
        return sum;
    }
}
