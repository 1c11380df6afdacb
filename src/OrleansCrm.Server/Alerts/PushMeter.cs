using System.Diagnostics.Metrics;

namespace OrleansCrm.Server.Alerts;

/// <summary>Times what goes out to agents.</summary>
internal sealed class PushMeter
{
    private readonly Counter<long> _changes;
    private readonly Histogram<double> _seconds;

    public PushMeter(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansCrm.Push");
        _changes = meter.CreateCounter<long>("orleanscrm.push.changes", "{change}", "Alert changes sent to the followers of a desk.");
        _seconds = meter.CreateHistogram(
            "orleanscrm.push.duration",
            "s",
            "From a desk's word until its followers' connections have it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });
    }

    public void Pushed(int changes, TimeSpan took)
    {
        _changes.Add(changes);
        _seconds.Record(took.TotalSeconds);
    }
}
