namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>A log-likelihood of positive parameters, given as their logarithms so that the search knows no edge at zero.</summary>
internal interface ILikelihood
{
    int Parameters { get; }

    /// <param name="theta">Logarithms of the parameters.</param>
    /// <param name="gradient">Filled with the derivatives by <paramref name="theta"/>.</param>
    /// <returns>The log-likelihood.</returns>
    double At(ReadOnlySpan<double> theta, Span<double> gradient);
}

/// <summary>Derivatives by central differences, for likelihoods whose own have no simple form.</summary>
internal static class Differences
{
    private const double Step = 1e-5;

    public delegate double Value(ReadOnlySpan<double> theta);

    public static void Gradient(Value value, ReadOnlySpan<double> theta, Span<double> gradient)
    {
        Span<double> moved = stackalloc double[theta.Length];
        for (var i = 0; i < theta.Length; i++)
        {
            theta.CopyTo(moved);
            moved[i] = theta[i] + Step;
            var above = value(moved);
            moved[i] = theta[i] - Step;
            gradient[i] = (above - value(moved)) / (2 * Step);
        }
    }
}
