using System.Globalization;
using System.Text.Json;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.Server.Http;
using Spectre.Console;

namespace OrleansCrm.Server.Models;

/// <summary>Says what a fit has come to, for programs and for people.</summary>
internal static class FitReport
{
    public const string NobodyStops =
        "Nobody stops buying in this history: the probability of being alive is 1 for all, so the plain NBD is used and only the horizon risk says something.";

    /// <param name="published">The version that has it; null when none was published.</param>
    public static void Write(Utf8JsonWriter json, ModelFit fit, int? published)
    {
        json.WriteStartObject();
        WriteMembers(json, fit);
        if (published is { } version)
            json.WriteNumber("published", version);
        else
            json.WriteNull("published");
        json.WriteString("plot", FitPlot.Draw(fit));
        json.WriteEndObject();
    }

    /// <summary>All but the plot.</summary>
    public static void WriteMembers(Utf8JsonWriter json, ModelFit fit)
    {
        json.WriteString("asOf", JsonBodies.Instant(fit.AsOfMs));
        json.WriteString("asked", fit.Asked.Model.Name);
        json.WriteString("model", fit.Used.Model.Name);
        json.WriteNumber("customers", fit.Used.Customers);
        json.WriteNumber("repeats", fit.Used.Repeats);
        WriteParameters(json, fit.Used);
        WriteNumber(json, "logLikelihood", fit.Used.LogLikelihood);
        json.WriteBoolean("converged", fit.Used.Converged);
        json.WriteBoolean("nobodyStops", fit.NobodyStops);
        WriteGoodness(json, fit.Repeats);
        WriteSpend(json, fit);
        WriteWindow(json, fit.Window);
        json.WriteStartArray("segments");
        foreach (var segment in fit.Segments)
            WriteSegment(json, segment, fit.SegmentCustomersMin);
        json.WriteEndArray();
        json.WritePropertyName("churn");
        using (var document = JsonDocument.Parse(fit.Document.ToJson()))
            document.RootElement.GetProperty("churn").WriteTo(json);
        if (fit.Refusal is { } refusal)
            json.WriteString("refusal", refusal);
        else
            json.WriteNull("refusal");
    }

    public static void Print(ModelFit fit, int? published, IAnsiConsole console)
    {
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{fit.Used.Customers:#,0} customers with {fit.Used.Repeats:#,0} repeat purchases, observed until {JsonBodies.Instant(fit.AsOfMs):yyyy-MM-dd HH:mm} UTC");
        if (fit.NobodyStops)
            console.WriteLine(NobodyStops);
        var table = new Table().AddColumns(fit.Used.Model.Name, "value", "standard error");
        foreach (var parameter in fit.Used.Parameters)
            table.AddRow(new Text(parameter.Name), Cell(parameter.Value, "0.0000"), Cell(parameter.Error, "0.0000"));
        table.AddRow(new Text("log-likelihood"), Cell(fit.Used.LogLikelihood, "0.00"), new Text(fit.Used.Converged ? "" : "did not converge"));
        console.Write(table);
        var counts = new Table().AddColumns("repeat purchases", "customers", "expected");
        foreach (var row in fit.Repeats)
            counts.AddRow(new Text(row.Repeats + (row.OrMore ? "+" : "")), Cell(row.Actual, "#,0"), Cell(row.Expected, "#,0.0"));
        console.Write(counts);
        if (fit.Spend.Customers > 0)
        {
            console.MarkupLineInterpolated(
                CultureInfo.InvariantCulture,
                $"orders of {fit.Spend.Customers:#,0} customers (Gamma-Gamma): p {fit.Spend.Model.P:0.00}, q {fit.Spend.Model.Q:0.00}, v {fit.Spend.Model.V:0.00}, mean {fit.Spend.Model.PopulationMean:0.00}{(fit.Document.Churn.Spend is null ? "; not used" : "")}");
        }

        if (fit.Window is { } window)
        {
            var calibration = window.Calibration ?? RiskCalibration.None;
            console.MarkupLineInterpolated(
                CultureInfo.InvariantCulture,
                $"calibrated on what {window.Customers:#,0} customers did from {JsonBodies.Instant(window.FromMs):yyyy-MM-dd} on: intercept {calibration.Intercept:0.000}, slope {calibration.Slope:0.000}; Brier {window.BrierBefore:0.0000} before, {window.BrierAfter:0.0000} after");
        }
        else
        {
            console.WriteLine("not calibrated");
        }

        if (fit.Segments.Length > 0)
            console.Write(SegmentTable(fit));
        if (fit.Refusal is { } refusal)
            console.MarkupLineInterpolated($"not to be published: {refusal}");
        if (published is { } version)
            console.MarkupLineInterpolated($"published as version {version} of the program");
    }

    private static void WriteParameters(Utf8JsonWriter json, PurchaseFit? fit)
    {
        json.WriteStartArray("parameters");
        foreach (var parameter in fit?.Parameters ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", parameter.Name);
            WriteNumber(json, "value", parameter.Value);
            WriteNumber(json, "standardError", parameter.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteGoodness(Utf8JsonWriter json, RepeatRow[] rows)
    {
        json.WriteStartArray("goodnessOfFit");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteNumber("repeats", row.Repeats);
            json.WriteBoolean("orMore", row.OrMore);
            json.WriteNumber("actual", row.Actual);
            WriteNumber(json, "expected", Math.Round(row.Expected, 2));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSegment(Utf8JsonWriter json, SegmentFit segment, int customersMin)
    {
        json.WriteStartObject();
        json.WriteString("segment", segment.Segment);
        json.WriteBoolean("used", segment.Own is not null);
        json.WriteString("reason", segment.Reason);
        json.WriteString("detail", segment.Words(customersMin));
        json.WriteNumber("customers", segment.Customers);
        json.WriteNumber("repeats", segment.Repeats);
        WriteParameters(json, segment.Fit);
        WriteNumber(json, "logLikelihood", segment.Fit?.LogLikelihood ?? double.NaN);
        WriteNumber(json, "logLikelihoodOfAll", segment.LogLikelihoodOfAll);
        WriteGoodness(json, segment.GoodnessOfFit);
        WriteWindow(json, segment.Window);
        json.WriteEndObject();
    }

    private static Table SegmentTable(ModelFit fit)
    {
        var table = new Table().AddColumns("segment", "customers", "repeats", "parameters", "log-likelihood", "everybody's", "");
        foreach (var segment in fit.Segments)
        {
            table.AddRow(
                new Text(segment.Segment),
                Cell(segment.Customers, "#,0"),
                Cell(segment.Repeats, "#,0"),
                new Text(string.Join("\n", (segment.Fit?.Parameters ?? []).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {p.Value:0.0000} ± {p.Error:0.0000}")))),
                segment.Fit is { } own ? Cell(own.LogLikelihood, "0.00") : new Text(""),
                segment.Fit is null ? new Text("") : Cell(segment.LogLikelihoodOfAll, "0.00"),
                new Text(segment.Words(fit.SegmentCustomersMin)));
        }

        return table;
    }

    private static void WriteSpend(Utf8JsonWriter json, ModelFit fit)
    {
        json.WriteStartObject("spend");
        json.WriteNumber("customers", fit.Spend.Customers);
        json.WriteBoolean("converged", fit.Spend.Converged);
        json.WriteBoolean("used", fit.Document.Churn.Spend is not null);
        foreach (var parameter in fit.Spend.Parameters)
        {
            json.WriteStartObject(parameter.Name);
            WriteNumber(json, "value", parameter.Value);
            WriteNumber(json, "standardError", parameter.Error);
            json.WriteEndObject();
        }

        WriteNumber(json, "populationMean", Math.Round(fit.Spend.Model.PopulationMean, 2));
        json.WriteEndObject();
    }

    private static void WriteWindow(Utf8JsonWriter json, CalibrationWindow? window)
    {
        if (window is null)
        {
            json.WriteNull("calibration");
            return;
        }

        json.WriteStartObject("calibration");
        json.WriteString("from", JsonBodies.Instant(window.FromMs));
        json.WriteString("until", JsonBodies.Instant(window.UntilMs));
        json.WriteNumber("customers", window.Customers);
        WriteNumber(json, "brierBefore", window.BrierBefore);
        WriteNumber(json, "brierAfter", window.BrierAfter);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static Text Cell(double value, string format) => new(value.ToString(format, CultureInfo.InvariantCulture));
}
