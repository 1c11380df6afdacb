using System.CommandLine;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>health</c>: what a container asks, whose image has no other program to ask with.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Command Create()
    {
        var url = CommonOptions.Url($"The server (default {ServerOptions.UrlsDefault})");
        var command = new Command("health", "Ask a server whether it is ready; exit 1 when it is not") { url };
        command.SetAction(async (parsed, cancellation) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            using var http = new HttpClient { BaseAddress = parsed.GetValue(url) ?? new Uri(ServerOptions.UrlsDefault), Timeout = Patience };
            try
            {
                using var answer = await http.GetAsync("/health/ready", cancellation);
                await output.WriteLineAsync(await answer.Content.ReadAsStringAsync(cancellation));
                return answer.IsSuccessStatusCode ? ExitCodes.Done : ExitCodes.Failed;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                await output.WriteLineAsync(e.Message);
                return ExitCodes.Failed;
            }
        });
        return command;
    }
}
