using System.Globalization;
using Spectre.Console;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>The results for a person to read.</summary>
internal static class BenchTable
{
    public static void Write(IAnsiConsole console, BenchReport report)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("");
        table.AddColumn("measured");
        foreach (var name in new[] { "per second", "p50 ms", "p99 ms", "CPU s/M", "all CPU s/M", "bytes each", "" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var result in report.Results)
        {
            table.AddRow(
                result.Rung,
                Markup.Escape(report.Databases.Length > 1 ? $"{result.Database}: {result.Variant}" : result.Variant),
                Number(result.Rate, "#,0"),
                Latency(result.P50Ms),
                Latency(result.P99Ms),
                Number(result.CpuSecondsPerMillion, "0.00"),
                Number(result.MachineCpuSecondsPerMillion, "0.00"),
                Number(result.AllocatedBytesEach, "#,0"),
                RemarkOn(result));
        }

        console.Write(table);
        foreach (var result in report.Results.Where(r => r.Memory.Count > 0))
            WriteMemory(console, result);
        if (report.Ratios.Count > 0)
            WriteRatios(console, report);
        foreach (var noisy in report.Results.Where(r => r.IsNoisy))
            console.WriteLine(Text($"noisy: {noisy.Rung} {noisy.Variant} went from {noisy.FirstHalf:#,0} to {noisy.SecondHalf:#,0} a second"));
    }

    private static void WriteMemory(IAnsiConsole console, RungResult result)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(Markup.Escape($"{result.Database}: {result.Variant}"));
        foreach (var name in new[] { result.Unit, "resident MiB", "heap MiB", "resident bytes each", "heap bytes each" })
            table.AddColumn(new TableColumn(name).RightAligned());
        var start = result.Memory[0];
        foreach (var mark in result.Memory)
        {
            var added = start.Count == 0 && mark.Count > 0;
            table.AddRow(
                "",
                Number(mark.Count, "#,0"),
                Number(mark.ResidentBytes / 1048576.0, "#,0"),
                Number(mark.HeapBytes / 1048576.0, "#,0"),
                added ? Number((mark.ResidentBytes - start.ResidentBytes) / (double)mark.Count, "#,0") : "",
                added ? Number((mark.HeapBytes - start.HeapBytes) / (double)mark.Count, "#,0") : "");
        }

        console.Write(table);
    }

    private static void WriteRatios(IAnsiConsole console, BenchReport report)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("share");
        table.AddColumn(new TableColumn("measured").RightAligned());
        table.AddColumn(new TableColumn("target").RightAligned());
        table.AddColumn("");
        foreach (var ratio in report.Ratios)
        {
            table.AddRow(
                Markup.Escape(report.Databases.Length > 1 ? $"{ratio.Database}: {ratio.Name}" : ratio.Name),
                Number(ratio.Value, "0.00"),
                (ratio.IsFloor ? ">= " : "<= ") + Number(ratio.Target, "0.##"),
                ratio.IsMet ? "met" : "missed");
        }

        console.Write(table);
    }

    private static string RemarkOn(RungResult result) =>
        (result.IsNoisy ? "noisy " : "") + (result.IsSteady ? "" : "not steady ") + (result.Refused > 0 ? Text($"{result.Refused:#,0} refused") : "");

    private static string Latency(double ms) => ms > 0 ? Number(ms, ms < 10 ? "0.00" : "0") : "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
