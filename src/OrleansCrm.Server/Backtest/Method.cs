using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Server.Backtest;

/// <summary>One way to say who will leave. The score rises with the risk; some also give a probability, or a number of purchases.</summary>
internal sealed record Method(string Name, double[] Scores, double[]? Probabilities = null, double[]? Expected = null)
{
    /// <summary>Whether its probabilities are among those that are plotted.</summary>
    public bool IsPlotted { get; init; } = true;

    /// <summary>Whether it needs no model.</summary>
    public bool IsRule { get; init; }
}

/// <summary>The plain rules that every model stands beside.</summary>
internal static class PlainRules
{
    public const int SilentDays = 90;
    public const double OwnGaps = 3;

    private const int Quintiles = 5;

    public static IEnumerable<Method> Of(Subject[] subjects, Weeks horizon)
    {
        var gap = MeanGap(subjects);
        var silence = Array.ConvertAll(subjects, s => s.Silence.Count);
        var inGaps = Array.ConvertAll(subjects, s => s.Silence.Count / OwnGap(s.History, gap));
        var rate = Array.ConvertAll(subjects, s => s.Age.Count > 0 ? s.History.Repeats / s.Age.Count : 0);
        yield return new Method($"silent for {SilentDays} days", Array.ConvertAll(silence, s => s > Weeks.FromDays(SilentDays).Count ? 1.0 : 0));
        yield return new Method("silence", silence);
        yield return new Method($"silence beyond {OwnGaps} own gaps", Array.ConvertAll(inGaps, g => g > OwnGaps ? 1.0 : 0));
        yield return new Method("silence in own gaps", inGaps);
        yield return new Method("recency, frequency, money", Rfm(subjects));
        yield return new Method("own rate of purchases", Array.ConvertAll(rate, r => -r), Expected: Array.ConvertAll(rate, r => r * horizon.Count));
    }

    /// <summary>Mean time between a customer's purchases; everybody's for one without repeats.</summary>
    public static double OwnGap(PurchaseHistory history, double meanGap) =>
        history.Repeats > 0 && history.AgeAtLast.Count > 0 ? history.AgeAtLast.Count / history.Repeats : meanGap;

    public static double MeanGap(IEnumerable<Subject> subjects)
    {
        var (weeks, repeats) = (0.0, 0L);
        foreach (var subject in subjects)
            (weeks, repeats) = (weeks + subject.History.AgeAtLast.Count, repeats + subject.History.Repeats);
        return repeats > 0 ? weeks / repeats : 1;
    }

    // Three fifths from 0 to 4, added: the score that marketing departments draw up by hand.
    private static double[] Rfm(Subject[] subjects)
    {
        var recency = Fifths(Array.ConvertAll(subjects, s => s.Silence.Count));
        var frequency = Fifths(Array.ConvertAll(subjects, s => -(double)s.History.Repeats));
        var money = Fifths(Array.ConvertAll(subjects, s => -s.Spent));
        return [.. Enumerable.Range(0, subjects.Length).Select(i => (double)(recency[i] + frequency[i] + money[i]))];
    }

    private static int[] Fifths(double[] values) =>
        Array.ConvertAll(Measures.Ranks(values), rank => Math.Min(Quintiles - 1, (int)(Quintiles * (rank - 0.5) / values.Length)));
}
