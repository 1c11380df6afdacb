using OrleansCrm.Grains.Partitions;

namespace OrleansCrm.Server.Capacity;

/// <summary>The formula of docs/capacity.md. Times were measured with <c>bench</c> on two cores, sizes with an invented history (2026-11-21).</summary>
internal static class Costs
{
    /// <summary>Seconds of a core for an event, the whole way, 100 to a request.</summary>
    public const double SqliteEvent = 20e-6;

    /// <inheritdoc cref="SqliteEvent"/>
    public const double PostgresEvent = 26e-6;

    /// <summary>Seconds of a core of PostgreSQL for an event, with a snapshot for each four.</summary>
    public const double DatabaseEvent = 10e-6;

    /// <summary>How far a core is used at the peak: the rest is for bursts and the collector.</summary>
    public const double BusyShare = 0.6;

    /// <summary>Bytes on the wire for an event.</summary>
    public const double WireBytes = 330;

    /// <summary>Entries a second that a start replays.</summary>
    public const double ReplayRate = 165_000;

    /// <summary>Seconds to read a million message ids of a partition, on a slow disk. An estimate.</summary>
    public const double MillionIdsSeconds = 2;

    /// <summary>Events a second that one PostgreSQL of 16 cores takes with snapshots. An estimate from two cores.</summary>
    public const double DatabaseRateMax = 100_000;

    /// <summary>Changes a second that one desk can number.</summary>
    public const double DeskRateMax = 50_000;

    private const double Kibibyte = 1_024;
    private const double Gibibyte = Kibibyte * Kibibyte * Kibibyte;
    private const double ProcessBytes = (0.3 * Gibibyte) + 0.13e9;
    private const double UnpackedBytes = 9 * Kibibyte;
    private const double PackedBytes = Kibibyte;
    private const double IdBytes = 2;
    private const double CollectorFactor = 1.5;

    private static readonly PartitionOptions Bounds = new();

    /// <summary>Message ids that are remembered unless said otherwise; beyond it every event is looked up.</summary>
    public static double IdsMax => Bounds.MessagesRememberedMax;

    public static double Cores(double rate, double secondsPerEvent) => rate * secondsPerEvent / BusyShare;

    /// <summary>GiB of a process that has this share of all partitions: what is bounded is bounded for all processes together.</summary>
    public static double MemoryGib(ShopLoad load, double share)
    {
        var active = load.Customers * load.Active;
        var all = (UnpackedBytes * Math.Min(active, Bounds.UnpackedMax))
            + (PackedBytes * Math.Min(active, Bounds.ResidentMax))
            + (IdBytes * Math.Min(load.Entries, IdsMax));
        return CollectorFactor * (ProcessBytes + (all * share)) / Gibibyte;
    }

    /// <summary>GB, without backups.</summary>
    public static double SqliteGb(ShopLoad load) => ((365 * load.Entries) + (1_800 * load.Customers)) / 1e9;

    /// <summary>GB with dead rows, without PostgreSQL's log.</summary>
    public static double PostgresGb(ShopLoad load) => 1.3 * ((118 * load.Entries) + (2_600 * load.Customers)) / 1e9;

    /// <summary>The busiest second of an hour, when events come independently (Poisson; one of 3,600 lies beyond 3.45 deviations).</summary>
    public static double BusiestSecond(double rate) => rate + (3.45 * Math.Sqrt(rate));
}
