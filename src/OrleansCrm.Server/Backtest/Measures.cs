namespace OrleansCrm.Server.Backtest;

/// <summary>How well scores and probabilities told what happened.</summary>
internal static class Measures
{
    private const int Bins = 10;

    /// <summary>
    /// The probability that a random customer who left scores above a random one who did not, ties counting half (Mann-Whitney). NaN
    /// when all did the same.
    /// </summary>
    public static double AreaUnderCurve(IReadOnlyList<double> scores, IReadOnlyList<bool> left)
    {
        var ranks = Ranks(scores);
        double sum = 0;
        double positives = 0;
        for (var i = 0; i < ranks.Length; i++)
        {
            sum += left[i] ? ranks[i] : 0;
            positives += left[i] ? 1 : 0;
        }

        var negatives = ranks.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (sum - positives * (positives + 1) / 2) / (positives * negatives);
    }

    /// <summary>
    /// Standard error of the difference of two areas over the same customers (DeLong, DeLong, Clarke-Pearson 1988): how far it would move
    /// with other customers of the same kind.
    /// </summary>
    public static double ErrorOfDifference(double[] scores, double[] others, IReadOnlyList<bool> left)
    {
        var (x, y) = (Placements(scores, left), Placements(others, left));
        var differences = x.Zip(y, (a, b) => a - b).Zip(left).ToArray();
        return Math.Sqrt(VarianceOfMean(differences.Where(d => d.Second).Select(d => d.First)) + VarianceOfMean(differences.Where(d => !d.Second).Select(d => d.First)));
    }

    /// <summary>Of each customer, the share of those who did otherwise whom the score puts on the right side of him.</summary>
    private static double[] Placements(double[] scores, IReadOnlyList<bool> left)
    {
        var placements = new double[scores.Length];
        var all = Ranks(scores);
        foreach (var group in new[] { true, false })
        {
            var members = Enumerable.Range(0, scores.Length).Where(i => left[i] == group).ToArray();
            var own = Ranks(Array.ConvertAll(members, i => scores[i]));
            for (var i = 0; i < members.Length; i++)
            {
                var below = (all[members[i]] - own[i]) / (scores.Length - members.Length);
                placements[members[i]] = group ? below : 1 - below;
            }
        }

        return placements;
    }

    private static double VarianceOfMean(IEnumerable<double> values)
    {
        var all = values.ToArray();
        var mean = all.Average();
        return all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1) / all.Length;
    }

    /// <summary>Ranks from 1, the mean rank for equal values.</summary>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[order.Length];
        for (var i = 0; i < order.Length;)
        {
            var first = i;
            while (i < order.Length && values[order[i]] == values[order[first]])
                i++;
            for (var j = first; j < i; j++)
                ranks[order[j]] = (first + i + 1) / 2.0;
        }

        return ranks;
    }

    /// <summary>Mean squared error of probabilities.</summary>
    public static double Brier(IReadOnlyList<double> probabilities, IReadOnlyList<bool> happened) =>
        Enumerable.Range(0, probabilities.Count).Average(i => Math.Pow(probabilities[i] - (happened[i] ? 1 : 0), 2));

    /// <summary>Ten groups of equal size by probability: the mean of each against how often it happened.</summary>
    public static (double Predicted, double Happened, int Count)[] Calibration(IReadOnlyList<double> probabilities, IReadOnlyList<bool> happened)
    {
        var order = Enumerable.Range(0, probabilities.Count).OrderBy(i => probabilities[i]).ToArray();
        return
        [
            .. Enumerable.Range(0, Bins)
                .Select(bin => order[(order.Length * bin / Bins)..(order.Length * (bin + 1) / Bins)])
                .Where(members => members.Length > 0)
                .Select(members => (members.Average(i => probabilities[i]), members.Average(i => happened[i] ? 1.0 : 0), members.Length)),
        ];
    }

    /// <summary>Expected calibration error: the groups' differences, weighted with their size.</summary>
    public static double CalibrationError(IReadOnlyList<double> probabilities, IReadOnlyList<bool> happened) =>
        Calibration(probabilities, happened).Sum(b => Math.Abs(b.Predicted - b.Happened) * b.Count) / probabilities.Count;

    /// <summary>Of the given share with the highest scores, how many left.</summary>
    public static double PrecisionAt(double share, IReadOnlyList<double> scores, IReadOnlyList<bool> left)
    {
        var count = Math.Max(1, (int)Math.Round(scores.Count * share));
        return Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).Take(count).Average(i => left[i] ? 1.0 : 0);
    }
}
