using System.Text;

namespace OrleansCrm.Server.Backtest;

/// <summary>Two square plots side by side, as SVG text.</summary>
internal sealed class SvgPanels
{
    public const double Side = 320;
    public const double Margin = 60;

    private readonly StringBuilder _svg = new();

    public SvgPanels(string title)
    {
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {2 * Side + 4 * Margin} {Side + 2 * Margin}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line($"<title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
    }

    public static string[] Colours { get; } = ["#1f6feb", "#bf5700", "#2da44e", "#8250df", "#cf222e"];

    public static double Left => Margin;

    public static double Right => Margin * 3 + Side;

    public void Line(FormattableString text) => _svg.Append(FormattableString.Invariant(text)).Append('\n');

    public void Frame(double left, string title, string below, string top)
    {
        Line($"<text x=\"{left}\" y=\"{Margin - 20}\" font-size=\"13\">{title}</text>");
        Line($"<rect x=\"{left}\" y=\"{Margin}\" width=\"{Side}\" height=\"{Side}\" fill=\"none\" stroke=\"#888\"/>");
        Line($"<text x=\"{left - 6}\" y=\"{Margin + 10}\" text-anchor=\"end\">{top}</text>");
        Line($"<text x=\"{left - 6}\" y=\"{Margin + Side}\" text-anchor=\"end\">0</text>");
        Line($"<text x=\"{left + Side / 2}\" y=\"{Margin + Side + 36}\" text-anchor=\"middle\">{below}</text>");
    }

    /// <summary>How often something happened against how probable it was called, on the right.</summary>
    public void Reliability(string title, IEnumerable<(string Name, (double Predicted, double Happened, int Count)[] Groups)> series)
    {
        Frame(Right, title, "called probable", "1");
        Line($"<line x1=\"{Right}\" y1=\"{Margin + Side}\" x2=\"{Right + Side}\" y2=\"{Margin}\" stroke=\"#ccc\"/>");
        var row = 0;
        foreach (var (name, groups) in series)
        {
            var colour = Colours[row % Colours.Length];
            foreach (var group in groups)
                Line($"<circle cx=\"{Right + Side * group.Predicted:0.#}\" cy=\"{Margin + Side * (1 - group.Happened):0.#}\" r=\"4\" fill=\"{colour}\" fill-opacity=\"0.7\"/>");
            Line($"<text x=\"{Right + 10}\" y=\"{Margin + 18 + 16 * row++}\" fill=\"{colour}\">{name}</text>");
        }
    }

    public string End()
    {
        Line($"</svg>");
        return _svg.ToString();
    }
}
