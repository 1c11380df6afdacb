using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

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

        // Customers with as many orders mostly stand together, and the gamma functions are most of the cost.
        var (known, ofOrders) = (0, 0.0);
        foreach (var (x, m) in customers)
        {
            var px = p * x;
            if (x != known)
                (known, ofOrders) = (x, Gamma.LogGamma(px + q) - Gamma.LogGamma(px) + px * Real.Log(x));
            sum += ofOrders - atQ + q * theta[2] + (px - 1) * Real.Log(m) - (px + q) * Real.Log(x * m + v);
        }

        return sum;
    }
}
