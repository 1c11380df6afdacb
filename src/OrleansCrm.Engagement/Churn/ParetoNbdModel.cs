using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn;

/// <summary>
/// Pareto/NBD (Schmittlein, Morrison, Colombo 1987): purchases are Poisson with a rate drawn from Gamma(r, alpha); the customer stops at
/// any moment, with a rate drawn from Gamma(s, beta). Right after a purchase everybody is alive. Ranks slightly better than the
/// beta-geometric models and costs a hundred times as much and more, because its odds are an integral.
/// </summary>
/// <remarks>All four parameters are positive; alpha and beta in weeks. T = t_x + silence, x repeats.</remarks>
public sealed record ParetoNbdModel(double R, double Alpha, double S, double Beta) : IChurnModel
{
    public const string ModelName = "pareto-nbd";

    private const int StepsMax = 200;
    private const double WeeksMax = 1e7;

    /// <summary>As published for the CDNOW cohort (r 0.553, alpha 10.578 weeks, s 0.606, beta 11.669 weeks).</summary>
    public static ParetoNbdModel Cdnow { get; } = new(0.553, 10.578, 0.606, 11.669);

    public string Name => ModelName;

    /// <summary>1 / (1 + G), G the odds of having stopped.</summary>
    public double ProbabilityAlive(in PurchaseHistory history, Weeks silence) =>
        silence.Count > 0 ? 1 / (1 + Real.Exp(LogStoppedOdds(history.Repeats, history.AgeAtLast.Count, silence.Count))) : 1;

    /// <summary>
    /// 1 - P(alive) + P(alive) V (1 + G'): V = ((alpha+T)/(alpha+T+H))^(r+x) ((beta+T)/(beta+T+H))^s neither buys nor stops, V G' stops
    /// without having bought, G' the odds of stopping between T and T + H.
    /// </summary>
    public double HorizonRisk(in PurchaseHistory history, Weeks silence, Weeks horizon)
    {
        var age = history.AgeAtLast.Count + silence.Count;
        var survives = -(R + history.Repeats) * Real.Log1p(horizon.Count / (Alpha + age)) - S * Real.Log1p(horizon.Count / (Beta + age));
        var stops = LogStoppedOdds(history.Repeats, age, horizon.Count);
        var alive = ProbabilityAlive(history, silence);
        return Math.Min(1 - alive + alive * (Real.Exp(survives) + Real.Exp(survives + stops)), 1);
    }

    /// <summary>(r+x)(beta+T)/(alpha+T) (-expm1((s-1) ln q)/(s-1)) P(alive), q = (beta+T)/(beta+T+t); the bracket is -ln q at s = 1.</summary>
    public double ExpectedOrders(in PurchaseHistory history, Weeks silence, Weeks ahead)
    {
        if (!(ahead.Count > 0))
            return 0;
        var age = history.AgeAtLast.Count + silence.Count;
        var lnQ = -Real.Log1p(ahead.Count / (Beta + age));
        var eps = S - 1;
        var span = Math.Abs(eps) < 1e-12 ? -lnQ : -Real.Expm1(eps * lnQ) / eps;
        return (R + history.Repeats) * (Beta + age) / (Alpha + age) * span * ProbabilityAlive(history, silence);
    }

    /// <summary>Root of ln G = ln((1-p)/p); d ln G/dT = (r+x)/(alpha+T) + s/(beta+T) (1 + 1/G).</summary>
    public Crossing WhenAlive(in PurchaseHistory history, double probability)
    {
        var goal = Real.Log1p(-probability) - Real.Log(probability);
        var (repeats, last) = (history.Repeats, history.AgeAtLast.Count);
        var (lower, upper) = (0.0, 1.0);
        while (LogStoppedOdds(repeats, last, upper) < goal)
        {
            lower = upper;
            upper *= 4;
            if (upper > WeeksMax)
                return Crossing.Never;
        }

        var silence = lower + (upper - lower) / 2;
        for (var step = 0; step < StepsMax; step++)
        {
            var odds = LogStoppedOdds(repeats, last, silence);
            if (odds < goal)
                lower = silence;
            else
                upper = silence;
            var age = last + silence;
            var slope = (R + repeats) / (Alpha + age) + S / (Beta + age) * (1 + Real.Exp(-odds));
            var next = silence - (odds - goal) / slope;
            if (!(next > lower && next < upper))
                next = lower + (upper - lower) / 2;
            if (Math.Abs(next - silence) <= 1e-13 * (Alpha + last + silence))
                return Crossing.At(next);
            silence = next;
        }

        return Crossing.At(silence);
    }

    /// <summary>False position with halving (Illinois) on the risk, which rises with silence; 6 to 12 steps.</summary>
    public Crossing WhenHorizonRisk(in PurchaseHistory history, Weeks horizon, double risk)
    {
        var atLower = HorizonRisk(history, default, horizon) - risk;
        if (atLower >= 0)
            return Crossing.Now;
        var (lower, upper) = (0.0, 1.0);
        double atUpper;
        while ((atUpper = HorizonRisk(history, new Weeks(upper), horizon) - risk) < 0)
        {
            (lower, atLower) = (upper, atUpper);
            upper *= 4;
            if (upper > WeeksMax)
                return Crossing.Never;
        }

        for (var step = 0; step < StepsMax && upper - lower > 1e-12 * (Alpha + upper); step++)
        {
            var next = upper - atUpper * (upper - lower) / (atUpper - atLower);
            if (!(next > lower && next < upper))
                next = lower + (upper - lower) / 2;
            var at = HorizonRisk(history, new Weeks(next), horizon) - risk;
            if (at == 0)
                return Crossing.At(next);
            if (at > 0)
            {
                (upper, atUpper) = (next, at);
                atLower /= 2;
            }
            else
            {
                (lower, atLower) = (next, at);
                atUpper /= 2;
            }
        }

        return Crossing.At(upper);
    }

    /// <summary>
    /// ln of the odds of stopping within <paramref name="span"/> weeks from age <paramref name="from"/> on, against neither buying nor
    /// stopping; see <see cref="StopIntegral"/>.
    /// </summary>
    internal double LogStoppedOdds(int repeats, double from, double span)
    {
        if (!(span > 0))
            return double.NegativeInfinity;
        var integral = new StopIntegral(this, repeats, from, span);
        Span<double> logs = stackalloc double[GaussLegendre.Points];
        var largest = double.NegativeInfinity;
        for (var i = 0; i < logs.Length; i++)
        {
            logs[i] = integral.LogAt(i, out _, out _);
            largest = Math.Max(largest, logs[i]);
        }

        var sum = 0.0;
        foreach (var log in logs)
            sum += Real.Exp(log - largest);
        return Real.Log(S * integral.Half * sum) + largest;
    }
}
