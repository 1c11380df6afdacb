using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Benchmarks.Rungs;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>What the verb <c>bench</c> is asked to do.</summary>
internal sealed record BenchOptions
{
    public static readonly string[] RungsAll = [ChurnRung.Step, "a", "a2", "b", "baseline", "e", "f", DecisionRung.Step, "g", "h", "i", MemoryRung.Step];

    /// <summary>Measured only when asked for: it takes minutes.</summary>
    public static readonly string[] RungsAsked = [SoakRung.Step];

    /// <summary>Which steps of the ladder to measure. Default all of the first list.</summary>
    public IReadOnlyList<string> Rungs { get; init; } = RungsAll;

    /// <summary>How long each is measured, warming up apart. Default 10. Range 0.2 to 600.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary><c>sqlite</c>, <c>postgres</c> or <c>both</c>.</summary>
    public string Database { get; init; } = BenchDatabase.Sqlite;

    /// <summary>Connection string of a PostgreSQL server on which databases may be made; needed for all but SQLite.</summary>
    public string? Connection { get; init; }

    /// <summary>Customers that the events are spread over. Default 100,000. Range 1,000 to 10,000,000: every partition has some.</summary>
    public int Customers { get; init; } = 100_000;

    /// <summary>Events of the soak. Default 10,000,000. Range 10,000 to 10,000,000,000.</summary>
    public long Events { get; init; } = 10_000_000;

    /// <summary>Where the results are put, and where the databases live while it runs: its disk is what is measured. Default where the user stands.</summary>
    public string Out { get; init; } = ".";

    /// <summary>File for the results; null for <c>bench.json</c> in <see cref="Out"/>.</summary>
    public string? Json { get; init; }

    /// <summary>File for the plot; null for <c>bench.svg</c> in <see cref="Out"/>.</summary>
    public string? Svg { get; init; }

    /// <summary>Whether rate limits are counted, wide enough that none is met: what they cost is part of what is measured. Default true.</summary>
    public bool HasLimits { get; init; } = true;

    /// <summary>Events are not held against a tracking plan; otherwise the tenant has one for every kind of event that the load sends.</summary>
    public bool WithoutTrackingPlan { get; init; }

    public string JsonFile => Json ?? Path.Combine(Out, "bench.json");

    public string SvgFile => Svg ?? Path.Combine(Out, "bench.svg");

    public bool Has(string rung) => Rungs.Contains(rung);

    /// <summary>What is wrong with the values; null when nothing is.</summary>
    public string? FindFault() => this switch
    {
        { Rungs.Count: 0 } => "--rungs takes steps of the ladder: " + string.Join(',', RungsAll.Concat(RungsAsked)),
        { Rungs: var rungs } when rungs.FirstOrDefault(r => !RungsAll.Contains(r) && !RungsAsked.Contains(r)) is { } unknown =>
            $"--rungs knows no '{unknown}', only {string.Join(',', RungsAll.Concat(RungsAsked))}",
        { Seconds: not (>= 0.2 and <= 600) } => "--seconds takes 0.2 to 600",
        { Database: not BenchDatabase.Sqlite, Connection: null or "" } =>
            $"--database {Database} needs the connection string of a server on which databases may be made, in ORLEANSCRM_DATABASE",
        { Events: < 10_000 or > 10_000_000_000 } => "--events takes 10000 to 10000000000",
        { Customers: < 1_000 or > CustomerChoice.CustomersMax } => $"--customers takes 1000 to {CustomerChoice.CustomersMax}",
        _ => null,
    };
}
