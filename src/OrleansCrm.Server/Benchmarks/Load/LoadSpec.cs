namespace OrleansCrm.Server.Benchmarks.Load;

internal enum LoadKind
{
    Unknown = 0,

    /// <summary>Batches of events, until acknowledged.</summary>
    Ingest = 1,

    /// <summary>Profiles of customers.</summary>
    Lookup = 2,

    /// <summary>Single events that raise an alert, until a hub client has it.</summary>
    Alert = 3,

    /// <summary>What to offer customers at the checkout.</summary>
    Decision = 4,
}

/// <summary>What the process that makes the load is asked to do. Crosses the process boundary as one line of JSON.</summary>
/// <param name="Key">Write key to ingest, API key to look up or decide.</param>
/// <param name="Token">Access token of the agent whose client waits for alerts.</param>
/// <param name="Connections">Each has one request under way.</param>
/// <param name="Batch">Events to a request.</param>
/// <param name="IsSkewed">Customers by Zipf's law instead of evenly.</param>
/// <param name="Rate">Requests a second of all connections together, each measured from when it was due; 0 for as fast as answers come.</param>
/// <param name="Run">Different for every load, so that no message id comes twice.</param>
internal sealed record LoadSpec(
    LoadKind Kind,
    int Port,
    string Key,
    string Token,
    int Connections,
    int Batch,
    int Customers,
    bool IsSkewed,
    double Seconds,
    double Rate,
    int Run);

/// <param name="Count">Events acknowledged, profiles or decisions read, or alerts received.</param>
/// <param name="Refused">Requests that were told to come back later.</param>
/// <param name="Failed">Requests with any other answer.</param>
/// <param name="Latencies">Of requests, as <see cref="LatencyHistogram.ToPairs"/> gives them.</param>
internal sealed record LoadReport(long Count, long Refused, long Failed, double Seconds, double CpuSeconds, long[] Latencies);
