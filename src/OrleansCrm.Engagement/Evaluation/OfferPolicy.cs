using System.Text.Json;
using OrleansCrm.Engagement.Personalization;

namespace OrleansCrm.Engagement.Evaluation;

/// <summary>Another way to choose among the offers of a decision, as probabilities.</summary>
public abstract class OfferPolicy
{
    private const string AlwaysPrefix = "always:";

    /// <summary>Kinds of customers, as shares in a file name them.</summary>
    public static IReadOnlyList<string> Kinds => OfferBuckets.Words;

    /// <summary>Writes into <paramref name="shares"/> how likely each of the decision's arms would be chosen; they add up to 1.</summary>
    public abstract void Share(LoggedDecision decision, Span<double> shares);

    /// <param name="name"><c>logged</c>, <c>uniform</c>, <c>greedy</c> or <c>always:OFFER</c>.</param>
    /// <returns>Null for any other name.</returns>
    public static OfferPolicy? Find(string name) => name switch
    {
        "logged" => new LoggedPolicy(),
        "uniform" => new UniformPolicy(),
        "greedy" => new GreedyPolicy(),
        _ when name.StartsWith(AlwaysPrefix, StringComparison.Ordinal) && name.Length > AlwaysPrefix.Length => new SharesPolicy(
            Kinds.ToDictionary(kind => kind, _ => new Dictionary<string, double> { [name[AlwaysPrefix.Length..]] = 1 }, StringComparer.Ordinal)),
        _ => null,
    };

    /// <summary>Reads <c>{"KIND":{"OFFER":share,...},...}</c>; <c>"any"</c> is every kind that is not named.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static OfferPolicy Parse(string json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, double>>>(json) ?? throw new FormatException("The policy is empty.");
            if (read.Keys.FirstOrDefault(kind => kind != SharesPolicy.Any && !Kinds.Contains(kind, StringComparer.Ordinal)) is { } unknown)
                throw new FormatException($"There is no kind of customers '{unknown}', only any, {string.Join(", ", Kinds)}.");
            if (read.Values.Any(shares => shares.Values.Any(share => !(share >= 0 && share <= 1e9))))
                throw new FormatException("Shares are numbers from 0 on.");
            return new SharesPolicy(read);
        }
        catch (JsonException e)
        {
            throw new FormatException("A policy reads {\"any\":{\"offer\":share,...}}: " + e.Message);
        }
    }

    private sealed class LoggedPolicy : OfferPolicy
    {
        public override void Share(LoggedDecision decision, Span<double> shares)
        {
            for (var i = 0; i < shares.Length; i++)
                shares[i] = decision.Arms[i].Propensity;
        }
    }

    private sealed class UniformPolicy : OfferPolicy
    {
        public override void Share(LoggedDecision decision, Span<double> shares) => shares.Fill(1.0 / shares.Length);
    }

    /// <summary>Always what had done best by then, without exploring.</summary>
    private sealed class GreedyPolicy : OfferPolicy
    {
        public override void Share(LoggedDecision decision, Span<double> shares)
        {
            shares.Clear();
            var best = 0;
            for (var i = 1; i < shares.Length; i++)
            {
                if (RateOf(decision.Arms[i]) > RateOf(decision.Arms[best]))
                    best = i;
            }

            shares[best] = 1;
        }

        private static double RateOf(in LoggedArm arm) => (OfferTable.PriorConverted + arm.Converted) / (OfferTable.PriorConverted + OfferTable.PriorFailed + arm.Shown);
    }

    /// <summary>Given shares, among what may be shown; where none of what is named may be, what was done.</summary>
    private sealed class SharesPolicy(Dictionary<string, Dictionary<string, double>> byKind) : OfferPolicy
    {
        public const string Any = "any";

        public override void Share(LoggedDecision decision, Span<double> shares)
        {
            var named = byKind.GetValueOrDefault(decision.Kind) ?? byKind.GetValueOrDefault(Any);
            var sum = 0.0;
            for (var i = 0; i < shares.Length; i++)
                sum += shares[i] = named?.GetValueOrDefault(decision.Arms[i].Offer) ?? 0;
            for (var i = 0; i < shares.Length; i++)
                shares[i] = sum > 0 ? shares[i] / sum : decision.Arms[i].Propensity;
        }
    }
}
