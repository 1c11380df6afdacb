using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn;

/// <summary>
/// BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD (Batislam et al. 2007; Hoppe, Wagner 2007). Purchases are Poisson with a rate drawn
/// from Gamma(r, alpha); after a purchase the customer stops for good with a probability drawn from Beta(a, b): under BG after each
/// repeat purchase, under MBG after the first one too. Under BG a one-time buyer never stops, whatever the silence, and the
/// probability falls when a customer buys; hence MBG is the default.
/// </summary>
/// <remarks>
/// Notation: x repeats, t_x age at the last purchase, T = t_x + silence, R = r + x, m = 1 for MBG and 0 for BG.
/// All four parameters are positive; alpha in weeks.
/// </remarks>
public sealed record BetaGeometricModel(double R, double Alpha, double A, double B, bool StopsAfterFirst) : IChurnModel
{
    public const string MbgName = "mbg-nbd";
    public const string BgName = "bg-nbd";

    // The series below needs 5 to 60 terms for usual states and 2,334 at the worst one tried.
    private const int TermsMax = 20_000;
    private const int StepsMax = 200;

    /// <summary>MBG/NBD as published for the CDNOW cohort (r 0.525, alpha 6.183 weeks, a 0.891, b 1.614).</summary>
    public static BetaGeometricModel MbgCdnow { get; } = new(0.525, 6.183, 0.891, 1.614, true);

    /// <summary>BG/NBD as published for the CDNOW cohort (r 0.243, alpha 4.414 weeks, a 0.793, b 2.426).</summary>
    public static BetaGeometricModel BgCdnow { get; } = new(0.243, 4.414, 0.793, 2.426, false);

    public string Name => StopsAfterFirst ? MbgName : BgName;

    private int M => StopsAfterFirst ? 1 : 0;

    /// <summary>1 / (1 + e^l), l = ln a - ln(b + x + m - 1) + R ln((alpha + T) / (alpha + t_x)).</summary>
    public double ProbabilityAlive(in PurchaseHistory history, Weeks silence) =>
        CanHaveStopped(history) ? Alive(history, LogOddsAtPurchase(history), silence.Count) : 1;

    /// <summary>1 + P(alive) expm1(-R ln(1 + H / (alpha + T))); exact under both models.</summary>
    public double HorizonRisk(in PurchaseHistory history, Weeks silence, Weeks horizon)
    {
        var exposure = Alpha + history.AgeAtLast.Count + silence.Count;
        var survives = Real.Expm1(-(R + history.Repeats) * Real.Log1p(horizon.Count / exposure));
        return 1 + ProbabilityAlive(history, silence) * survives;
    }

    /// <summary>
    /// The published conditional expectation after an Euler transformation of its 2F1, which has no singularity at a = 1 and a series
    /// that does not grow with x. With eps = a - 1, g = a + b - 1 - r + m, C = a + b + x - 1 + m, z = t / (alpha + T + t),
    /// L = log1p(-z): E = C (-expm1(eps L) / eps - e^(eps L) S) P(alive), S the sum of term_k, term_1 = g z / C,
    /// term_(k+1) = term_k (g + k)(eps + k) z / ((C + k)(k + 1)).
    /// </summary>
    public double ExpectedOrders(in PurchaseHistory history, Weeks silence, Weeks ahead)
    {
        if (!(ahead.Count > 0))
            return 0;
        var eps = A - 1;
        var g = A + B - 1 - R + M;
        var c = A + B + history.Repeats - 1 + M;
        var exposure = Alpha + history.AgeAtLast.Count + silence.Count;
        var z = ahead.Count / (exposure + ahead.Count);
        var l = -Real.Log1p(ahead.Count / exposure);

        var term = g * z / c;
        var sum = term;
        for (var k = 1; k < TermsMax && Math.Abs(term) > 1e-14 * Math.Abs(sum); k++)
        {
            term *= (g + k) * (eps + k) * z / ((c + k) * (k + 1));
            sum += term;
        }

        var head = Math.Abs(eps) < 1e-12 ? -l : -Real.Expm1(eps * l) / eps;
        var orders = c * (head - Real.Exp(eps * l) * sum) * ProbabilityAlive(history, silence);

        // Parameters at the very edge (a in the thousands: everybody stops at once) overflow the series; the true value is then near 0.
        return double.IsFinite(orders) ? Math.Max(orders, 0) : 0;
    }

    /// <summary>Closed form: silence = (alpha + t_x) expm1((ln(1-p) - ln p - ln c) / R), c the odds right after the purchase.</summary>
    public Crossing WhenAlive(in PurchaseHistory history, double probability)
    {
        if (!CanHaveStopped(history))
            return Crossing.Never;
        var l = Real.Log1p(-probability) - Real.Log(probability) - LogOddsAtPurchase(history);
        if (l <= 0)
            return Crossing.Now;
        var silence = (Alpha + history.AgeAtLast.Count) * Real.Expm1(l / (R + history.Repeats));
        return double.IsFinite(silence) ? Crossing.At(silence) : Crossing.Never;
    }

    /// <summary>
    /// Newton on ln(P(alive) (1 - rho)) = ln(1 - q), rho = ((alpha + T) / (alpha + T + H))^R, held in a bracket: from the purchase to the
    /// lesser of two closed forms, each of which ignores one of the two factors and so comes too late. 3 to 8 steps, 47 at worst.
    /// </summary>
    public Crossing WhenHorizonRisk(in PurchaseHistory history, Weeks horizon, double risk)
    {
        if (HorizonRisk(history, default, horizon) >= risk)
            return Crossing.Now;
        var exponent = R + history.Repeats;
        var last = history.AgeAtLast.Count;
        var lnRisk = Real.Log(risk);
        var upper = horizon.Count * Real.Exp(lnRisk / exponent) / -Real.Expm1(lnRisk / exponent) - Alpha;
        if (CanHaveStopped(history))
        {
            var alive = WhenAlive(history, 1 - risk);
            if (alive.Kind == CrossingKind.At)
                upper = Math.Min(upper, last + alive.Silence.Count);
            upper = Refine(history, horizon, risk, last, upper);
        }

        var silence = upper - last;
        return double.IsFinite(silence) ? Crossing.At(Math.Max(silence, 0)) : Crossing.Never;
    }

    private double Refine(in PurchaseHistory history, Weeks horizon, double risk, double lower, double upper)
    {
        var exponent = R + history.Repeats;
        var last = history.AgeAtLast.Count;
        var goal = Real.Log1p(-risk);
        var atPurchase = LogOddsAtPurchase(history);
        var age = upper;
        for (var step = 0; step < StepsMax && double.IsFinite(age); step++)
        {
            var exposure = Alpha + age;
            var alive = Alive(history, atPurchase, age - last);
            var buys = -Real.Expm1(-exponent * Real.Log1p(horizon.Count / exposure));
            var excess = Real.Log(alive * buys) - goal;
            if (excess > 0)
                lower = age;
            else
                upper = age;

            var slope = -(1 - alive) * exponent / exposure
                - (1 - buys) / buys * exponent * (1 / exposure - 1 / (exposure + horizon.Count));
            var next = age - excess / slope;
            if (!(next > lower && next < upper))
                next = lower + (upper - lower) / 2;
            if (Math.Abs(next - age) <= 1e-12 * exposure)
                return next;
            age = next;
        }

        return age;
    }

    private double Alive(in PurchaseHistory history, double logOddsAtPurchase, double silence) =>
        1 / (1 + Real.Exp(logOddsAtPurchase + (R + history.Repeats) * Real.Log1p(silence / (Alpha + history.AgeAtLast.Count))));

    private bool CanHaveStopped(in PurchaseHistory history) => StopsAfterFirst || history.Repeats > 0;

    private double LogOddsAtPurchase(in PurchaseHistory history) => Real.Log(A / (B + history.Repeats + M - 1));
}
