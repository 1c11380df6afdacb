using OrleansCrm.Server.Benchmarks.Load;
using Spectre.Console;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>The verb <c>bench</c>: climbs the ladder on each database, shows the table, writes results and plot.</summary>
internal static class BenchVerb
{
    /// <returns>Exit code: 0 done, 1 it could not be measured or the machine was too noisy, 2 bad options.</returns>
    public static async Task<int> RunAsync(
        BenchOptions options, IAnsiConsole console, TimeProvider time, TextWriter error, CancellationToken cancellation)
    {
        if (options.FindFault() is { } fault)
        {
            await error.WriteLineAsync(fault);
            return 2;
        }

        Directory.CreateDirectory(options.Out);
        var work = Path.Combine(options.Out, $"bench-work-{Environment.ProcessId}");
        Directory.CreateDirectory(work);
        try
        {
            var report = await MeasureAsync(options, work, console, time, cancellation);
            BenchTable.Write(console, report);
            await using (var json = File.Create(options.JsonFile))
                report.WriteJson(json);
            await File.WriteAllTextAsync(options.SvgFile, LatencyPlot.Draw(report.Curve), cancellation);
            console.WriteLine($"Written to {options.JsonFile} and {options.SvgFile}");
            return report.IsNoisy ? 1 : 0;
        }
        catch (BenchException failure)
        {
            await error.WriteLineAsync(failure.Message);
            return 1;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<BenchReport> MeasureAsync(
        BenchOptions options, string work, IAnsiConsole console, TimeProvider time, CancellationToken cancellation)
    {
        var versions = new List<string>();
        var results = new List<RungResult>();
        var curve = new List<CurvePoint>();
        foreach (var chosen in BenchDatabase.Choose(options.Database, options.Connection))
        {
            await using var database = chosen;
            await using var stage = new BenchStage(options, database, work);
            await using (var ceiling = await database.OpenCeilingAsync(stage.NewDirectory(), cancellation))
                versions.Add(ceiling.Version);
            var ladder = new Ladder(stage, time, console.WriteLine);
            results.AddRange(await ladder.ClimbAsync(cancellation));
            if (options.Has("e"))
                curve.AddRange(await ladder.DrawCurveAsync(cancellation));
        }

        return new BenchReport(options, time.GetUtcNow(), [.. versions], results, curve);
    }
}
