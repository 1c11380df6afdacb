using System.Globalization;

namespace OrleansCrm.Server.Operations;

/// <summary>One reading of <c>/metrics</c>.</summary>
internal sealed class MetricsText
{
    private readonly Dictionary<string, List<(string Labels, double Value)>> _series = new(StringComparer.Ordinal);

    public static MetricsText Parse(string text)
    {
        var read = new MetricsText();
        foreach (var line in text.Split('\n'))
        {
            var end = line.LastIndexOf(' ');
            if (end <= 0 || line[0] == '#' || !TryNumber(line[(end + 1)..], out var value))
                continue;
            var labels = line.IndexOf('{');
            var name = line[..(labels < 0 ? end : labels)];
            if (!read._series.TryGetValue(name, out var series))
                read._series.Add(name, series = []);
            series.Add((labels < 0 ? "" : line[(labels + 1)..line.LastIndexOf('}')], value));
        }

        return read;
    }

    public double Sum(string name, string label = "") => Of(name, label).Sum(s => s.Value);

    public double Max(string name) => Of(name, "").Select(s => s.Value).DefaultIfEmpty().Max();

    /// <summary>A quantile of what a histogram has taken in since an earlier reading, within its buckets; NaN for nothing.</summary>
    public double Quantile(string name, double quantile, MetricsText? earlier)
    {
        var before = (earlier?.Buckets(name) ?? []).ToDictionary(b => b.Bound, b => b.Count);
        var buckets = Buckets(name).Select(b => (b.Bound, Count: b.Count - before.GetValueOrDefault(b.Bound))).ToArray();
        if (buckets.Length == 0 || buckets[^1].Count <= 0)
            return double.NaN;
        var rank = quantile * buckets[^1].Count;
        var (lower, below) = (0.0, 0.0);
        foreach (var (bound, count) in buckets)
        {
            if (count >= rank)
                return double.IsInfinity(bound) ? lower : lower + (bound - lower) * (rank - below) / Math.Max(1, count - below);
            (lower, below) = (bound, count);
        }

        return lower;
    }

    private (double Bound, double Count)[] Buckets(string name) =>
    [
        .. Of(name + "_bucket", "").Select(s => (Bound: BoundOf(s.Labels), s.Value)).GroupBy(b => b.Bound, b => b.Value)
            .Select(b => (b.Key, b.Sum())).OrderBy(b => b.Key),
    ];

    private static double BoundOf(string labels)
    {
        const string Key = "le=\"";
        var start = labels.IndexOf(Key, StringComparison.Ordinal) + Key.Length;
        return TryNumber(labels[start..labels.IndexOf('"', start)], out var bound) ? bound : double.NaN;
    }

    private IEnumerable<(string Labels, double Value)> Of(string name, string label) =>
        _series.GetValueOrDefault(name, []).Where(s => s.Labels.Contains(label, StringComparison.Ordinal));

    private static bool TryNumber(string text, out double value)
    {
        value = text == "+Inf" ? double.PositiveInfinity : 0;
        return text == "+Inf" || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
