using System.Buffers;
using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace OrleansCrm.Server.Telemetry;

/// <summary>
/// Prometheus text format 0.0.4. Names follow OpenTelemetry's rules for it: dots become underscores, the unit is the last word, counters end
/// in <c>_total</c>.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void Write(IBufferWriter<byte> target, in Batch<Metric> metrics)
    {
        var text = new StringBuilder(64 * 1024);
        foreach (var metric in metrics)
            Write(text, metric);
        Encoding.UTF8.GetBytes(text.ToString(), target);
    }

    private static void Write(StringBuilder text, Metric metric)
    {
        var isCounter = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;
        var isHistogram = metric.MetricType is MetricType.Histogram;
        var name = NameOf(metric.Name, metric.Unit, isCounter);
        if (metric.Description.Length > 0)
            text.Append("# HELP ").Append(name).Append(' ').Append(metric.Description.Replace("\\", "\\\\").Replace("\n", "\\n")).Append('\n');
        text.Append("# TYPE ").Append(name).Append(isCounter ? " counter\n" : isHistogram ? " histogram\n" : " gauge\n");
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = LabelsOf(point.Tags);
            if (isHistogram)
                WriteHistogram(text, name, labels, point);
            else
                WriteSample(text, name, "", labels, ValueOf(metric.MetricType, point));
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, in MetricPoint point)
    {
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
            WriteSample(text, name, "_bucket", labels + (labels.Length > 0 ? "," : "") + $"le=\"{bound}\"", below);
        }

        WriteSample(text, name, "_sum", labels, point.GetHistogramSum());
        WriteSample(text, name, "_count", labels, point.GetHistogramCount());
    }

    private static void WriteSample(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    private static string LabelsOf(ReadOnlyTagCollection tags)
    {
        var labels = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (labels.Length > 0)
                labels.Append(',');
            var said = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Append(Plain(key)).Append("=\"").Append(said.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }

        return labels.ToString();
    }

    public static string NameOf(string name, string unit, bool isCounter)
    {
        var plain = Plain(name);
        var last = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "" => "",
            _ when unit[0] == '{' => "",
            "1" => "_ratio",
            _ => "_" + Plain(unit),
        };
        if (!plain.EndsWith(last, StringComparison.Ordinal))
            plain += last;
        return isCounter ? plain + "_total" : plain;
    }

    private static string Plain(string name) => string.Create(name.Length, name, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
    });

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) switch
    {
        "Infinity" => "+Inf",
        "-Infinity" => "-Inf",
        var plain => plain,
    };
}
