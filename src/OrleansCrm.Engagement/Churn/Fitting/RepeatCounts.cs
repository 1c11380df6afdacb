using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>How many repeat purchases a model expects of customers of some age: the left side of the usual plot of fit.</summary>
public static class RepeatCounts
{
    /// <summary>
    /// P(X(t) = x) for x below <paramref name="count"/> - 1; the last of the list is the probability of that many or more. With NBD's
    /// n(x; t) and its tail N(x; t) = P(X >= x):
    /// NBD: n(x). BG (m = 0) and MBG (m = 1): B(a, b+x+m)/B(a, b) n(x) + B(a+1, b+x+m-1)/B(a, b) N(x), the latter where somebody can have
    /// stopped after x repeats. Pareto/NBD: n(x; t) (beta/(beta+t))^s and the integral over the moment of stopping, by Gauss-Legendre.
    /// </summary>
    /// <exception cref="ArgumentException">The model is another one.</exception>
    public static double[] Of(IChurnModel model, Weeks age, int count)
    {
        var probabilities = new double[count];
        switch (model)
        {
            case NbdModel m:
                Nbd(m.R, m.Alpha, age.Count, probabilities);
                break;
            case BetaGeometricModel m:
                BetaGeometric(m, age.Count, probabilities);
                break;
            case ParetoNbdModel m:
                Pareto(m, age.Count, probabilities);
                break;
            default:
                throw new ArgumentException($"The counts of {model.Name} are not known.", nameof(model));
        }

        var below = 0.0;
        for (var x = 0; x < count - 1; x++)
            below += probabilities[x];
        probabilities[count - 1] = Math.Max(0, 1 - below);
        return probabilities;
    }

    // n(0) = (alpha/(alpha+t))^r, n(x+1) = n(x) (r+x)/(x+1) t/(alpha+t).
    private static void Nbd(double r, double alpha, double t, Span<double> n)
    {
        n[0] = Real.Exp(-r * Real.Log1p(t / alpha));
        for (var x = 0; x < n.Length - 1; x++)
            n[x + 1] = n[x] * (r + x) / (x + 1) * t / (alpha + t);
    }

    private static void BetaGeometric(BetaGeometricModel model, double t, Span<double> p)
    {
        var m = model.StopsAfterFirst ? 1 : 0;
        Nbd(model.R, model.Alpha, t, p);
        var (tail, goesOn) = (1.0, 1.0);
        for (var x = 0; x < p.Length; x++)
        {
            // Until now: has gone on after each of x + m - 1 chances to stop.
            var n = p[x];
            var chances = x + m - 1;
            var ab = model.A + model.B + chances;
            p[x] = chances < 0 ? n : goesOn * ((model.B + chances) / ab * n + model.A / ab * tail);
            if (chances >= 0)
                goesOn *= (model.B + chances) / ab;
            tail -= n;
        }
    }

    private static void Pareto(ParetoNbdModel model, double t, Span<double> p)
    {
        Nbd(model.R, model.Alpha, t, p);
        var stays = Real.Exp(-model.S * Real.Log1p(t / model.Beta));
        foreach (ref var n in p)
            n *= stays;

        // In v = ln(beta + u), where the density of stopping is s (beta/(beta+u))^s.
        var half = Real.Log1p(t / model.Beta) / 2;
        Span<double> until = stackalloc double[p.Length];
        for (var i = 0; i < GaussLegendre.Points; i++)
        {
            var v = half * (1 + GaussLegendre.Node(i));
            var weight = half * GaussLegendre.Weight(i) * model.S * Real.Exp(-model.S * v);
            Nbd(model.R, model.Alpha, model.Beta * Real.Expm1(v), until);
            for (var x = 0; x < p.Length; x++)
                p[x] += weight * until[x];
        }
    }
}
