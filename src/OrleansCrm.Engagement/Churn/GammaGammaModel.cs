namespace OrleansCrm.Engagement.Churn;

/// <summary>
/// Gamma-Gamma (Fader, Hardie 2013, note 025): order values of a customer are Gamma(p, nu), nu differs between customers as Gamma(q, v).
/// What a customer spends is taken to be independent of how often; check the correlation before trusting it.
/// </summary>
/// <param name="P">Positive.</param>
/// <param name="Q">Positive; the mean over all customers is finite from above 1 on.</param>
/// <param name="V">Positive, in units of money.</param>
public sealed record GammaGammaModel(double P, double Q, double V)
{
    /// <summary>As published for the CDNOW cohort (p 6.25, q 3.74, v 15.44 dollars).</summary>
    public static GammaGammaModel Cdnow { get; } = new(6.25, 3.74, 15.44);

    /// <summary>E[M] = p v / (q - 1); infinite for q &lt;= 1.</summary>
    public double PopulationMean => Q > 1 ? P * V / (Q - 1) : double.PositiveInfinity;

    /// <summary>
    /// E[M | x, m] = p (v + x m) / (p x + q - 1): between the customer's own mean and everybody's, nearer to the first the more orders
    /// stand behind it.
    /// </summary>
    /// <param name="orders">x, orders that the mean is of; 0 gives <see cref="PopulationMean"/>.</param>
    /// <param name="meanValue">m, their mean value, positive; ignored when there is none.</param>
    public double ExpectedValue(int orders, double meanValue) =>
        orders == 0 ? PopulationMean : P * (V + orders * meanValue) / (P * orders + Q - 1);
}
