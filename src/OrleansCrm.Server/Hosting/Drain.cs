using OrleansCrm.Grains;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Hosting;

/// <summary>Stores what is in memory before the silo stops, so that the next start has nothing to replay.</summary>
internal sealed partial class Drain(PartitionKeeper keeper, ILogger<Drain> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await keeper.FlushAsync().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            // Nothing is lost: the journal has it all, and the next start replays it.
            LogNotFlushed(e.GetType().Name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Not everything could be stored before the stop; the next start replays it: {Reason}")]
    private partial void LogNotFlushed(string reason);
}
