using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;

namespace OrleansCrm.Server.Backtest;

/// <summary>What a replay to the cut and a look at what came after have shown.</summary>
internal sealed record BacktestResult(
    BacktestOptions Options,
    Subject[] Subjects,
    PurchaseFit[] Fits,
    EarlierWindow? Calibrated,
    SpendFit Spend,
    Method[] Methods,
    double? SpendRatio,
    TriggerResult[] Triggers);

/// <summary>What was known before the cut of how right the risks are: the models fitted at an earlier day, and judged by the days until the cut.</summary>
/// <param name="Calibrations">One for each model; none where the risks said nothing.</param>
internal sealed record EarlierWindow(DateOnly From, int Days, RiskCalibration[] Calibrations)
{
    /// <returns>Null when too little was known at the earlier day.</returns>
    public static EarlierWindow? Of(Buyer[] buyers, BacktestOptions options, string[] models)
    {
        // As long as the horizon where the history is long enough; half of it otherwise, so that something is left to fit to.
        var first = buyers.Min(b => b.Days[0].Day);
        var days = Math.Min(options.HorizonDays, (options.Calibrate.DayNumber - first.DayNumber) / 2);
        var from = options.Calibrate.AddDays(-Math.Max(days, 0));
        var subjects = buyers.Select(b => Subject.Of(b, from, days)).OfType<Subject>().ToArray();
        var sample = PurchaseSample.Of(Array.ConvertAll(subjects, s => new ObservedCustomer(s.History, s.Age)));
        if (days < 1 || !PurchaseFit.IsEnough(sample))
            return null;
        var happened = Array.ConvertAll(subjects, s => s.BoughtNothing);
        var horizon = Weeks.FromDays(days);
        return new EarlierWindow(from, days, Array.ConvertAll(models, name =>
        {
            var fit = PurchaseFit.Of(sample, name);
            var risks = Array.ConvertAll(subjects, s => fit.Model.HorizonRisk(s.History, s.Silence, horizon));
            return (fit.Converged ? CalibrationFit.Of(risks, happened) : null) ?? RiskCalibration.None;
        }));
    }
}

/// <summary>Fits the models to what was known at the cut, lets everybody be scored by them and by the plain rules, and compares.</summary>
internal static class Backtester
{
    private static readonly string[] Models = [BetaGeometricModel.MbgName, BetaGeometricModel.BgName, ParetoNbdModel.ModelName, NbdModel.ModelName];

    /// <exception cref="InvalidOperationException">Nobody had bought by the cut.</exception>
    public static BacktestResult Run(Buyer[] buyers, BacktestOptions options)
    {
        var subjects = buyers.Select(b => Subject.Of(b, options.Calibrate, options.HorizonDays)).OfType<Subject>().ToArray();
        if (subjects.Length == 0)
            throw new InvalidOperationException($"Nobody had bought by {options.Calibrate:yyyy-MM-dd}.");
        var horizon = Weeks.FromDays(options.HorizonDays);
        var sample = PurchaseSample.Of(Array.ConvertAll(subjects, s => new ObservedCustomer(s.History, s.Age)));
        var fits = Array.ConvertAll(Models, model => PurchaseFit.Of(sample, model));
        var calibrated = EarlierWindow.Of(buyers, options, Models);
        var spend = SpendFit.Of(subjects.Where(s => s.RepeatsWithValue > 0).Select(s => (s.RepeatsWithValue, s.MeanRepeat)));

        // Where nobody stops the models say the same as NBD; it is the one that the triggers are drawn from then.
        var chosen = fits[0].NobodyStops ? fits[^1].Model : fits[0].Model;
        return new BacktestResult(
            options,
            subjects,
            fits,
            calibrated,
            spend,
            [.. PlainRules.Of(subjects, horizon).Select(rule => rule with { IsRule = true }), .. fits.SelectMany((f, i) => MethodsOf(f.Model, calibrated?.Calibrations[i], subjects, horizon))],
            SpendRatio(chosen, spend, subjects, horizon),
            TriggerStudy.Run(buyers, chosen, Weeks.FromDays(90), PlainRules.MeanGap(subjects)));
    }

    private static IEnumerable<Method> MethodsOf(IChurnModel model, RiskCalibration? calibration, Subject[] subjects, Weeks horizon)
    {
        var risk = Array.ConvertAll(subjects, s => model.HorizonRisk(s.History, s.Silence, horizon));
        var expected = Array.ConvertAll(subjects, s => model.ExpectedOrders(s.History, s.Silence, horizon));
        var alive = Array.ConvertAll(subjects, s => 1 - model.ProbabilityAlive(s.History, s.Silence));
        yield return new Method(model.Name + " 1 - P(alive)", alive);
        yield return new Method(model.Name + " P(no purchase)", risk, Probabilities: risk);
        if (calibration is not null)
        {
            var calibrated = Array.ConvertAll(risk, calibration.Of);
            yield return new Method(model.Name + " P(no purchase), calibrated", calibrated, Probabilities: calibrated) { IsPlotted = model.Name == Models[0] };
        }

        yield return new Method(model.Name + " expected purchases", Array.ConvertAll(expected, e => -e), Expected: expected);
    }

    private static double? SpendRatio(IChurnModel model, SpendFit spend, Subject[] subjects, Weeks horizon)
    {
        var actual = subjects.Sum(s => s.LaterSpend);
        if (!spend.Converged || actual <= 0 || spend.Model.Q <= 1)
            return null;
        return subjects.Sum(s => model.ExpectedOrders(s.History, s.Silence, horizon) * spend.Model.ExpectedValue(s.RepeatsWithValue, s.MeanRepeat)) / actual;
    }
}
