using OrleansCrm.Contracts;

namespace OrleansCrm.Engagement.Evaluation;

/// <summary>
/// What another policy would have brought, from decisions that this one made with known probabilities: by inverse propensity (Horvitz,
/// Thompson 1952) and doubly robust (Dudik, Langford, Li 2011), where the expected outcome of an offer is learned from other customers'
/// decisions than those it corrects. Errors are of customers, not decisions: those of one customer hang together.
/// </summary>
public static class OffPolicy
{
    private const int Folds = 5;
    private const double Normal95 = 1.959963984540054;

    /// <summary>How many showings an offer's rate is pulled to the mean with.</summary>
    private const double PullShown = 10;

    /// <param name="decisions">By customer, as <see cref="OfferLog.Build"/> gives them.</param>
    public static PolicyValue Evaluate(IReadOnlyList<LoggedDecision> decisions, OfferPolicy policy)
    {
        var rates = new Rates(decisions);
        var n = decisions.Count;
        var (logged, inverse, robust) = (new double[n], new double[n], new double[n]);
        var (weights, squares, largest) = (0.0, 0.0, 0.0);
        Span<double> scratch = stackalloc double[256];
        for (var i = 0; i < n; i++)
        {
            var decision = decisions[i];
            var shares = scratch[..decision.Arms.Length];
            policy.Share(decision, shares);
            var weight = shares[decision.Chosen] / decision.Arms[decision.Chosen].Propensity;
            logged[i] = decision.HasOrder ? 1 : 0;
            inverse[i] = weight * logged[i];
            for (var arm = 0; arm < shares.Length; arm++)
                robust[i] += shares[arm] * rates.Of(decision, arm);
            robust[i] += weight * (logged[i] - rates.Of(decision, decision.Chosen));
            weights += weight;
            squares += weight * weight;
            largest = weight > largest ? weight : largest;
        }

        var gain = new double[n];
        for (var i = 0; i < n; i++)
            gain[i] = robust[i] - logged[i];
        return new PolicyValue(
            n, Estimate(decisions, logged), Estimate(decisions, inverse), Estimate(decisions, robust), Estimate(decisions, gain),
            squares > 0 ? weights * weights / squares : 0, largest);
    }

    private static Interval Estimate(IReadOnlyList<LoggedDecision> decisions, double[] values)
    {
        if (values.Length == 0)
            return new Interval(double.NaN, double.NaN, double.NaN);
        var mean = values.Sum() / values.Length;
        var (variance, customers) = (0.0, 0);
        for (var i = 0; i < values.Length; customers++)
        {
            var (customer, off) = (decisions[i].Customer, 0.0);
            for (; i < values.Length && decisions[i].Customer == customer; i++)
                off += values[i] - mean;
            variance += off * off;
        }

        var error = customers < 2 ? double.NaN : Math.Sqrt(variance * customers / (customers - 1)) / values.Length;
        return new Interval(mean, mean - Normal95 * error, mean + Normal95 * error);
    }

    /// <summary>How often an order follows an offer, for each kind of customer; of a fifth of the customers learned from the others.</summary>
    private sealed class Rates
    {
        private readonly Dictionary<(int Fold, string Kind, string Offer), (double Shown, double Ordered)> _counts = [];
        private readonly (double Shown, double Ordered)[] _all = new (double, double)[Folds];

        public Rates(IReadOnlyList<LoggedDecision> decisions)
        {
            foreach (var decision in decisions)
            {
                var (own, ordered) = (FoldOf(decision), decision.HasOrder ? 1.0 : 0);
                for (var fold = 0; fold < Folds; fold++)
                {
                    if (fold == own)
                        continue;
                    var place = (fold, decision.Kind, decision.Arms[decision.Chosen].Offer);
                    var known = _counts.GetValueOrDefault(place);
                    _counts[place] = (known.Shown + 1, known.Ordered + ordered);
                    _all[fold] = (_all[fold].Shown + 1, _all[fold].Ordered + ordered);
                }
            }
        }

        public double Of(LoggedDecision decision, int arm)
        {
            var fold = FoldOf(decision);
            var (all, known) = (_all[fold], _counts.GetValueOrDefault((fold, decision.Kind, decision.Arms[arm].Offer)));
            var mean = all.Shown > 0 ? all.Ordered / all.Shown : 0;
            return (known.Ordered + PullShown * mean) / (known.Shown + PullShown);
        }

        private static int FoldOf(LoggedDecision decision) => (int)(StableHash.Hash64(decision.Customer) % Folds);
    }
}

/// <summary>Orders per decision.</summary>
/// <param name="Logged">Of what was done.</param>
/// <param name="Inverse">Of the policy, by inverse propensity.</param>
/// <param name="Robust">Of the policy, doubly robust.</param>
/// <param name="Gain">Of the policy over what was done, doubly robust.</param>
/// <param name="EffectiveDecisions">How many decisions of the policy's own would say as much.</param>
/// <param name="WeightMax">The largest weight that one decision has.</param>
public sealed record PolicyValue(
    int Decisions, Interval Logged, Interval Inverse, Interval Robust, Interval Gain, double EffectiveDecisions, double WeightMax);

/// <summary>An estimate with its 95% confidence interval.</summary>
public readonly record struct Interval(double Value, double Low, double High);
