using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Engagement.Program;

/// <summary>
/// How risk is measured and where it matters. Risk Q is the probability of no purchase within the horizon. A bare threshold would fire
/// at the moment of buying for many customers, so it is lifted by a share of what is left above Q0, the risk right after the last
/// purchase: crossed when Q reaches max(floor, Q0 + share (1 - Q0)).
/// </summary>
public sealed record ChurnRules
{
    public const int SegmentsMax = 20;

    public IChurnModel Model { get; init; } = BetaGeometricModel.MbgCdnow;

    /// <summary>
    /// What an order will be worth, in units of the program's currency, for whom little is known; null to take the customer's own mean as it
    /// is. Not used for customers who pay in a currency without a rate.
    /// </summary>
    public GammaGammaModel? Spend { get; init; }

    /// <summary>1 to 730 days.</summary>
    public int HorizonDays { get; init; } = 90;

    /// <summary>Standing orders from which a customer can be at risk; below, silence says too little. 1 to 100.</summary>
    public int OrdersMin { get; init; } = 2;

    public RiskThreshold AtRisk { get; init; } = new(0.75, 0.25);

    /// <summary>Floor and share are at least those of <see cref="AtRisk"/>.</summary>
    public RiskThreshold Lost { get; init; } = new(0.9, 0.5);

    /// <summary>Fitted for <see cref="HorizonDays"/>; risk and thresholds are meant after it.</summary>
    public RiskCalibration Calibration { get; init; } = RiskCalibration.None;

    /// <summary>
    /// Parameters of their own for segments that differ: a customer goes by the first of them that he is in, else by the rest of these rules.
    /// At most <see cref="SegmentsMax"/>, because everybody is asked about each.
    /// </summary>
    public IReadOnlyList<SegmentChurn> BySegment { get; init; } = [];

    public Weeks Horizon => Weeks.FromDays(HorizonDays);

    /// <summary>Q: the probability of no purchase within the horizon after this silence, 0..1.</summary>
    public double RiskOf(in PurchaseHistory history, Weeks silence) => Calibration.Of(Model.HorizonRisk(history, silence, Horizon));

    /// <summary>The silence at which <see cref="RiskOf"/> reaches <paramref name="risk"/> (0..1, exclusive).</summary>
    public Crossing WhenRisk(in PurchaseHistory history, double risk)
    {
        var uncalibrated = Calibration.Undo(risk);
        return uncalibrated <= 0 ? Crossing.Now
            : uncalibrated >= 1 ? Crossing.Never
            : Model.WhenHorizonRisk(history, Horizon, uncalibrated);
    }
}

/// <summary>How those of one segment buy and stop.</summary>
/// <param name="Segment">One that asks nothing which follows from the model: see <see cref="Segments.SegmentReach"/>.</param>
/// <param name="Spend">As in <see cref="ChurnRules.Spend"/>.</param>
/// <param name="Calibration">As in <see cref="ChurnRules.Calibration"/>.</param>
public sealed record SegmentChurn(string Segment, IChurnModel Model, GammaGammaModel? Spend, RiskCalibration Calibration);

/// <param name="Floor">0.01 to 0.999.</param>
/// <param name="Share">0.01 to 0.99.</param>
public sealed record RiskThreshold(double Floor, double Share)
{
    /// <summary>The risk that has to be reached by a customer whose risk was <paramref name="atPurchase"/> right after the last purchase.</summary>
    public double For(double atPurchase) => Math.Max(Floor, atPurchase + Share * (1 - atPurchase));
}
