using System.Diagnostics.Metrics;
using System.Reflection;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Telemetry;

/// <summary>
/// How things stand, asked when somebody looks. By partition where a partition alone can be in trouble; there are at most a few hundred.
/// Every process of a cluster tells of all partitions: take the maximum over processes, not the sum.
/// </summary>
internal sealed class EngineGauges(
    PartitionKeeper keeper, JournalWatch journal, Readiness readiness, ServerOptions options, IServiceProvider services, TimeProvider time)
{
    public static readonly string Version =
        typeof(EngineGauges).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public void Open(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansCrm.State");
        meter.CreateObservableGauge(
            "orleanscrm.build.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", Version)), null, "Always 1; the version is its label.");
        meter.CreateObservableGauge("orleanscrm.ready", () => IsReady ? 1 : 0, null, "1 while /health/ready says 200.");
        Gauge("orleanscrm.partition.ready", null, "1 when replay is done and wakes run.", status => status.Ready ? 1 : 0);
        Gauge("orleanscrm.partition.head", "{entry}", "Offset that the next entry gets.", status => status.Head);
        Gauge("orleanscrm.partition.lag", "{entry}", "Entries that a restart would replay.", status => status.Head - status.Checkpoint);
        Gauge("orleanscrm.partition.queue", "{entry}", "Entries that wait for the next commit.", status => status.Waiting);
        Gauge("orleanscrm.partition.dirty", "{customer}", "Customers that no snapshot covers.", status => status.Dirty);
        Gauge("orleanscrm.partition.resident", "{customer}", "Customers in memory.", status => status.Resident);
        Gauge("orleanscrm.partition.unpacked", "{customer}", "Customers in memory as objects.", status => status.Unpacked);
        Gauge("orleanscrm.wakes.overdue", "{wake}", "Wakes that are due and not journaled.", status => status.OverdueWakes);
        Gauge("orleanscrm.wakes.held", null, "1 while wakes wait because the wall clock jumped.", status => status.WakesHeld ? 1 : 0);
        Gauge("orleanscrm.outcomes.waiting", "{outcome}", "Outcomes on their way to a desk or another customer.", status => status.UndeliveredOutcomes);
        Gauge("orleanscrm.snapshot.age", "s", "Everything older is stored, and seen by searches and sums.", AgeOf);
        if (services.GetService<AgentConnections>() is { } agents)
            meter.CreateObservableGauge("orleanscrm.agents.connections", () => agents.Count, "{connection}", "Hub connections of agents.");
        if (options.Database is null)
        {
            meter.CreateObservableGauge("orleanscrm.data.size", DataBytes, "By", "Size of the database's files.");
            meter.CreateObservableGauge("orleanscrm.data.free", FreeBytes, "By", "Free space of the disk under them.");
        }

        void Gauge(string name, string? unit, string description, Func<PartitionStatus, double> read) =>
            meter.CreateObservableGauge(name, () => Read(read), unit, description);
    }

    private bool IsReady => keeper.IsReady && !journal.IsFailing && !readiness.IsDraining;

    private double AgeOf(PartitionStatus status) =>
        status.StoredMs == 0 ? 0 : Math.Max(0, (time.GetUtcNow().ToUnixTimeMilliseconds() - status.StoredMs) / 1000.0);

    private List<Measurement<double>> Read(Func<PartitionStatus, double> read)
    {
        var statuses = keeper.Statuses;
        var measured = new List<Measurement<double>>(statuses.Count);
        for (var partition = 0; partition < statuses.Count; partition++)
        {
            if (statuses[partition] is { } status)
                measured.Add(new Measurement<double>(read(status), new KeyValuePair<string, object?>("partition", partition)));
        }

        return measured;
    }

    private long DataBytes() => new DirectoryInfo(options.Data).EnumerateFiles().Sum(file => file.Length);

    private long FreeBytes() => new DriveInfo(Path.GetFullPath(options.Data)).AvailableFreeSpace;
}
