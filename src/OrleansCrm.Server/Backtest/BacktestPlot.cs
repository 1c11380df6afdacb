namespace OrleansCrm.Server.Backtest;

/// <summary>
/// Two plots as SVG: purchases after the cut by repeats before it, actual against expected; and how often customers bought nothing
/// against how probable that was called.
/// </summary>
internal static class BacktestPlot
{
    private const double Side = SvgPanels.Side;
    private const double Margin = SvgPanels.Margin;
    private const int RepeatsMax = 7;

    public static string Draw(BacktestResult result)
    {
        var svg = new SvgPanels("Backtest");
        DrawPurchases(svg, result);
        var happened = Array.ConvertAll(result.Subjects, s => s.BoughtNothing);
        svg.Reliability(
            "Bought nothing: how often, against how probable it was called",
            result.Methods.Where(m => m.Probabilities is not null && m.IsPlotted).Select(m => (m.Name.Replace(" P(no purchase)", "", StringComparison.Ordinal), Measures.Calibration(m.Probabilities!, happened))));
        return svg.End();
    }

    private static void DrawPurchases(SvgPanels svg, BacktestResult result)
    {
        var groups = result.Subjects.Select((s, i) => (Repeats: Math.Min(s.History.Repeats, RepeatsMax), Index: i)).GroupBy(s => s.Repeats).OrderBy(g => g.Key).ToArray();
        var curves = result.Methods.Where(m => m.Expected is not null && m.Name.EndsWith("expected purchases", StringComparison.Ordinal))
            .Select(m => (Name: m.Name[..m.Name.IndexOf(' ')], Means: groups.Select(g => g.Average(s => m.Expected![s.Index])).ToArray())).ToArray();
        var actual = groups.Select(g => g.Average(s => result.Subjects[s.Index].LaterPurchases)).ToArray();
        var top = Math.Max(0.01, curves.SelectMany(c => c.Means).Concat(actual).Max());
        svg.Frame(Margin, "Mean purchases after the cut, by repeats before it", "repeats before the cut", $"{top:0.0}");
        for (var i = 0; i < groups.Length; i++)
            svg.Line($"<text x=\"{X(i):0.#}\" y=\"{Margin + Side + 16}\" text-anchor=\"middle\">{groups[i].Key}{(groups[i].Key == RepeatsMax ? "+" : "")}</text>");
        Curve("actual", "#24292f", actual, " stroke-width=\"3\"", 0);
        for (var i = 0; i < curves.Length; i++)
            Curve(curves[i].Name, SvgPanels.Colours[i % SvgPanels.Colours.Length], curves[i].Means, " stroke-dasharray=\"5 3\"", i + 1);

        double X(int group) => Margin + Side * (group + 0.5) / groups.Length;

        void Curve(string name, string colour, double[] means, string style, int row)
        {
            var points = string.Join(' ', means.Select((m, i) => FormattableString.Invariant($"{X(i):0.#},{Margin + Side * (1 - m / top):0.#}")));
            svg.Line($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\"{style}/>");
            svg.Line($"<text x=\"{Margin + 10}\" y=\"{Margin + 18 + 16 * row}\" fill=\"{colour}\">{name}</text>");
        }
    }
}
