using System.Diagnostics.Metrics;

namespace OrleansCrm.Server.Ingest;

/// <summary>Counts and times the reading of bodies, once for each.</summary>
internal sealed class BodyMeter
{
    private readonly TimeProvider _time;
    private readonly Counter<long> _bytes;
    private readonly Histogram<long> _events;
    private readonly Histogram<double> _seconds;

    public BodyMeter(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create("OrleansCrm.Ingest.Bodies");
        _bytes = meter.CreateCounter<long>("orleanscrm.ingest.body.size", "By", "Bytes of bodies, decompressed.");
        _events = meter.CreateHistogram(
            "orleanscrm.ingest.body.events", "{event}", "Events of one body.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 10, 50, 100, 500, 1_000, 2_500] });
        _seconds = meter.CreateHistogram(
            "orleanscrm.ingest.parse.duration",
            "s",
            "Reading the envelopes of one body.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1] });
    }

    public long Begin() => _time.GetTimestamp();

    public void Parsed(int bytes, int events, long began)
    {
        _bytes.Add(bytes);
        _events.Record(events);
        _seconds.Record(_time.GetElapsedTime(began).TotalSeconds);
    }
}
