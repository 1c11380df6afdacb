using System.CommandLine;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>simulate</c>.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var customers = new Option<int>("--customers") { Description = "How many customers", Required = true, HelpName = "N" };
        var days = new Option<int>("--days") { Description = "Length of the history in days", Required = true, HelpName = "D" };
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same history", Required = true, HelpName = "S" };
        var end = new Option<DateTimeOffset?>("--end") { Description = "Instant at which the history ends (default now)", HelpName = "TIME" };
        var file = new Option<string?>("--out") { Description = "File for the events (default the standard output)", HelpName = "FILE" };
        var truth = new Option<string?>("--truth") { Description = "File for the truth about each customer (default OUT.truth)", HelpName = "FILE" };
        var currency = new Option<string>("--currency") { Description = "ISO 4217 code of the prices", DefaultValueFactory = _ => "EUR", HelpName = "CODE" };
        var command = new Command("simulate", "Write an invented storefront history as NDJSON, and the truth behind it")
        {
            customers, days, seed, end, file, truth, currency,
        };
        command.SetAction((parsed, cancellation) => SimulateVerb.RunAsync(
            new SimulateOptions
            {
                Customers = parsed.GetValue(customers),
                Days = parsed.GetValue(days),
                Seed = parsed.GetValue(seed),
                End = parsed.GetValue(end),
                Out = parsed.GetValue(file),
                Truth = parsed.GetValue(truth),
                Currency = parsed.GetValue(currency)!,
            },
            TimeProvider.System,
            parsed.InvocationConfiguration.Error,
            cancellation));
        return command;
    }
}
