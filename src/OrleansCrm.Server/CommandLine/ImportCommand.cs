using System.CommandLine;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Import;
using Spectre.Console;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>import</c>.</summary>
internal static class ImportCommand
{
    private const string OnlineRetail = "online-retail";
    private const string Events = "events";

    private static readonly ImportOptions Defaults = new() { File = "", Format = ImportFormat.Events };

    public static Command Create(IConfiguration settings)
    {
        var file = new Argument<string>("FILE") { Description = "CSV or NDJSON, plain or gzip" };
        var format = new Option<string>("--format") { Description = "What the file holds", Required = true, HelpName = $"{OnlineRetail}|{Events}" };
        format.AcceptOnlyFromAmong(OnlineRetail, Events);
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var url = CommonOptions.Url("Send to the server at this address in place of opening --data or --database");
        var apiKey = new Option<string?>("--api-key") { Description = "API key for --url (better as ORLEANSCRM_API_KEY)", HelpName = "KEY" };
        var shift = new Option<bool>("--shift-to-now") { Description = "Move the history so that it ends now; decided once per import" };
        var zone = new Option<string>("--time-zone")
        {
            Description = $"{OnlineRetail}: zone of the file's local times",
            DefaultValueFactory = _ => Defaults.TimeZone,
            HelpName = "ZONE",
        };
        var currency = new Option<string>("--currency")
        {
            Description = $"{OnlineRetail}: ISO 4217 code of the prices",
            DefaultValueFactory = _ => Defaults.Currency,
            HelpName = "CODE",
        };
        var rate = new Option<double?>("--rate") { Description = "Events a second at most", HelpName = "N" };
        var batch = new Option<int>("--batch-size") { Description = "Events in one batch", DefaultValueFactory = _ => Defaults.BatchSize, HelpName = "N" };
        var stopAfter = new Option<long?>("--stop-after") { Description = "Stop after so many events; the next run goes on", HelpName = "N" };
        var command = new Command("import", "Import a history through the same pipeline as live events; may be run again at any time")
        {
            file, format, data, database, url, apiKey, shift, zone, currency, rate, batch, stopAfter,
        };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
            var options = new ImportOptions
            {
                File = parsed.GetValue(file)!,
                Format = parsed.GetValue(format) == OnlineRetail ? ImportFormat.OnlineRetail : ImportFormat.Events,
                Url = parsed.GetValue(url),
                ApiKey = parsed.GetValue(apiKey) ?? server.ApiKey,
                ShiftToNow = parsed.GetValue(shift),
                TimeZone = parsed.GetValue(zone)!,
                Currency = parsed.GetValue(currency)!,
                Rate = parsed.GetValue(rate),
                BatchSize = parsed.GetValue(batch),
                StopAfter = parsed.GetValue(stopAfter),
            };
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(parsed.InvocationConfiguration.Output) });
            return ImportVerb.RunAsync(options, server, console, TimeProvider.System, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }
}
