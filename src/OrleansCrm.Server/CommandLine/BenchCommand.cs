using System.CommandLine;
using OrleansCrm.Server.Benchmarks;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Hosting;
using Spectre.Console;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>bench</c>, and the process that it starts.</summary>
internal static class BenchCommand
{
    /// <summary>Characters, where there is no terminal to fit into.</summary>
    private const int TableWidth = 150;

    private static readonly BenchOptions Defaults = new();

    public static Command Create(IConfiguration settings)
    {
        var rungs = new Option<string>("--rungs")
        {
            Description = "Steps of the ladder, separated by commas; soak only when asked for", DefaultValueFactory = _ => string.Join(',', BenchOptions.RungsAll), HelpName = "LIST",
        };
        var seconds = new Option<double>("--seconds") { Description = "How long each step is measured", DefaultValueFactory = _ => Defaults.Seconds, HelpName = "N" };
        var database = new Option<string>("--database")
        {
            Description = "Which database to climb on", DefaultValueFactory = _ => Defaults.Database, HelpName = "sqlite|postgres|both",
        };
        database.AcceptOnlyFromAmong(BenchDatabase.Sqlite, BenchDatabase.Postgres, BenchDatabase.Both);
        var customers = new Option<int>("--customers")
        {
            Description = "Customers that the events are spread over", DefaultValueFactory = _ => Defaults.Customers, HelpName = "N",
        };
        var events = new Option<long>("--events") { Description = "Events of the soak", DefaultValueFactory = _ => Defaults.Events, HelpName = "N" };
        var directory = new Option<string>("--out")
        {
            Description = "Directory for the results; its disk is the one that is measured", DefaultValueFactory = _ => Defaults.Out, HelpName = "DIR",
        };
        var json = new Option<string?>("--json") { Description = "File for the results (default bench.json in --out)", HelpName = "FILE" };
        var svg = new Option<string?>("--svg") { Description = "File for the plot of latency against load (default bench.svg in --out)", HelpName = "FILE" };
        var unlimited = CommonOptions.WithoutLimits();
        var planless = CommonOptions.WithoutTrackingPlan();
        var command = new Command("bench", "Measure the ladder from raw database to acknowledged event; exit 1 when the machine is too noisy")
        {
            rungs, seconds, database, customers, events, directory, json, svg, unlimited, planless,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new BenchOptions
            {
                Rungs = parsed.GetValue(rungs)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Seconds = parsed.GetValue(seconds),
                Database = parsed.GetValue(database)!,
                Connection = settings[nameof(ServerOptions.Database)],
                Customers = parsed.GetValue(customers),
                Events = parsed.GetValue(events),
                Out = parsed.GetValue(directory)!,
                Json = parsed.GetValue(json),
                Svg = parsed.GetValue(svg),
                HasLimits = !parsed.GetValue(unlimited),
                WithoutTrackingPlan = parsed.GetValue(planless),
            };
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(parsed.InvocationConfiguration.Output) });
            if (!console.Profile.Out.IsTerminal)
                console.Profile.Width = TableWidth;
            return BenchVerb.RunAsync(options, console, TimeProvider.System, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    /// <summary>Not for people: the load generator.</summary>
    public static Command CreateLoad()
    {
        var command = new Command(LoadVerb.Name, "Make the load of bench, as its standard input says") { Hidden = true };
        command.SetAction((parsed, cancellation) =>
            LoadVerb.RunAsync(Console.In, parsed.InvocationConfiguration.Output, TimeProvider.System, cancellation));
        return command;
    }
}
