namespace OrleansCrm.Engagement.Numerics;

/// <summary>The logarithm of the gamma function, which the base library lacks.</summary>
public static class Gamma
{
    private const double HalfLnTwoPi = 0.91893853320467274178;

    /// <summary>
    /// ln Gamma(x) for x &gt; 0 by Lanczos' series (g = 7, nine terms); relative error below 1e-14 of max(1, |value|).
    /// NaN for x &lt;= 0.
    /// </summary>
    public static double LogGamma(double x)
    {
        if (!(x > 0))
            return double.NaN;

        // The series loses digits below 1/2; Gamma(x) = Gamma(x + 1) / x.
        if (x < 0.5)
            return LogGamma(x + 1) - Real.Log(x);

        x -= 1;
        var sum = 0.99999999999980993
            + 676.5203681218851 / (x + 1)
            - 1259.1392167224028 / (x + 2)
            + 771.32342877765313 / (x + 3)
            - 176.61502916214059 / (x + 4)
            + 12.507343278686905 / (x + 5)
            - 0.13857109526572012 / (x + 6)
            + 9.9843695780195716e-6 / (x + 7)
            + 1.5056327351493116e-7 / (x + 8);
        var t = x + 7.5;
        return HalfLnTwoPi + (x + 0.5) * Real.Log(t) - t + Real.Log(sum);
    }
}
