using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn;

/// <summary>
/// What a model's risk is turned into so that it is right as a probability (Platt 1999): logit p = intercept + slope logit q. Fitted to what
/// became of customers after an earlier day. Strictly rising, so it changes no ranking, and a threshold can be carried back through it exactly.
/// </summary>
/// <param name="Intercept">-20 to 20; 0 changes nothing.</param>
/// <param name="Slope">0.05 to 20; 1 changes nothing.</param>
public sealed record RiskCalibration(double Intercept, double Slope)
{
    public static RiskCalibration None { get; } = new(0, 1);

    public bool IsNone => Intercept == 0 && Slope == 1;

    /// <summary>The probability that a model's risk stands for; 0 and 1 stay what they are.</summary>
    public double Of(double risk) => IsNone || risk <= 0 || risk >= 1 ? risk : Logistic(Intercept + Slope * Logit(risk));

    /// <summary>The model's risk that stands for a probability; the inverse of <see cref="Of"/>. May be 0 or 1 where that is out of reach.</summary>
    public double Undo(double probability) =>
        IsNone || probability <= 0 || probability >= 1 ? probability : Logistic((Logit(probability) - Intercept) / Slope);

    internal static double Logit(double p) => Real.Log(p) - Real.Log1p(-p);

    internal static double Logistic(double z) => 1 / (1 + Real.Exp(-z));
}
