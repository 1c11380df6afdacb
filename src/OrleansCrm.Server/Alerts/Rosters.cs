using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Orleans;
using OrleansCrm.Contracts.Desks;

namespace OrleansCrm.Server.Alerts;

/// <summary>A roster for each tenant whose agents have had connections here.</summary>
internal sealed class Rosters(
    IGrainFactory grains, IHubContext<AlertsHub> hub, PresenceOptions options, TimeProvider time, ILogger<TenantRoster> logger) : IHostedService
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, Lazy<TenantRoster>> _byTenant = new(StringComparer.Ordinal);

    public TenantRoster Of(string tenant) => _byTenant.GetOrAdd(
        tenant, name => new Lazy<TenantRoster>(() => new TenantRoster(name, _process, grains, hub, options, time, logger))).Value;

    /// <summary>Everybody who is there, by name.</summary>
    public async Task<PresenceMessage[]> ViewAsync(string tenant) =>
        Array.ConvertAll(await grains.GetGrain<IRosterGrain>(tenant).ViewAsync(), PresenceMessage.Of);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAny(
        Task.WhenAll(_byTenant.Values.Select(r => r.Value.DisposeAsync().AsTask())), Task.Delay(StopTimeout, time, cancellationToken));
}
