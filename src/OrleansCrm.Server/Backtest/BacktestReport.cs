using System.Text.Json;
using Spectre.Console;

namespace OrleansCrm.Server.Backtest;

/// <summary>Says what a backtest has shown, for people and for programs.</summary>
internal static class BacktestReport
{
    private const double Share = 0.3;

    public static void Print(BacktestResult result, IAnsiConsole console)
    {
        var left = LeftOf(result);
        console.MarkupLineInterpolated(
            $"{result.Subjects.Length:#,0} customers by {result.Options.Calibrate:yyyy-MM-dd}; in the {result.Options.HorizonDays:#,0} days after it {left.Average(l => l ? 1.0 : 0):P1} bought nothing");
        console.Write(Fits(result));
        foreach (var fit in result.Fits.Where(f => f.NobodyStops && f.Parameters.Length > 2))
            console.MarkupLineInterpolated($"{fit.Model.Name}: nobody stops buying in this history; P(alive) is 1 for all, and only the horizon risk says something");
        if (result.Calibrated is { } earlier)
            console.MarkupLineInterpolated($"calibrated by the {earlier.Days:#,0} days from {earlier.From:yyyy-MM-dd} on, with models fitted before them");
        console.Write(Methods(result, left));
        if (Ranking.Of(result.Methods, left) is { } ranking)
            console.WriteLine(ranking.Words);
        if (result.SpendRatio is { } ratio)
            console.MarkupLineInterpolated($"spend: {ratio:0.00} of what came was expected (Gamma-Gamma p {result.Spend.Model.P:0.000}, q {result.Spend.Model.Q:0.000}, v {result.Spend.Model.V:0.000})");
        console.Write(Triggers(result));
    }

    public static void Write(BacktestResult result, Stream output)
    {
        var left = LeftOf(result);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("calibrate", result.Options.Calibrate.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteNumber("horizonDays", result.Options.HorizonDays);
        json.WriteNumber("customers", result.Subjects.Length);
        json.WriteNumber("boughtNothing", left.Count(l => l));
        json.WriteStartArray("fits");
        foreach (var fit in result.Fits)
        {
            json.WriteStartObject();
            json.WriteString("model", fit.Model.Name);
            Number(json, "logLikelihood", fit.LogLikelihood);
            json.WriteBoolean("converged", fit.Converged);
            json.WriteBoolean("nobodyStops", fit.NobodyStops);
            foreach (var parameter in fit.Parameters)
            {
                Number(json, parameter.Name, parameter.Value);
                Number(json, parameter.Name + "Error", parameter.Error);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (result.Calibrated is { } earlier)
        {
            json.WriteStartObject("calibratedBy");
            json.WriteString("from", earlier.From.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteNumber("days", earlier.Days);
            json.WriteEndObject();
        }

        json.WriteStartArray("methods");
        foreach (var method in result.Methods)
            WriteMethod(json, method, result, left);
        json.WriteEndArray();
        if (Ranking.Of(result.Methods, left) is { } ranking)
        {
            json.WriteStartObject("ranking");
            json.WriteString("rule", ranking.Rule.Name);
            json.WriteString("model", ranking.Model.Name);
            Number(json, "difference", ranking.Difference);
            Number(json, "standardError", ranking.Error);
            json.WriteString("verdict", ranking.Verdict);
            json.WriteEndObject();
        }

        json.WriteStartArray("triggers");
        foreach (var trigger in result.Triggers)
        {
            json.WriteStartObject();
            json.WriteString("rule", trigger.Rule);
            json.WriteNumber("alerts", trigger.Alerts);
            Number(json, "precision", trigger.Precision);
            Number(json, "medianSilenceWeeks", trigger.MedianSilence.Count);
            Number(json, "medianLeadWeeks", trigger.MedianLead.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Number(json, "spendRatio", result.SpendRatio ?? double.NaN);
        json.WriteEndObject();
    }

    private static void WriteMethod(Utf8JsonWriter json, Method method, BacktestResult result, bool[] left)
    {
        json.WriteStartObject();
        json.WriteString("method", method.Name);
        Number(json, "auc", Measures.AreaUnderCurve(method.Scores, left));
        Number(json, "precisionAt30", Measures.PrecisionAt(Share, method.Scores, left));
        if (method.Probabilities is { } probabilities)
        {
            Number(json, "brier", Measures.Brier(probabilities, left));
            Number(json, "calibrationError", Measures.CalibrationError(probabilities, left));
        }

        if (method.Expected is { } expected)
        {
            Number(json, "meanAbsoluteError", MeanError(expected, result));
            Number(json, "expectedToActual", Ratio(expected, result));
        }

        json.WriteEndObject();
    }

    private static Table Fits(BacktestResult result)
    {
        var table = new Table().AddColumns("fit", "log-likelihood", "parameters (standard errors)", "");
        foreach (var fit in result.Fits)
        {
            table.AddRow(
                new Text(fit.Model.Name),
                new Text(FormattableString.Invariant($"{fit.LogLikelihood:0.00}")),
                new Text(string.Join("  ", fit.Parameters.Select(p => FormattableString.Invariant($"{p.Name} {p.Value:0.0000} ({p.Error:0.0000})")))),
                new Text(fit.Converged ? "" : "did not converge"));
        }

        return table;
    }

    private static Table Methods(BacktestResult result, bool[] left)
    {
        var table = new Table().AddColumns("who left, by", "AUC", "precision at 30%", "Brier", "ECE", "MAE", "expected/actual");
        foreach (var method in result.Methods)
        {
            table.AddRow(
                new Text(method.Name),
                Cell(Measures.AreaUnderCurve(method.Scores, left)),
                Cell(Measures.PrecisionAt(Share, method.Scores, left)),
                method.Probabilities is { } p ? Cell(Measures.Brier(p, left), "0.0000") : new Text(""),
                method.Probabilities is { } q ? Cell(Measures.CalibrationError(q, left)) : new Text(""),
                method.Expected is { } e ? Cell(MeanError(e, result)) : new Text(""),
                method.Expected is { } f ? Cell(Ratio(f, result)) : new Text(""));
        }

        return table;
    }

    private static Table Triggers(BacktestResult result)
    {
        var table = new Table().AddColumns("alert for repeat buyers, by", "alerts", $"bought nothing for {TriggerStudy.HitDays} days", "median silence, weeks", "median lead of right ones, weeks");
        foreach (var trigger in result.Triggers)
            table.AddRow(new Text(trigger.Rule), Cell(trigger.Alerts, "#,0"), Cell(trigger.Precision), Cell(trigger.MedianSilence.Count, "0.0"), Cell(trigger.MedianLead.Count, "0.0"));
        return table;
    }

    private static bool[] LeftOf(BacktestResult result) => Array.ConvertAll(result.Subjects, s => s.BoughtNothing);

    private static double MeanError(double[] expected, BacktestResult result) =>
        Enumerable.Range(0, expected.Length).Average(i => Math.Abs(expected[i] - result.Subjects[i].LaterPurchases));

    private static double Ratio(double[] expected, BacktestResult result) => expected.Sum() / result.Subjects.Sum(s => s.LaterPurchases);

    private static Text Cell(double value, string format = "0.000") => new(double.IsNaN(value) ? "-" : value.ToString(format, System.Globalization.CultureInfo.InvariantCulture));

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}
