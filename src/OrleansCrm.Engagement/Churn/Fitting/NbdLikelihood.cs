using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>Of NBD: ln L = ln G(r+x)/G(r) + r ln alpha - (r+x) ln(alpha+T).</summary>
internal sealed class NbdLikelihood(PurchaseSample sample) : ILikelihood
{
    private readonly GammaSteps _r = new(sample.RepeatsMax);

    public int Parameters => 2;

    public double At(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        var (r, alpha) = (Real.Exp(theta[0]), Real.Exp(theta[1]));
        _r.Fill(r);
        var (sum, dR, dAlpha) = (0.0, 0.0, 0.0);
        foreach (var row in sample.Rows)
        {
            var x = row.Repeats;
            var lnEnd = Real.Log(alpha + row.Age);
            sum += row.Weight * (_r.Logs[x] + r * theta[1] - (r + x) * lnEnd);
            dR += row.Weight * (_r.Inverses[x] + theta[1] - lnEnd);
            dAlpha += row.Weight * (r / alpha - (r + x) / (alpha + row.Age));
        }

        (gradient[0], gradient[1]) = (dR * r, dAlpha * alpha);
        return sum;
    }
}
