using System.Globalization;
using System.Text;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>Draws latency against offered load as SVG: time on a logarithmic scale, a line for p50 and one for p99 of each database.</summary>
internal static class LatencyPlot
{
    private const double Width = 760;
    private const double Height = 420;
    private const double Left = 70;
    private const double Right = 20;
    private const double Top = 40;
    private const double Bottom = 60;

    private static readonly string[] Colours = ["#1f6feb", "#bf5700"];

    public static string Draw(IReadOnlyList<CurvePoint> points)
    {
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<title>Latency against offered load</title>");
        Line(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>");
        Line(svg, $"<text x=\"{Left}\" y=\"20\" font-size=\"14\">Ingest: time until a request with 100 events is acknowledged</text>");
        if (points.Count == 0)
            Line(svg, $"<text x=\"{Width / 2}\" y=\"{Height / 2}\" text-anchor=\"middle\">Ingest (e) was not measured.</text>");
        else
            DrawCurves(svg, points);
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void DrawCurves(StringBuilder svg, IReadOnlyList<CurvePoint> points)
    {
        var loadMax = points.Max(p => p.OfferedPerSecond);
        var low = Math.Floor(Math.Log10(Math.Max(0.01, points.Min(p => p.P50Ms))));
        var high = Math.Max(low + 1, Math.Ceiling(Math.Log10(Math.Max(0.01, points.Max(p => p.P99Ms)))));
        for (var decade = low; decade <= high; decade++)
        {
            var y = Y(Math.Pow(10, decade));
            Line(svg, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\" stroke=\"#ddd\"/>");
            Line(svg, $"<text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{Math.Pow(10, decade):0.##} ms</text>");
        }

        for (var fifth = 0; fifth <= 5; fifth++)
        {
            var load = loadMax * fifth / 5;
            Line(svg, $"<text x=\"{X(load):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{load:#,0}</text>");
        }

        Line(svg, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - Bottom + 40}\" text-anchor=\"middle\">events offered per second</text>");
        var number = 0;
        foreach (var curve in points.GroupBy(p => p.Database))
        {
            var colour = Colours[number++ % Colours.Length];
            Draw(curve.Key + " p50", colour, "", [.. curve.Select(p => (p.OfferedPerSecond, p.P50Ms))]);
            Draw(curve.Key + " p99", colour, " stroke-dasharray=\"6 4\"", [.. curve.Select(p => (p.OfferedPerSecond, p.P99Ms))]);
        }

        double X(double load) => Left + load / loadMax * (Width - Left - Right);

        double Y(double ms) => Height - Bottom - (Math.Log10(Math.Max(0.01, ms)) - low) / (high - low) * (Height - Top - Bottom);

        void Draw(string name, string colour, string dash, (double Load, double Ms)[] curve)
        {
            var path = string.Join(' ', curve.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Load):0.#},{Y(p.Ms):0.#}")));
            Line(svg, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>");
            foreach (var (load, ms) in curve)
                Line(svg, $"<circle cx=\"{X(load):0.#}\" cy=\"{Y(ms):0.#}\" r=\"3\" fill=\"{colour}\"><title>{load:#,0}/s: {ms:0.##} ms</title></circle>");
            Line(svg, $"<text x=\"{X(curve[^1].Load) - 6:0.#}\" y=\"{Y(curve[^1].Ms) - 8:0.#}\" text-anchor=\"end\" fill=\"{colour}\">{name}</text>");
        }
    }

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(FormattableString.Invariant(text)).Append('\n');
}
