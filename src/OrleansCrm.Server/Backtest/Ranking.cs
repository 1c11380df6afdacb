namespace OrleansCrm.Server.Backtest;

/// <summary>The best plain rule beside the best model by the area under the curve: who tells better who leaves.</summary>
/// <param name="Difference">The model's area less the rule's.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record Ranking(Method Rule, double RuleArea, Method Model, double ModelArea, double Difference, double Error)
{
    // Two standard errors: one history in twenty would show as much by chance.
    private const double Errors = 2;

    /// <summary>A stable word: <c>as_good</c>, <c>model_better</c> or <c>rule_better</c>.</summary>
    public string Verdict => Math.Abs(Difference) <= Errors * Error ? "as_good" : Difference > 0 ? "model_better" : "rule_better";

    public string Words
    {
        get
        {
            var verdict = Verdict switch { "as_good" => "is as good as", "rule_better" => "is better than", _ => "is not as good as" };
            return FormattableString.Invariant(
                $"for ranking the best plain rule ({Rule.Name}, AUC {RuleArea:0.000}) {verdict} the best model ({Model.Name}, {ModelArea:0.000}): difference {Difference:0.000}, standard error {Error:0.000}");
        }
    }

    /// <returns>Null where all did the same.</returns>
    public static Ranking? Of(IReadOnlyList<Method> methods, bool[] left)
    {
        var areas = methods.Select(method => (Method: method, Area: Measures.AreaUnderCurve(method.Scores, left))).ToArray();
        if (areas.Any(a => double.IsNaN(a.Area)))
            return null;
        var rule = areas.Where(a => a.Method.IsRule).MaxBy(a => a.Area);
        var model = areas.Where(a => !a.Method.IsRule).MaxBy(a => a.Area);
        return new Ranking(
            rule.Method, rule.Area, model.Method, model.Area, model.Area - rule.Area,
            Measures.ErrorOfDifference(model.Method.Scores, rule.Method.Scores, left));
    }
}
