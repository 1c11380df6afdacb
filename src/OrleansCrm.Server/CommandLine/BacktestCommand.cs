using System.CommandLine;
using OrleansCrm.Journal;
using OrleansCrm.Server.Backtest;
using OrleansCrm.Server.Import;
using Spectre.Console;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>backtest</c>: fits the churn models to a history up to a day, and compares with what came after.</summary>
internal static class BacktestCommand
{
    public static Command Create(IConfiguration settings)
    {
        var data = new Option<string?>("--data")
        {
            Description = "Purchase history: 'customer other yyyymmdd quantity amount' lines, or an Online Retail CSV (.gz too); or the directory of a database (default ./data)",
            HelpName = "FILE",
        };
        var database = CommonOptions.Database();
        var tenant = CommonOptions.Tenant();
        var calibrate = new Option<DateOnly>("--calibrate") { Description = "The last day that the models may see", Required = true, HelpName = "DATE" };
        var horizon = new Option<int>("--horizon") { Description = "Days after it that they are judged by", Required = true, HelpName = "DAYS" };
        var json = new Option<string?>("--json") { Description = "File for the results", HelpName = "FILE" };
        var svg = new Option<string?>("--svg") { Description = "File for the plots", HelpName = "FILE" };
        var command = new Command("backtest", "Judge the churn models by a history: fitted up to a day, compared with what came after, beside plain rules")
        {
            data, database, tenant, calibrate, horizon, json, svg,
        };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
            var options = new BacktestOptions
            {
                Data = server.Data,
                Database = parsed.GetValue(data) is null ? server.Database : null,
                Tenant = parsed.GetValue(tenant)!,
                Calibrate = parsed.GetValue(calibrate),
                HorizonDays = parsed.GetValue(horizon),
                Json = parsed.GetValue(json),
                Svg = parsed.GetValue(svg),
            };
            return RunAsync(options, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    /// <returns>Exit code: 0 done, 1 the history cannot be read or says nothing, 2 bad options.</returns>
    internal static async Task<int> RunAsync(BacktestOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        if (options.FindFault() is { } fault)
        {
            await error.WriteLineAsync(fault);
            return ExitCodes.BadArguments;
        }

        try
        {
            var buyers = options.Database is not null || Directory.Exists(options.Data)
                ? await JournalHistory.ReadAsync(options, cancellation)
                : PurchaseFile.Read(options.Data);
            var result = Backtester.Run(buyers, options);
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
            console.Profile.Width = 140;
            BacktestReport.Print(result, console);
            if (options.Json is { } json)
            {
                await using var file = File.Create(json);
                BacktestReport.Write(result, file);
            }

            if (options.Svg is { } svg)
                await File.WriteAllTextAsync(svg, BacktestPlot.Draw(result), cancellation);
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is ImportException or JournalException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.Failed;
        }
    }
}
