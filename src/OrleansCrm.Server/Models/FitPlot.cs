using OrleansCrm.Engagement.Churn;
using OrleansCrm.Server.Backtest;

namespace OrleansCrm.Server.Models;

/// <summary>Two plots as SVG: customers by repeat purchases, actual against expected; and the risks of the last horizon before and after calibration.</summary>
internal static class FitPlot
{
    public static string Draw(ModelFit fit)
    {
        var svg = new SvgPanels("Fit of " + fit.Used.Model.Name);
        DrawRepeats(svg, fit.Repeats);
        if (fit.Window is { } window)
        {
            svg.Reliability(
                "Bought nothing: how often, against how probable it was called",
                [
                    ("as the model has it", window.Groups(RiskCalibration.None)),
                    .. window.Calibration is { } calibration ? [("calibrated", window.Groups(calibration))] : Array.Empty<(string, (double, double, int)[])>(),
                ]);
        }

        return svg.End();
    }

    private static void DrawRepeats(SvgPanels svg, RepeatRow[] rows)
    {
        const double Share = 0.38;
        var top = Math.Max(1, rows.Max(r => Math.Max(r.Actual, r.Expected)));
        var width = SvgPanels.Side / rows.Length;
        svg.Frame(SvgPanels.Left, "Customers by repeat purchases", "repeat purchases", FormattableString.Invariant($"{top:#,0}"));
        foreach (var row in rows)
        {
            var left = SvgPanels.Left + width * row.Repeats;
            Bar(left + width * 0.1, row.Actual, "#24292f");
            Bar(left + width * 0.52, row.Expected, SvgPanels.Colours[0]);
            svg.Line($"<text x=\"{left + width / 2:0.#}\" y=\"{SvgPanels.Margin + SvgPanels.Side + 16}\" text-anchor=\"middle\">{row.Repeats}{(row.OrMore ? "+" : "")}</text>");
        }

        svg.Line($"<text x=\"{SvgPanels.Left + SvgPanels.Side - 10}\" y=\"{SvgPanels.Margin + 18}\" text-anchor=\"end\" fill=\"#24292f\">actual</text>");
        svg.Line($"<text x=\"{SvgPanels.Left + SvgPanels.Side - 10}\" y=\"{SvgPanels.Margin + 34}\" text-anchor=\"end\" fill=\"{SvgPanels.Colours[0]}\">expected</text>");

        void Bar(double left, double value, string colour)
        {
            var height = SvgPanels.Side * value / top;
            svg.Line($"<rect x=\"{left:0.#}\" y=\"{SvgPanels.Margin + SvgPanels.Side - height:0.#}\" width=\"{width * Share:0.#}\" height=\"{height:0.#}\" fill=\"{colour}\"/>");
        }
    }
}
