using Microsoft.Extensions.Logging.Console;
using OrleansCrm.Server.Telemetry;

namespace OrleansCrm.Server.Hosting;

internal static class Log
{
    /// <summary>One line per message on the standard error: what a verb prints for people stays apart.</summary>
    /// <param name="isTraced">Whether spans go anywhere, or their ids into the lines.</param>
    /// <param name="isStarted">Why a start has failed is said by whoever has asked for it, in one line.</param>
    public static void AddLog(this IHostApplicationBuilder builder, LogLevel least, bool isJson, bool isTraced, Func<bool> isStarted)
    {
        builder.Logging.ClearProviders();
        if (isJson)
            builder.Logging.AddConsole(console => console.FormatterName = JsonLines.FormatterName).AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
        else
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                console.ColorBehavior = LoggerColorBehavior.Default;
            });
        builder.Logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(least);
        builder.Logging.AddFilter("Microsoft", least > LogLevel.Warning ? least : LogLevel.Warning);
        builder.Logging.AddFilter("System", least > LogLevel.Warning ? least : LogLevel.Warning);

        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => isStarted() && level >= LogLevel.Warning && level >= least);

        // It logs refusals as failures, with the address of whoever has the alert. Real failures are logged by HubFailures.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.None);

        // It logs whole addresses, and those of hubs carry tokens. As long as it may log anything it makes a span for every request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", isTraced ? LogLevel.Error : LogLevel.None);
    }
}
