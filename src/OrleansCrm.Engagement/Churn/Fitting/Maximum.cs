using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>
/// The maximum of a likelihood by BFGS with backtracking, within a box of logarithms: a parameter that runs to the edge stays there and
/// is reported, rather than walking to 1e9 (facts of such fits: on a shop where nobody stops, a goes to 0).
/// </summary>
/// <param name="Theta">Logarithms of the parameters.</param>
/// <param name="Errors">Standard errors of the logarithms, from the inverse of the observed information; NaN at the edge.</param>
/// <param name="Curvature">The inverse of the negative second derivatives, as far as the search has come to know it.</param>
internal sealed record Maximum(double[] Theta, double LogLikelihood, double[] Errors, bool Converged, bool[] AtEdge, double[,] Curvature)
{
    /// <summary>e^12 is 163,000: no parameter of a shop's history lies beyond.</summary>
    public const double ThetaMax = 12;

    private const int StepsMax = 500;
    private const int HalvingsMax = 60;
    private const double RoundingShare = 100;

    /// <param name="curvature">What a search nearby has found, in the scale of this likelihood; null for nothing.</param>
    public static Maximum Find(ILikelihood likelihood, ReadOnlySpan<double> start, double[,]? curvature = null)
    {
        var n = likelihood.Parameters;
        var theta = start.ToArray();
        var gradient = new double[n];
        var value = likelihood.At(theta, gradient);
        var inverse = curvature ?? Matrix.Identity(n);
        var converged = false;
        for (var step = 0; step < StepsMax && !converged; step++)
        {
            Hold(theta, gradient);
            converged = Largest(gradient) <= Tolerance(value);
            if (converged || !TryStep(likelihood, theta, ref value, gradient, inverse, out var next, out var nextGradient))
                break;
            Hold(next, nextGradient);
            Matrix.Update(inverse, next, theta, nextGradient, gradient);
            (theta, gradient) = (next, nextGradient);
        }

        var atEdge = Array.ConvertAll(theta, t => Math.Abs(t) >= ThetaMax);

        // Where no step leads up any more, rounding stands between the search and the last bit of the way: a thousandth of a standard error.
        converged |= Largest(gradient) <= RoundingShare * Tolerance(value);
        return new Maximum(theta, value, ErrorsAt(likelihood, theta, atEdge), converged, atEdge, inverse);
    }

    private static bool TryStep(
        ILikelihood likelihood, double[] theta, ref double value, double[] gradient, double[,] inverse, out double[] next, out double[] nextGradient)
    {
        next = new double[theta.Length];
        nextGradient = new double[theta.Length];
        var direction = Matrix.Times(inverse, gradient);
        if (!(Dot(direction, gradient) > 0))
        {
            Matrix.Reset(inverse);
            direction = [.. gradient];
        }

        // The first step has no curvature to go by; a whole gradient of thousands would leave the box at once.
        var length = Math.Min(1, 2 / Math.Max(Largest(direction), 1e-300));
        for (var halving = 0; halving < HalvingsMax; halving++, length /= 2)
        {
            for (var i = 0; i < theta.Length; i++)
                next[i] = Math.Clamp(theta[i] + length * direction[i], -ThetaMax, ThetaMax);
            var there = likelihood.At(next, nextGradient);
            if (double.IsFinite(there) && there >= value + 1e-4 * Dot(Minus(next, theta), gradient) && !next.AsSpan().SequenceEqual(theta))
            {
                value = there;
                return true;
            }
        }

        return false;
    }

    // Sums over many customers carry rounding in proportion to themselves.
    private static double Tolerance(double value) => 1e-8 * Math.Max(1, Math.Abs(value));

    // At the edge only the way back counts.
    private static void Hold(double[] theta, double[] gradient)
    {
        for (var i = 0; i < theta.Length; i++)
        {
            if ((theta[i] >= ThetaMax && gradient[i] > 0) || (theta[i] <= -ThetaMax && gradient[i] < 0))
                gradient[i] = 0;
        }
    }

    private static double[] ErrorsAt(ILikelihood likelihood, double[] theta, bool[] atEdge)
    {
        const double Step = 1e-4;
        var free = Enumerable.Range(0, theta.Length).Where(i => !atEdge[i]).ToArray();
        var information = new double[free.Length, free.Length];
        var (above, below) = (new double[theta.Length], new double[theta.Length]);
        for (var i = 0; i < free.Length; i++)
        {
            var moved = theta.ToArray();
            moved[free[i]] = theta[free[i]] + Step;
            likelihood.At(moved, above);
            moved[free[i]] = theta[free[i]] - Step;
            likelihood.At(moved, below);
            for (var j = 0; j < free.Length; j++)
                information[i, j] = -(above[free[j]] - below[free[j]]) / (2 * Step);
        }

        var errors = new double[theta.Length];
        Array.Fill(errors, double.NaN);
        if (Matrix.Inverse(information) is { } covariance)
        {
            for (var i = 0; i < free.Length; i++)
                errors[free[i]] = covariance[i, i] > 0 ? Math.Sqrt(covariance[i, i]) : double.NaN;
        }

        return errors;
    }

    private static double[] Minus(double[] x, double[] y) => [.. x.Zip(y, (a, b) => a - b)];

    private static double Dot(double[] x, double[] y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }

    private static double Largest(double[] x)
    {
        var largest = 0.0;
        foreach (var value in x)
            largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}
