using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>Of NBD: ln L = ln G(r+x)/G(r) + r ln alpha - (r+x) ln(alpha+T).</summary>
internal sealed class NbdLikelihood(PurchaseSample sample) : ILikelihood
{
    public int Parameters => 2;

    public double At(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        Differences.Gradient(ValueAt, theta, gradient);
        return ValueAt(theta);
    }

    private double ValueAt(ReadOnlySpan<double> theta)
    {
        var (r, alpha) = (Real.Exp(theta[0]), Real.Exp(theta[1]));
        var atR = Gamma.LogGamma(r);
        var sum = 0.0;
        foreach (var row in sample.Rows)
            sum += row.Weight * (Gamma.LogGamma(r + row.Repeats) - atR + r * theta[1] - (r + row.Repeats) * Real.Log(alpha + row.Age));
        return sum;
    }
}

/// <summary>Of Pareto/NBD: ln L = ln G(r+x)/G(r) + r ln alpha + s ln beta - (r+x) ln(alpha+T) - s ln(beta+T) + ln(1 + odds of having stopped).</summary>
internal sealed class ParetoNbdLikelihood(PurchaseSample sample) : ILikelihood
{
    public int Parameters => 4;

    public double At(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        Differences.Gradient(ValueAt, theta, gradient);
        return ValueAt(theta);
    }

    private double ValueAt(ReadOnlySpan<double> theta)
    {
        var model = new ParetoNbdModel(Real.Exp(theta[0]), Real.Exp(theta[1]), Real.Exp(theta[2]), Real.Exp(theta[3]));
        var atR = Gamma.LogGamma(model.R);
        var sum = 0.0;
        foreach (var row in sample.Rows)
        {
            var odds = model.LogStoppedOdds(row.Repeats, row.Last, row.Age - row.Last);
            var either = odds > 0 ? odds + Real.Log1p(Real.Exp(-odds)) : Real.Log1p(Real.Exp(odds));
            sum += row.Weight * (Gamma.LogGamma(model.R + row.Repeats) - atR + model.R * theta[1] + model.S * theta[3]
                - (model.R + row.Repeats) * Real.Log(model.Alpha + row.Age) - model.S * Real.Log(model.Beta + row.Age) + either);
        }

        return sum;
    }
}

/// <summary>
/// Of Gamma-Gamma: ln L = ln G(px+q) - ln G(px) - ln G(q) + q ln v + (px-1) ln m + px ln x - (px+q) ln(xm+v), for customers with x orders
/// of mean value m, both positive.
/// </summary>
internal sealed class GammaGammaLikelihood((int Orders, double Mean)[] customers) : ILikelihood
{
    public int Parameters => 3;

    public double At(ReadOnlySpan<double> theta, Span<double> gradient)
    {
        Differences.Gradient(ValueAt, theta, gradient);
        return ValueAt(theta);
    }

    private double ValueAt(ReadOnlySpan<double> theta)
    {
        var (p, q, v) = (Real.Exp(theta[0]), Real.Exp(theta[1]), Real.Exp(theta[2]));
        var atQ = Gamma.LogGamma(q);
        var sum = 0.0;
        foreach (var (x, m) in customers)
        {
            var px = p * x;
            sum += Gamma.LogGamma(px + q) - Gamma.LogGamma(px) - atQ + q * theta[2] + (px - 1) * Real.Log(m) + px * Real.Log(x)
                - (px + q) * Real.Log(x * m + v);
        }

        return sum;
    }
}
