using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>One parameter as it was estimated.</summary>
/// <param name="Error">Standard error; NaN where the parameter lies at the edge of what is searched.</param>
public sealed record Estimate(string Name, double Value, double Error);

/// <summary>A purchase model fitted to a shop's own customers by maximum likelihood.</summary>
/// <param name="LogLikelihood">At the model's parameters, times in weeks.</param>
/// <param name="Converged">The gradient vanished; a model that did not converge must not be used.</param>
/// <param name="NobodyStops">
/// The likelihood is greatest where nobody ever stops buying (a / (a + b) below 1e-3, or s / beta below 1e-6 a week): P(alive) is then
/// 1 for all, and <see cref="NbdModel"/> says the same with two parameters.
/// </param>
public sealed record PurchaseFit(
    IChurnModel Model, Estimate[] Parameters, double LogLikelihood, bool Converged, bool NobodyStops, int Customers, long Repeats)
{
    /// <summary>Below so many customers or repeats a fit says less than the shipped parameters.</summary>
    public const int CustomersMin = 300;

    public const int RepeatsMin = 100;

    private const double StopShareMin = 1e-3;
    private const double StopRateMin = 1e-6;

    /// <summary>Whether there is enough to fit to.</summary>
    public static bool IsEnough(PurchaseSample sample) => sample.Customers >= CustomersMin && sample.Repeats >= RepeatsMin;

    /// <param name="model">Name of a model: <c>mbg-nbd</c>, <c>bg-nbd</c>, <c>pareto-nbd</c> or <c>nbd</c>.</param>
    /// <exception cref="ArgumentException">There is no such model.</exception>
    public static PurchaseFit Of(PurchaseSample sample, string model) => model switch
    {
        BetaGeometricModel.MbgName => BetaGeometric(sample, stopsAfterFirst: true),
        BetaGeometricModel.BgName => BetaGeometric(sample, stopsAfterFirst: false),
        ParetoNbdModel.ModelName => Pareto(sample),
        NbdModel.ModelName => Nbd(sample),
        _ => throw new ArgumentException($"There is no model {model}.", nameof(model)),
    };

    /// <summary>The log-likelihood of these customers under parameters that were found elsewhere, times in weeks.</summary>
    public static double LogLikelihoodOf(PurchaseSample sample, IChurnModel model)
    {
        var (likelihood, parameters) = LikelihoodOf(sample, model);
        return likelihood.At(Array.ConvertAll(parameters, Real.Log), new double[parameters.Length]) - sample.Repeats * Real.Log(sample.Unit);
    }

    private static (ILikelihood Likelihood, double[] Parameters) LikelihoodOf(PurchaseSample sample, IChurnModel model) => model switch
    {
        BetaGeometricModel m => (new BetaGeometricLikelihood(sample, m.StopsAfterFirst), [m.R, m.Alpha / sample.Unit, m.A, m.B]),
        ParetoNbdModel m => (new ParetoNbdLikelihood(sample), [m.R, m.Alpha / sample.Unit, m.S, m.Beta / sample.Unit]),
        NbdModel m => (new NbdLikelihood(sample), [m.R, m.Alpha / sample.Unit]),
        _ => throw new ArgumentException($"There is no likelihood of {model.Name}.", nameof(model)),
    };

    private static PurchaseFit BetaGeometric(PurchaseSample sample, bool stopsAfterFirst)
    {
        var found = Maximum.Find(new BetaGeometricLikelihood(sample, stopsAfterFirst), [0, 0, 0, 0]);
        var p = EstimatesOf(found, sample, ["r", "alphaWeeks", "a", "b"], [1]);
        var model = new BetaGeometricModel(p[0].Value, p[1].Value, p[2].Value, p[3].Value, stopsAfterFirst);
        return Fit(model, p, found, sample, model.A / (model.A + model.B) < StopShareMin);
    }

    private static PurchaseFit Pareto(PurchaseSample sample)
    {
        var found = FindPareto(sample);
        var p = EstimatesOf(found, sample, ["r", "alphaWeeks", "s", "betaWeeks"], [1, 3]);
        var model = new ParetoNbdModel(p[0].Value, p[1].Value, p[2].Value, p[3].Value);
        return Fit(model, p, found, sample, model.S / model.Beta < StopRateMin);
    }

    // An integral for each of a hundred thousand customers takes most of a second, and a search asks for it fifty times. One among a tenth of
    // them ends so near that the whole sample is asked a few times.
    private static Maximum FindPareto(PurchaseSample sample)
    {
        const int Share = 10;
        if (sample.Customers < Share * Share * CustomersMin)
            return Maximum.Find(new ParetoNbdLikelihood(sample), [0, 0, 0, 0]);
        var part = sample.Thinned(Share);
        var near = Maximum.Find(new ParetoNbdLikelihood(part), [0, 0, 0, 0]);
        for (var i = 0; i < near.Theta.Length; i++)
        {
            for (var j = 0; j < near.Theta.Length; j++)
                near.Curvature[i, j] *= (double)part.Customers / sample.Customers;
        }

        return Maximum.Find(new ParetoNbdLikelihood(sample), near.Theta, near.Curvature);
    }

    private static PurchaseFit Nbd(PurchaseSample sample)
    {
        var found = Maximum.Find(new NbdLikelihood(sample), [0, 0]);
        var p = EstimatesOf(found, sample, ["r", "alphaWeeks"], [1]);
        return Fit(new NbdModel(p[0].Value, p[1].Value), p, found, sample, nobodyStops: true);
    }

    // A likelihood of times in another unit differs by ln(unit) for every repeat.
    private static PurchaseFit Fit(IChurnModel model, Estimate[] parameters, Maximum found, PurchaseSample sample, bool nobodyStops) => new(
        model,
        parameters,
        found.LogLikelihood - sample.Repeats * Real.Log(sample.Unit),
        found.Converged,
        nobodyStops,
        sample.Customers,
        sample.Repeats);

    private static Estimate[] EstimatesOf(Maximum found, PurchaseSample sample, string[] names, int[] inWeeks)
    {
        var estimates = new Estimate[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            var value = Real.Exp(found.Theta[i]) * (Array.IndexOf(inWeeks, i) >= 0 ? sample.Unit : 1);
            estimates[i] = new Estimate(names[i], value, value * found.Errors[i]);
        }

        return estimates;
    }
}
