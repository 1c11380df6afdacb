namespace OrleansCrm.Server.Telemetry;

/// <summary>What the process tells about itself, and to whom.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Whether anything is counted, for <c>/metrics</c> and collectors. Default true; false is for measuring what counting costs.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Address of an OpenTelemetry collector that takes OTLP over HTTP, such as <c>http://localhost:4318</c>; null: only <c>/metrics</c>. More
    /// (headers, timeouts) is said with the <c>OTEL_EXPORTER_OTLP_*</c> variables of OpenTelemetry.
    /// </summary>
    public string? Otlp { get; set; }

    /// <summary>How often metrics are pushed there. Default 15 s, as a scrape; range 1 s to 10 minutes.</summary>
    public TimeSpan OtlpPeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Share of requests, 0 to 1, that are traced although their sender has not begun a trace; one whose sender says so (<c>traceparent</c>, sampled)
    /// always is. Default 0.01: a traced event takes 25 bytes more of the journal. Of no meaning without a collector.
    /// </summary>
    public double TraceShare { get; set; } = 0.01;

    /// <summary>What is wrong with the values, for the person who gave them; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Otlp: { } otlp } when !Uri.TryCreate(otlp, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") =>
            "ORLEANSCRM_TELEMETRY__OTLP takes the address of a collector, such as http://localhost:4318",
        { OtlpPeriod: var period } when period < TimeSpan.FromSeconds(1) || period > TimeSpan.FromMinutes(10) =>
            "ORLEANSCRM_TELEMETRY__OTLP_PERIOD takes 1 second to 10 minutes",
        { TraceShare: not (>= 0 and <= 1) } => "ORLEANSCRM_TELEMETRY__TRACE_SHARE takes 0 to 1",
        _ => null,
    };
}
