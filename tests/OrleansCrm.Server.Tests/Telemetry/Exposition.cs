using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansCrm.Server.Tests.Telemetry;

/// <summary>Prometheus text format 0.0.4, read as strictly as Prometheus reads it.</summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    private Exposition()
    {
    }

    public IEnumerable<string> Families => _types.Keys;

    public IEnumerable<string> Series => _samples.Keys;

    /// <summary>The sum over all series of a name.</summary>
    public double this[string name] =>
        _samples.Where(s => s.Key == name || s.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(s => s.Value);

    public static Exposition Parse(string text)
    {
        var parsed = new Exposition();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
                continue;
            if (Type().Match(line) is { Success: true } type)
            {
                Assert.True(parsed._types.TryAdd(type.Groups[1].Value, type.Groups[2].Value), "Told twice: " + line);
                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success, "No sample: " + line);
            var family = Suffix().Replace(sample.Groups["name"].Value, "");
            Assert.True(
                parsed._types.TryGetValue(sample.Groups["name"].Value, out _) || parsed._types.GetValueOrDefault(family) == "histogram", "Without a type: " + line);
            var value = sample.Groups["value"].Value switch
            {
                "+Inf" => double.PositiveInfinity,
                "-Inf" => double.NegativeInfinity,
                var number => double.Parse(number, CultureInfo.InvariantCulture),
            };
            Assert.True(parsed._samples.TryAdd(sample.Groups["series"].Value, value), "Told twice: " + line);
        }

        parsed.CheckHistograms();
        Assert.All(parsed._types.Where(t => t.Value == "counter"), t => Assert.EndsWith("_total", t.Key, StringComparison.Ordinal));
        return parsed;
    }

    private void CheckHistograms()
    {
        foreach (var (series, count) in _samples.Where(s => s.Key.Contains("_count", StringComparison.Ordinal)).ToArray())
        {
            var name = series.Split('{')[0];
            if (!name.EndsWith("_count", StringComparison.Ordinal) || _types.GetValueOrDefault(name[..^6]) != "histogram")
                continue;
            var labels = series.Length > name.Length ? series[(name.Length + 1)..^1] + "," : "";
            Assert.Equal(count, _samples[$"{name[..^6]}_bucket{{{labels}le=\"+Inf\"}}"]);
            var buckets = _samples.Where(s => s.Key.StartsWith($"{name[..^6]}_bucket{{{labels}le=", StringComparison.Ordinal)).Select(s => s.Value).ToArray();
            Assert.Equal(buckets.Order(), buckets);
        }
    }

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$")]
    private static partial Regex Type();

    [GeneratedRegex("""^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})?) (?<value>[^ ]+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
