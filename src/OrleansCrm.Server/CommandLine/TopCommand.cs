using System.CommandLine;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Operations;
using Spectre.Console;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>top</c>.</summary>
internal static class TopCommand
{
    /// <summary>Characters, where there is no terminal to fit into.</summary>
    private const int TableWidth = 100;

    public static Command Create(IConfiguration settings)
    {
        var url = CommonOptions.Url($"The server (default {ServerOptions.UrlsDefault}); ORLEANSCRM_API_KEY is sent along");
        var seconds = new Option<double>("--seconds") { Description = "Between two readings, 0.1 to 3600", DefaultValueFactory = _ => 1, HelpName = "N" };
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.1 and <= 3600))
                result.AddError("--seconds takes 0.1 to 3600");
        });
        var once = new Option<bool>("--once") { Description = "Print one table and end" };
        var command = new Command("top", "Watch a running server: rates, latencies, queues") { url, seconds, once };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new TopRequest(
                parsed.GetValue(url) ?? new Uri(ServerOptions.UrlsDefault),
                settings[nameof(ServerOptions.ApiKey)],
                TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                parsed.GetValue(once));
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(parsed.InvocationConfiguration.Output) });
            if (!console.Profile.Out.IsTerminal)
                console.Profile.Width = TableWidth;
            return new TopVerb(request, TimeProvider.System).RunAsync(console, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }
}
