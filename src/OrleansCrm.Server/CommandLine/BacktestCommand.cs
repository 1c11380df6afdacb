using System.CommandLine;
using OrleansCrm.Server.Backtest;
using OrleansCrm.Server.Import;
using Spectre.Console;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>backtest</c>: fits the churn models to a history up to a day, and compares with what came after.</summary>
internal static class BacktestCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Purchase history: 'customer other yyyymmdd quantity amount' lines, or an Online Retail CSV (.gz too)", Required = true, HelpName = "FILE" };
        var calibrate = new Option<DateOnly>("--calibrate") { Description = "The last day that the models may see", Required = true, HelpName = "DATE" };
        var horizon = new Option<int>("--horizon") { Description = "Days after it that they are judged by", Required = true, HelpName = "DAYS" };
        var json = new Option<string?>("--json") { Description = "File for the results", HelpName = "FILE" };
        var svg = new Option<string?>("--svg") { Description = "File for the plots", HelpName = "FILE" };
        var command = new Command("backtest", "Judge the churn models by a history: fitted up to a day, compared with what came after, beside plain rules")
        {
            data, calibrate, horizon, json, svg,
        };
        command.SetAction(parsed => Run(
            new BacktestOptions
            {
                Data = parsed.GetValue(data)!,
                Calibrate = parsed.GetValue(calibrate),
                HorizonDays = parsed.GetValue(horizon),
                Json = parsed.GetValue(json),
                Svg = parsed.GetValue(svg),
            },
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    /// <returns>Exit code: 0 done, 1 the file cannot be read or says nothing, 2 bad options.</returns>
    internal static int Run(BacktestOptions options, TextWriter output, TextWriter error)
    {
        if (options.FindFault() is { } fault)
        {
            error.WriteLine(fault);
            return ExitCodes.BadArguments;
        }

        try
        {
            var result = Backtester.Run(PurchaseFile.Read(options.Data), options);
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
            console.Profile.Width = 140;
            BacktestReport.Print(result, console);
            if (options.Json is { } json)
            {
                using var file = File.Create(json);
                BacktestReport.Write(result, file);
            }

            if (options.Svg is { } svg)
                File.WriteAllText(svg, BacktestPlot.Draw(result));
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is ImportException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }
}
