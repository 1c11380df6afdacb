using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn;

/// <summary>
/// NBD (Ehrenberg 1959): purchases are Poisson with a rate drawn from Gamma(r, alpha), and nobody ever stops. For merchants whose
/// history shows no stopping, where the fit of the others runs to the edge; risk then means the horizon risk alone.
/// </summary>
/// <param name="R">Positive.</param>
/// <param name="Alpha">Positive, in weeks.</param>
public sealed record NbdModel(double R, double Alpha) : IChurnModel
{
    public const string ModelName = "nbd";

    /// <summary>As published for the CDNOW cohort (r 0.385, alpha 12.072 weeks).</summary>
    public static NbdModel Cdnow { get; } = new(0.385, 12.072);

    public string Name => ModelName;

    public double ProbabilityAlive(in PurchaseHistory history, Weeks silence) => 1;

    /// <summary>((alpha + T) / (alpha + T + H))^(r + x).</summary>
    public double HorizonRisk(in PurchaseHistory history, Weeks silence, Weeks horizon) =>
        Real.Exp(-(R + history.Repeats) * Real.Log1p(horizon.Count / Exposure(history, silence)));

    /// <summary>t (r + x) / (alpha + T).</summary>
    public double ExpectedOrders(in PurchaseHistory history, Weeks silence, Weeks ahead) =>
        ahead.Count > 0 ? ahead.Count * (R + history.Repeats) / Exposure(history, silence) : 0;

    /// <summary>With u = q^(1/(r + x)), T = H u / (1 - u) - alpha.</summary>
    public Crossing WhenHorizonRisk(in PurchaseHistory history, Weeks horizon, double risk)
    {
        if (HorizonRisk(history, default, horizon) >= risk)
            return Crossing.Now;
        var lnU = Real.Log(risk) / (R + history.Repeats);
        var silence = horizon.Count * Real.Exp(lnU) / -Real.Expm1(lnU) - Alpha - history.AgeAtLast.Count;
        return double.IsFinite(silence) ? Crossing.At(Math.Max(silence, 0)) : Crossing.Never;
    }

    public Crossing WhenAlive(in PurchaseHistory history, double probability) => Crossing.Never;

    private double Exposure(in PurchaseHistory history, Weeks silence) => Alpha + history.AgeAtLast.Count + silence.Count;
}
