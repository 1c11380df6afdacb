using Microsoft.AspNetCore.SignalR;
using Orleans;

namespace OrleansCrm.Server.Alerts;

/// <summary>One relay for each desk that somebody here follows. Lives as long as there are followers.</summary>
internal sealed class DeskRelays(
    IGrainFactory grains, IHubContext<AlertsHub> hub, PushOptions options, PushMeter meter, TimeProvider time, ILogger<DeskRelay> logger) : IHostedService
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DeskRelay Relay, int Followers)> _byDesk = new(StringComparer.Ordinal);
    private readonly List<Task> _ending = [];

    /// <summary>Counts a follower. When it returns, changes of the desk reach this process.</summary>
    public async Task JoinAsync(string desk)
    {
        DeskRelay relay;
        lock (_lock)
        {
            relay = _byDesk.TryGetValue(desk, out var known) ? known.Relay : new DeskRelay(desk, grains, hub, options, meter, time, logger);
            _byDesk[desk] = (relay, known.Followers + 1);
        }

        try
        {
            await relay.WhenObserving;
        }
        catch
        {
            Leave(desk);
            throw;
        }
    }

    public void Leave(string desk)
    {
        lock (_lock)
        {
            if (!_byDesk.TryGetValue(desk, out var known))
                return;
            if (known.Followers > 1)
            {
                _byDesk[desk] = (known.Relay, known.Followers - 1);
                return;
            }

            _byDesk.Remove(desk);
            _ending.RemoveAll(t => t.IsCompleted);
            _ending.Add(known.Relay.DisposeAsync().AsTask());
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task ending;
        lock (_lock)
        {
            _ending.AddRange(_byDesk.Values.Select(d => d.Relay.DisposeAsync().AsTask()));
            _byDesk.Clear();
            ending = Task.WhenAll(_ending);
        }

        // A desk that does not answer must not use up the time that the last flush needs.
        await Task.WhenAny(ending, Task.Delay(StopTimeout, time, cancellationToken));
    }
}
