using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Server.Models;

/// <summary>What became of one segment that was looked at.</summary>
/// <param name="Customers">Who are in it, and in no segment before it that got parameters of its own.</param>
/// <param name="Repeats">Of these.</param>
internal sealed record SegmentFit(string Segment, int Customers, long Repeats)
{
    public const string FollowsFromModel = "follows_from_model";
    public const string ChosenByPurchases = "chosen_by_purchases";
    public const string TooLittle = "too_little_history";
    public const string NotConverged = "fit_not_converged";
    public const string OutOfRange = "parameters_out_of_range";
    public const string NobodyStops = "nobody_stops";
    public const string NoBetter = "no_better";
    public const string TooMany = "too_many_segments";

    /// <summary>Stable code of why its customers go by everybody's parameters; null where they get their own.</summary>
    public string? Reason { get; init; }

    /// <summary>What the segment asks for, where that is the reason.</summary>
    public string? Asks { get; init; }

    /// <summary>Null where none was tried.</summary>
    public PurchaseFit? Fit { get; init; }

    /// <summary>How likely its customers' purchases are under everybody's parameters.</summary>
    public double LogLikelihoodOfAll { get; init; } = double.NaN;

    public CalibrationWindow? Window { get; init; }

    public SpendFit? Spend { get; init; }

    public RepeatRow[] GoodnessOfFit { get; init; } = [];

    /// <summary>What the program gets of it; null where there is a <see cref="Reason"/> against it.</summary>
    public SegmentChurn? Own { get; init; }

    /// <summary>The reason in words.</summary>
    public string Words(int customersMin) => Reason switch
    {
        null => "has parameters of its own",
        FollowsFromModel => $"asks for {Asks}, which follows from the model",
        ChosenByPurchases => $"asks for {Asks}: a model of purchases fitted to who was chosen by them would describe the choice",
        TooLittle => FormattableString.Invariant($"has fewer than {customersMin} customers or {customersMin / 2} repeat purchases"),
        NotConverged => "its fit did not come to a maximum",
        OutOfRange => "a parameter lies beyond what a program may have",
        NobodyStops => "nobody in it seems to stop",
        NoBetter => "everybody's parameters describe it as well",
        _ => FormattableString.Invariant($"a program has parameters for at most {ChurnRules.SegmentsMax} segments"),
    };
}
