using System.Text;

namespace OrleansCrm.Server.Backtest;

/// <summary>
/// Two plots as SVG: purchases after the cut by repeats before it, actual against expected; and how often customers bought nothing
/// against how probable that was called.
/// </summary>
internal static class BacktestPlot
{
    private const double Side = 320;
    private const double Margin = 60;
    private const int RepeatsMax = 7;

    private static readonly string[] Colours = ["#1f6feb", "#bf5700", "#2da44e", "#8250df"];

    public static string Draw(BacktestResult result)
    {
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {2 * Side + 4 * Margin} {Side + 2 * Margin}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<title>Backtest</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        DrawPurchases(svg, result);
        DrawCalibration(svg, result);
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void DrawPurchases(StringBuilder svg, BacktestResult result)
    {
        var groups = result.Subjects.Select((s, i) => (Repeats: Math.Min(s.History.Repeats, RepeatsMax), Index: i)).GroupBy(s => s.Repeats).OrderBy(g => g.Key).ToArray();
        var curves = result.Methods.Where(m => m.Expected is not null && m.Name.EndsWith("expected purchases", StringComparison.Ordinal))
            .Select(m => (Name: m.Name[..m.Name.IndexOf(' ')], Means: groups.Select(g => g.Average(s => m.Expected![s.Index])).ToArray())).ToArray();
        var actual = groups.Select(g => g.Average(s => result.Subjects[s.Index].LaterPurchases)).ToArray();
        var top = Math.Max(0.01, curves.SelectMany(c => c.Means).Concat(actual).Max());
        Frame(svg, Margin, "Mean purchases after the cut, by repeats before it", "repeats before the cut", $"{top:0.0}");
        for (var i = 0; i < groups.Length; i++)
            Line(svg, $"<text x=\"{X(i):0.#}\" y=\"{Margin + Side + 16}\" text-anchor=\"middle\">{groups[i].Key}{(groups[i].Key == RepeatsMax ? "+" : "")}</text>");
        Curve("actual", "#24292f", actual, " stroke-width=\"3\"", 0);
        for (var i = 0; i < curves.Length; i++)
            Curve(curves[i].Name, Colours[i % Colours.Length], curves[i].Means, " stroke-dasharray=\"5 3\"", i + 1);

        double X(int group) => Margin + Side * (group + 0.5) / groups.Length;

        void Curve(string name, string colour, double[] means, string style, int row)
        {
            var points = string.Join(' ', means.Select((m, i) => FormattableString.Invariant($"{X(i):0.#},{Margin + Side * (1 - m / top):0.#}")));
            Line(svg, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\"{style}/>");
            Line(svg, $"<text x=\"{Margin + 10}\" y=\"{Margin + 18 + 16 * row}\" fill=\"{colour}\">{name}</text>");
        }
    }

    private static void DrawCalibration(StringBuilder svg, BacktestResult result)
    {
        var left = Margin * 3 + Side;
        var happened = Array.ConvertAll(result.Subjects, s => s.BoughtNothing);
        Frame(svg, left, "Bought nothing: how often, against how probable it was called", "called probable", "1");
        Line(svg, $"<line x1=\"{left}\" y1=\"{Margin + Side}\" x2=\"{left + Side}\" y2=\"{Margin}\" stroke=\"#ccc\"/>");
        var row = 0;
        foreach (var method in result.Methods.Where(m => m.Probabilities is not null))
        {
            var colour = Colours[row % Colours.Length];
            foreach (var bin in Measures.Calibration(method.Probabilities!, happened))
                Line(svg, $"<circle cx=\"{left + Side * bin.Predicted:0.#}\" cy=\"{Margin + Side * (1 - bin.Happened):0.#}\" r=\"4\" fill=\"{colour}\" fill-opacity=\"0.7\"/>");
            Line(svg, $"<text x=\"{left + 10}\" y=\"{Margin + 18 + 16 * row++}\" fill=\"{colour}\">{method.Name[..method.Name.IndexOf(' ')]}</text>");
        }
    }

    private static void Frame(StringBuilder svg, double left, string title, string below, string top)
    {
        Line(svg, $"<text x=\"{left}\" y=\"{Margin - 20}\" font-size=\"13\">{title}</text>");
        Line(svg, $"<rect x=\"{left}\" y=\"{Margin}\" width=\"{Side}\" height=\"{Side}\" fill=\"none\" stroke=\"#888\"/>");
        Line(svg, $"<text x=\"{left - 6}\" y=\"{Margin + 10}\" text-anchor=\"end\">{top}</text>");
        Line(svg, $"<text x=\"{left - 6}\" y=\"{Margin + Side}\" text-anchor=\"end\">0</text>");
        Line(svg, $"<text x=\"{left + Side / 2}\" y=\"{Margin + Side + 36}\" text-anchor=\"middle\">{below}</text>");
    }

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(FormattableString.Invariant(text)).Append('\n');
}
