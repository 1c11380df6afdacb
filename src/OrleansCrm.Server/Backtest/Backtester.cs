using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;

namespace OrleansCrm.Server.Backtest;

/// <summary>What a replay to the cut and a look at what came after have shown.</summary>
internal sealed record BacktestResult(
    BacktestOptions Options, Subject[] Subjects, PurchaseFit[] Fits, SpendFit Spend, Method[] Methods, double? SpendRatio, TriggerResult[] Triggers);

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
        var spend = SpendFit.Of(subjects.Where(s => s.RepeatsWithValue > 0).Select(s => (s.RepeatsWithValue, s.MeanRepeat)));

        // Where nobody stops the models say the same as NBD; it is the one that the triggers are drawn from then.
        var chosen = fits[0].NobodyStops ? fits[^1].Model : fits[0].Model;
        return new BacktestResult(
            options,
            subjects,
            fits,
            spend,
            [.. PlainRules.Of(subjects, horizon), .. fits.SelectMany(f => MethodsOf(f.Model, subjects, horizon))],
            SpendRatio(chosen, spend, subjects, horizon),
            TriggerStudy.Run(buyers, chosen, Weeks.FromDays(90), PlainRules.MeanGap(subjects)));
    }

    private static IEnumerable<Method> MethodsOf(IChurnModel model, Subject[] subjects, Weeks horizon)
    {
        var risk = Array.ConvertAll(subjects, s => model.HorizonRisk(s.History, s.Silence, horizon));
        var expected = Array.ConvertAll(subjects, s => model.ExpectedOrders(s.History, s.Silence, horizon));
        var alive = Array.ConvertAll(subjects, s => 1 - model.ProbabilityAlive(s.History, s.Silence));
        yield return new Method(model.Name + " 1 - P(alive)", alive);
        yield return new Method(model.Name + " P(no purchase)", risk, Probabilities: risk);
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
