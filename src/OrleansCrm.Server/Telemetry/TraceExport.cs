using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OrleansCrm.Grains;

namespace OrleansCrm.Server.Telemetry;

/// <summary>Sends the spans of traced requests, and of what came of them, to a collector. Without one there is nobody who listens.</summary>
internal sealed class TraceExport : IHostedService, IDisposable
{
    private const string RequestSource = "Microsoft.AspNetCore";

    private readonly TracerProvider? _provider;

    public TraceExport(TelemetryOptions options)
    {
        if (options is not { Enabled: true, Otlp: { } collector })
            return;
        _provider = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("orleanscrm", serviceVersion: EngineGauges.Version, serviceInstanceId: Environment.MachineName))
            .AddSource(RequestSource, EngineSpans.SourceName)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceShare)))
            .AddOtlpExporter(exporter =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = new Uri(collector.TrimEnd('/') + "/v1/traces");
            })
            .Build();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What has not been sent yet is sent.</summary>
    public void Dispose() => _provider?.Dispose();

    /// <summary>Names the span of a request by its route: a path holds customers' ids.</summary>
    public static Task NameRequestAsync(HttpContext context, RequestDelegate next)
    {
        var answering = next(context);
        return Activity.Current is { Source.Name: RequestSource, IsAllDataRequested: true } span ? NameAsync(context, answering, span) : answering;
    }

    private static async Task NameAsync(HttpContext context, Task answering, Activity span)
    {
        await answering;
        span.DisplayName = context.Request.Method + " " + ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown");
        span.SetTag("http.response.status_code", context.Response.StatusCode);
    }
}
