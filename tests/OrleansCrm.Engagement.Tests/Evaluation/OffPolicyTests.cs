using OrleansCrm.Engagement.Evaluation;
using OrleansCrm.Engagement.Numerics;
using Xunit.Abstractions;

namespace OrleansCrm.Engagement.Tests.Evaluation;

/// <summary>A log drawn from a policy that explores, of a shop whose rates are known: so what any other policy would bring is known too.</summary>
public sealed class OffPolicyTests(ITestOutputHelper output)
{
    private const int Logs = 150;
    private const int Decisions = 5_000;

    private static readonly string[] Offers = ["a", "b", "c"];
    private static readonly Dictionary<string, double[]> Rates = new() { ["new"] = [0.12, 0.06, 0.02], ["loyal"] = [0.03, 0.05, 0.15] };
    private static readonly Dictionary<string, double[]> Behaviour = new() { ["new"] = [0.25, 0.45, 0.3], ["loyal"] = [0.5, 0.3, 0.2] };

    [Theory]
    [InlineData("uniform")]
    [InlineData("always:c")]
    [InlineData("""{"new":{"a":0.9,"b":0.1},"any":{"c":1}}""")]
    public void Intervals_cover_the_truth_as_often_as_they_say(string name)
    {
        var policy = OfferPolicy.Find(name) ?? OfferPolicy.Parse(name);
        var truth = TruthOf(policy);

        var values = Enumerable.Range(0, Logs).AsParallel().Select(seed => OffPolicy.Evaluate(Draw((ulong)seed), policy)).ToArray();

        double Cover(Func<PolicyValue, Interval> of) => values.Average(v => of(v).Low <= truth && truth <= of(v).High ? 1.0 : 0);
        output.WriteLine($"truth {truth:0.0000}, robust {values.Average(v => v.Robust.Value):0.0000}, inverse {values.Average(v => v.Inverse.Value):0.0000}, cover {Cover(v => v.Robust):0.000} {Cover(v => v.Inverse):0.000}");
        Assert.Equal(truth, values.Average(v => v.Robust.Value), 0.002);
        Assert.Equal(truth, values.Average(v => v.Inverse.Value), 0.002);
        Assert.InRange(Cover(v => v.Robust), 0.89, 1);
        Assert.InRange(Cover(v => v.Inverse), 0.89, 1);
        Assert.True(values.Average(v => v.Robust.High - v.Robust.Low) < values.Average(v => v.Inverse.High - v.Inverse.Low));
    }

    [Fact]
    public void What_was_done_is_worth_what_it_brought()
    {
        var decisions = Draw(1);

        var value = OffPolicy.Evaluate(decisions, OfferPolicy.Find("logged")!);

        Assert.Equal(decisions.Average(d => d.HasOrder ? 1.0 : 0), value.Logged.Value, 12);
        Assert.Equal(value.Logged.Value, value.Inverse.Value, 12);
        Assert.Equal(decisions.Length, value.EffectiveDecisions, 6);
        Assert.InRange(value.Gain.Value, -0.01, 0.01);
    }

    [Fact]
    public void Greedy_takes_what_had_done_best_by_then()
    {
        var decision = new LoggedDecision("c", "new", [new("a", 0.5, 100, 3), new("b", 0.3, 0, 0), new("c", 0.2, 50, 4)], 0, false);
        Span<double> shares = stackalloc double[3];

        OfferPolicy.Find("greedy")!.Share(decision, shares);

        Assert.Equal([0, 0, 1], shares.ToArray());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"nobody":{"a":1}}""")]
    [InlineData("""{"any":{"a":-1}}""")]
    public void Policy_that_is_none_is_refused(string json) => Assert.Throws<FormatException>(() => OfferPolicy.Parse(json));

    private static double TruthOf(OfferPolicy policy)
    {
        var truth = 0.0;
        Span<double> shares = stackalloc double[3];
        foreach (var (kind, rates) in Rates)
        {
            policy.Share(new LoggedDecision("", kind, ArmsOf(kind), 0, false), shares);
            for (var i = 0; i < shares.Length; i++)
                truth += shares[i] * rates[i] / Rates.Count;
        }

        return truth;
    }

    private static LoggedArm[] ArmsOf(string kind) => [.. Offers.Select((offer, i) => new LoggedArm(offer, Behaviour[kind][i], 0, 0))];

    private static LoggedDecision[] Draw(ulong seed)
    {
        var random = SeededRandom.For(seed, 23);
        var decisions = new LoggedDecision[Decisions];
        for (var i = 0; i < decisions.Length; i++)
        {
            var kind = random.Chance(0.5) ? "new" : "loyal";
            var arms = ArmsOf(kind);
            var until = random.Uniform();
            var chosen = 0;
            while (chosen < arms.Length - 1 && (until -= arms[chosen].Propensity) > 0)
                chosen++;
            decisions[i] = new LoggedDecision($"c{i / 2:D6}", kind, arms, chosen, random.Chance(Rates[kind][chosen]));
        }

        return decisions;
    }
}
