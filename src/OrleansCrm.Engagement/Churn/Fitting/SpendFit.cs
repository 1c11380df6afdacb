using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>Gamma-Gamma fitted by maximum likelihood.</summary>
/// <param name="LogLikelihood">At the model's parameters, values in the unit they were given in.</param>
public sealed record SpendFit(GammaGammaModel Model, Estimate[] Parameters, double LogLikelihood, bool Converged, int Customers)
{
    // One start in ten walks off to p = 1e9 on real data; the best of several does not.
    private static readonly double[][] Starts = [[1, 1, 1], [5, 3, 1], [2, 2, 1], [10, 4, 0.5]];

    /// <summary>About so many customers are searched among from every start.</summary>
    private const int StartMax = 5_000;

    /// <param name="customers">Of each customer with repeat orders: how many, and their mean value. Those without, or not above 0, are left out.</param>
    public static SpendFit Of(IEnumerable<(int Orders, double Mean)> customers)
    {
        var all = customers.Where(c => c is { Orders: > 0, Mean: > 0 }).Order().ToArray();
        if (all.Length == 0)
            return new SpendFit(GammaGammaModel.Cdnow, [], 0, Converged: false, 0);

        // Values near 1: unscaled money sends the search far away.
        var scale = all.Average(c => c.Mean);
        var likelihood = LikelihoodOf(all, scale);
        var best = all.Length <= 2 * StartMax ? FindFromStarts(likelihood) : FindFromPart(likelihood, all, scale);

        var (p, q, v) = (Real.Exp(best.Theta[0]), Real.Exp(best.Theta[1]), Real.Exp(best.Theta[2]) * scale);
        Estimate[] estimates = [new("p", p, p * best.Errors[0]), new("q", q, q * best.Errors[1]), new("v", v, v * best.Errors[2])];

        // The density of m in another unit is the one of m / scale over scale.
        var value = best.LogLikelihood - all.Length * Real.Log(scale);
        return new SpendFit(new GammaGammaModel(p, q, v), estimates, value, best.Converged, all.Length);
    }

    private static Maximum FindFromStarts(GammaGammaLikelihood likelihood) => Starts
        .Select(start => Maximum.Find(likelihood, Array.ConvertAll(start, Real.Log)))
        .OrderByDescending(m => m.Converged).ThenByDescending(m => m.LogLikelihood)
        .First();

    // Four searches among a hundred thousand customers take most of a minute; among a few thousand they end so near that the whole is asked
    // a few times. The part is an even one: customers are sorted.
    private static Maximum FindFromPart(GammaGammaLikelihood likelihood, (int Orders, double Mean)[] all, double scale)
    {
        var share = all.Length / StartMax;
        var part = all.Where((_, i) => i % share == 0).ToArray();
        var near = FindFromStarts(LikelihoodOf(part, scale));
        for (var i = 0; i < near.Theta.Length; i++)
        {
            for (var j = 0; j < near.Theta.Length; j++)
                near.Curvature[i, j] *= (double)part.Length / all.Length;
        }

        return Maximum.Find(likelihood, near.Theta, near.Curvature);
    }

    private static GammaGammaLikelihood LikelihoodOf((int Orders, double Mean)[] customers, double scale) =>
        new(Array.ConvertAll(customers, c => (c.Orders, c.Mean / scale)));
}
