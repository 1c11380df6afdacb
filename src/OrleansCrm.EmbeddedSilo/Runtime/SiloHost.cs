using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansCrm.EmbeddedSilo;

internal sealed class SiloHost(Silo silo) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        silo.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await silo.StopAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            silo.Logger.LogWarning("Some grains failed to deactivate promptly");
        }
    }
}
