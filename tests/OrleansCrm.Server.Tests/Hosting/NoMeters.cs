using System.Diagnostics.Metrics;

namespace OrleansCrm.Server.Tests.Hosting;

/// <summary>For what is made without an engine: meters that nobody listens to.</summary>
internal sealed class NoMeters : IMeterFactory
{
    public static readonly NoMeters Instance = new();

    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
