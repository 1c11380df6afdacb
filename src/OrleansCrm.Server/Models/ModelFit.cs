using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Server.Backtest;

namespace OrleansCrm.Server.Models;

/// <summary>What a fit is asked for.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Calibrates">Whether risk is to be made right as a probability by what happened in the last horizon.</param>
/// <param name="BySegment">Whether segments may get parameters of their own; null for as the program in force has it.</param>
internal sealed record FitRequest(string Model, bool Calibrates, bool? BySegment = null)
{
    // Two thousand customers give the parameters of CDNOW with errors of a tenth; with half of them an error of a sixth is still less than
    // segments that are worth telling apart differ by. Below what a fit takes at all there is nothing to choose.
    public const int SegmentCustomersLeast = 300;
    public const int SegmentCustomersMost = 1_000_000;

    /// <summary>How many customers a segment has to have for parameters of its own, and half as many repeat purchases; 300 to 1,000,000.</summary>
    public int SegmentCustomersMin { get; init; } = 1_000;

    public bool IsBySegment(ProgramDocument program) => BySegment ?? program.Churn.BySegment.Count > 0;

    public bool IsValid => Models.Contains(Model) && SegmentCustomersMin is >= SegmentCustomersLeast and <= SegmentCustomersMost;

    public static readonly string[] Models = [BetaGeometricModel.MbgName, BetaGeometricModel.BgName, ParetoNbdModel.ModelName, NbdModel.ModelName];

    public static FitRequest Default { get; } = new(BetaGeometricModel.MbgName, true);
}

/// <summary>A model fitted to a shop's own customers, and what is to be published of it.</summary>
/// <param name="AsOfMs">The newest event of any customer: until then the shop was observed.</param>
/// <param name="Asked">The fit of the model that was asked for.</param>
/// <param name="Used">The same, or NBD's where nobody stops.</param>
/// <param name="Window">Null where it was not asked for, or the time before the window is too short to fit to.</param>
/// <param name="Spend">What orders are worth; in the document where it is of use.</param>
/// <param name="Segments">Every segment that was looked at, in the order in which they take customers; empty where that was not asked for.</param>
/// <param name="Document">The program in force with the model and the calibration in it.</param>
internal sealed record ModelFit(
    long AsOfMs, PurchaseFit Asked, PurchaseFit Used, CalibrationWindow? Window, RepeatRow[] Repeats, SpendFit Spend,
    SegmentFit[] Segments, ProgramDocument Document)
{
    public const string NotConverged = "fit_not_converged";
    public const string OutOfRange = "parameters_out_of_range";

    /// <summary>What was asked of a segment.</summary>
    public int SegmentCustomersMin { get; init; }

    /// <summary>Why it must not be published, as a stable code; null when it may.</summary>
    public string? Refusal { get; init; }

    /// <summary>Of the fitted model, the degenerate one included.</summary>
    public bool NobodyStops => Asked.NobodyStops && Asked.Model is not NbdModel;
}

/// <summary>How many customers have so many repeat purchases, and how many the model expects.</summary>
internal readonly record struct RepeatRow(int Repeats, bool OrMore, int Actual, double Expected);

/// <summary>The last horizon, before which the model was fitted once more: what it said then, and what came.</summary>
/// <param name="Calibration">Null when the risks said nothing about what came.</param>
internal sealed record CalibrationWindow(long FromMs, long UntilMs, double[] Risks, bool[] BoughtNothing, RiskCalibration? Calibration)
{
    public int Customers => Risks.Length;

    public double BrierBefore => CalibrationFit.Brier(Risks, BoughtNothing, RiskCalibration.None);

    public double BrierAfter => CalibrationFit.Brier(Risks, BoughtNothing, Calibration ?? RiskCalibration.None);

    public (double Predicted, double Happened, int Count)[] Groups(RiskCalibration calibration) =>
        Measures.Calibration(Array.ConvertAll(Risks, calibration.Of), BoughtNothing);
}
