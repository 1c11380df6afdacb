using System.Buffers;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace OrleansCrm.Server.Telemetry;

/// <summary>
/// Adds up what the meters of this engine say, for <c>/metrics</c> and for a collector. Aggregation is OpenTelemetry's, so both tell the same;
/// the text is written here, for its Prometheus exporter is a preview to this day.
/// </summary>
internal sealed class MetricsReader : IHostedService, IDisposable
{
    private static readonly string[] Meters =
    [
        "OrleansCrm.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "System.Runtime",
    ];

    private readonly Lock _gate = new();
    private readonly PullExporter _exporter = new();
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider? _provider;

    public MetricsReader(TelemetryOptions options, IMeterFactory meters, EngineGauges gauges)
    {
        _reader = new BaseExportingMetricReader(_exporter);
        if (!options.Enabled)
            return;
        gauges.Open(meters);
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("orleanscrm", serviceVersion: EngineGauges.Version, serviceInstanceId: Environment.MachineName))
            .AddMeter(Meters)
            .AddView(instrument => instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters) ? null : MetricStreamConfiguration.Drop)
            .AddReader(_reader);
        if (options.Otlp is { } collector)
        {
            builder.AddOtlpExporter((exporter, reader) =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = new Uri(collector.TrimEnd('/') + "/v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.OtlpPeriod.TotalMilliseconds;
            });
        }

        _provider = builder.Build();
    }

    /// <summary>Everything as of now, as Prometheus text.</summary>
    public ReadOnlyMemory<byte> Render()
    {
        lock (_gate)
        {
            _exporter.Text.Clear();
            if (_provider is not null)
                _exporter.Collect!(Timeout.Infinite);
            return _exporter.Text.WrittenSpan.ToArray();
        }
    }

    // Made when the engine starts: what was counted before somebody listens is lost.
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _provider?.Dispose();
        _reader.Dispose();
    }

    [ExportModes(ExportModes.Pull)]
    private sealed class PullExporter : BaseExporter<Metric>, IPullMetricExporter
    {
        public ArrayBufferWriter<byte> Text { get; } = new(64 * 1024);

        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            PrometheusText.Write(Text, batch);
            return ExportResult.Success;
        }
    }
}
