using System.Diagnostics.Metrics;

namespace OrleansCrm.Grains;

/// <summary>
/// What the grains count and time, per batch and never per event: an event costs a hundredth of an addition. No instrument is tagged with
/// anything that came from outside.
/// </summary>
public sealed class EngineMeter
{
    public const string Name = "OrleansCrm.Engine";

    /// <summary>Seconds: from a commit in memory to a disk that hangs.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<long> Sizes = new() { HistogramBucketBoundaries = [1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] };

    private readonly Counter<long> _entries;
    private readonly Histogram<long> _commitEntries;
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<double> _applySeconds;
    private readonly Counter<long> _repeats;
    private readonly Counter<long> _repeatSearches;
    private readonly Counter<long> _heldBack;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _flushedCustomers;
    private readonly Histogram<double> _flushSeconds;
    private readonly Counter<long> _replayedEntries;
    private readonly Histogram<double> _replaySeconds;
    private readonly Counter<long> _wakes;
    private readonly Histogram<double> _wakeLateness;
    private readonly Counter<long> _outcomes;
    private readonly Histogram<double> _deliverySeconds;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _deskChanges;
    private readonly Histogram<double> _deskSeconds;

    public EngineMeter(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _entries = meter.CreateCounter<long>("orleanscrm.journal.entries", "{entry}", "Entries committed to the journal.");
        _commitEntries = meter.CreateHistogram("orleanscrm.commit.entries", "{entry}", "Entries of one commit.", advice: Sizes);
        _commitSeconds = meter.CreateHistogram("orleanscrm.commit.duration", "s", "A commit, until it was durable.", advice: Seconds);
        _applySeconds = meter.CreateHistogram("orleanscrm.apply.duration", "s", "Folding the entries of one commit into their customers.", advice: Seconds);
        _repeats = meter.CreateCounter<long>("orleanscrm.dedupe.repeats", "{entry}", "Entries that were there already, or on their way.");
        _repeatSearches = meter.CreateCounter<long>("orleanscrm.dedupe.searches", "{entry}", "Entries that the filter could not tell from repeats, and that were compared exactly.");
        _heldBack = meter.CreateCounter<long>("orleanscrm.ingest.held_back", "{request}", "Appends told to come again because a partition had too much to do.");
        _faults = meter.CreateCounter<long>("orleanscrm.apply.faults", "{entry}", "Entries that could not be folded and were put aside.");
        _flushedCustomers = meter.CreateCounter<long>("orleanscrm.flush.customers", "{customer}", "Snapshots stored.");
        _flushSeconds = meter.CreateHistogram("orleanscrm.flush.duration", "s", "Writing one chunk of snapshots.", advice: Seconds);
        _replayedEntries = meter.CreateCounter<long>("orleanscrm.replay.entries", "{entry}", "Entries replayed when partitions were taken over.");
        _replaySeconds = meter.CreateHistogram("orleanscrm.replay.duration", "s", "From taking a partition over until it was ready.", advice: Seconds);
        _wakes = meter.CreateCounter<long>("orleanscrm.wakes.fired", "{wake}", "Wakes that were journaled because their instant had come.");
        _wakeLateness = meter.CreateHistogram("orleanscrm.wakes.lateness", "s", "How long after its instant the latest wake of a batch was journaled.", advice: Seconds);
        _outcomes = meter.CreateCounter<long>("orleanscrm.outcomes.delivered", "{outcome}", "Outcomes that reached their desk or the other customer.");
        _deliverySeconds = meter.CreateHistogram("orleanscrm.outcomes.duration", "s", "Handing a run of outcomes to its receiver.", advice: Seconds);
        _reloads = meter.CreateCounter<long>("orleanscrm.partition.reloads", "{reload}", "Partitions that gave up their memory, by reason: fenced, unavailable, failed.");
        _deskChanges = meter.CreateCounter<long>("orleanscrm.desk.changes", "{change}", "Alert changes that got their number.");
        _deskSeconds = meter.CreateHistogram("orleanscrm.desk.duration", "s", "Storing a list of alert changes.", advice: Seconds);
    }

    internal void Committed(int entries, TimeSpan took)
    {
        _entries.Add(entries);
        _commitEntries.Record(entries);
        _commitSeconds.Record(took.TotalSeconds);
    }

    internal void Applied(TimeSpan took) => _applySeconds.Record(took.TotalSeconds);

    internal void SearchedForRepeats(int entries) => _repeatSearches.Add(entries);

    internal void FoundRepeats(int entries) => _repeats.Add(entries);

    internal void HeldBack() => _heldBack.Add(1);

    internal void Faulted() => _faults.Add(1);

    internal void Flushed(int customers, TimeSpan took)
    {
        _flushedCustomers.Add(customers);
        _flushSeconds.Record(took.TotalSeconds);
    }

    internal void Replayed(long entries, TimeSpan took)
    {
        _replayedEntries.Add(entries);
        _replaySeconds.Record(took.TotalSeconds);
    }

    internal void Woke(int customers, TimeSpan latest)
    {
        _wakes.Add(customers);
        _wakeLateness.Record(Math.Max(0, latest.TotalSeconds));
    }

    internal void Delivered(int outcomes, TimeSpan took)
    {
        _outcomes.Add(outcomes);
        _deliverySeconds.Record(took.TotalSeconds);
    }

    internal void Reloads(string reason) => _reloads.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void Recorded(int changes, TimeSpan took)
    {
        _deskChanges.Add(changes);
        _deskSeconds.Record(took.TotalSeconds);
    }
}
