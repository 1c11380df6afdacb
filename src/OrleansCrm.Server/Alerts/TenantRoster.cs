using Microsoft.AspNetCore.SignalR;
using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>
/// The agents of one tenant who have connections here, and what this process has last heard of all. Tells the grain whenever something
/// changes and every few seconds, and passes on to the connections here what is new in its answer.
/// </summary>
internal sealed partial class TenantRoster : IAsyncDisposable
{
    public const string Online = "online";
    public const string Offline = "offline";

    // The grain drops a process that has not reported for ten seconds.
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(3);

    private readonly string _tenant;
    private readonly string _process;
    private readonly IGrainFactory _grains;
    private readonly IHubContext<AlertsHub> _hub;
    private readonly PresenceOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Presence> _agents = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changed = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private AgentStatus[] _known = [];

    public TenantRoster(
        string tenant, string process, IGrainFactory grains, IHubContext<AlertsHub> hub, PresenceOptions options, TimeProvider time, ILogger logger)
    {
        (_tenant, _process, _grains, _hub, _options, _time, _logger) = (tenant, process, grains, hub, options, time, logger);
        _running = RunAsync();
    }

    public static bool IsState(string? state) => state is Online or Offline or "busy" or "away";

    /// <summary>The group of all connections of the tenant's agents. No desk has such a name.</summary>
    public static string GroupOf(string tenant) => tenant + "/!agents";

    /// <summary>The group of the connections on whose screens the alert is open.</summary>
    public static string GroupOf(string tenant, string alert) => $"{tenant}/!looking/{alert}";

    public void Connect(string agent, string role, string connection)
    {
        Change(() =>
        {
            var presence = Find(agent);
            (presence.Role, presence.Looking[connection]) = (role, "");
        });
    }

    public void Disconnect(string agent, string connection)
    {
        Change(() =>
        {
            if (_agents.TryGetValue(agent, out var presence) && presence.Looking.Remove(connection))
                presence.LeftMs = NowMs;
        });
    }

    public PresenceMessage Set(string agent, string state)
    {
        var presence = default(Presence)!;
        Change(() =>
        {
            presence = Find(agent);
            if (presence.State != state)
                (presence.State, presence.SinceMs) = (state, NowMs);
        });
        return new PresenceMessage(agent, state, JsonBodies.Instant(presence.SinceMs));
    }

    /// <summary>Who else has the alert open on a screen.</summary>
    public LookersMessage Look(string agent, string connection, string alert)
    {
        Change(() => Find(agent).Looking[connection] = alert);
        lock (_lock)
            return new LookersMessage(alert, LookersOf(_known.Concat(Mine()), alert));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _changed.Dispose();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private Presence Find(string agent)
    {
        if (!_agents.TryGetValue(agent, out var presence))
            _agents.Add(agent, presence = new Presence { SinceMs = NowMs });
        return presence;
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                var isEmpty = await TellAsync();
                await WaitAsync(isEmpty ? Timeout.InfiniteTimeSpan : ReportEvery);
                await Task.Delay(_options.MessagesEvery, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private async Task WaitAsync(TimeSpan atMost)
    {
        using var over = new CancellationTokenSource(atMost, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, over.Token);
        try
        {
            await _changed.WaitAsync(end.Token);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // The time is over.
        }
    }

    /// <returns>Whether nobody is there, here or elsewhere, whom others would have to hear of.</returns>
    private async Task<bool> TellAsync()
    {
        AgentStatus[] mine;
        lock (_lock)
        {
            foreach (var gone in _agents.Where(a => a.Value.Looking.Count == 0 && a.Value.LeftMs + _options.OfflineAfter.TotalMilliseconds <= NowMs).ToArray())
                _agents.Remove(gone.Key);
            mine = Mine();
        }

        try
        {
            var before = _known;
            _known = await _grains.GetGrain<IRosterGrain>(_tenant).ReportAsync(_process, mine);
            await PassOnAsync(before, _known);
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e) && !_stop.IsCancellationRequested)
        {
            LogAway(_tenant, e.GetType().Name);
        }

        return mine.Length == 0;
    }

    private AgentStatus[] Mine() =>
        [.. _agents.Select(a => new AgentStatus(a.Key, a.Value.State, a.Value.SinceMs, [.. a.Value.Looking.Values.Where(l => l.Length > 0).Distinct()], a.Value.Role))];

    private async Task PassOnAsync(AgentStatus[] before, AgentStatus[] now)
    {
        var old = before.ToDictionary(a => a.Agent, StringComparer.Ordinal);
        var there = now.Select(a => a.Agent).ToHashSet(StringComparer.Ordinal);
        PresenceMessage[] changed =
        [
            .. now.Where(a => !old.TryGetValue(a.Agent, out var known) || known.State != a.State).Select(PresenceMessage.Of),
            .. before.Where(a => !there.Contains(a.Agent) && a.State != Offline).Select(a => new PresenceMessage(a.Agent, Offline, JsonBodies.Instant(NowMs))),
        ];
        if (changed.Length > 0)
            await _hub.Clients.Group(GroupOf(_tenant)).SendAsync("PresenceChanged", new PresenceChangedMessage(changed), _stop.Token);

        foreach (var alert in before.Concat(now).SelectMany(a => a.Looking).Distinct(StringComparer.Ordinal))
        {
            var lookers = LookersOf(now, alert);
            if (!lookers.SequenceEqual(LookersOf(before, alert)))
                await _hub.Clients.Group(GroupOf(_tenant, alert)).SendAsync("LookersChanged", new LookersMessage(alert, lookers), _stop.Token);
        }
    }

    private static string[] LookersOf(IEnumerable<AgentStatus> agents, string alert) =>
        [.. agents.Where(a => a.Looking.Contains(alert)).Select(a => a.Agent).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    [LoggerMessage(1, LogLevel.Warning, "Who is there of tenant {Tenant} cannot be told right now: {Reason}")]
    private partial void LogAway(string tenant, string reason);

    private sealed class Presence
    {
        public string State { get; set; } = Online;

        public string Role { get; set; } = "";

        public long SinceMs { get; set; }

        /// <summary>When the last connection ended.</summary>
        public long LeftMs { get; set; }

        /// <summary>The alert on the screen of each connection, empty for none.</summary>
        public Dictionary<string, string> Looking { get; } = new(StringComparer.Ordinal);
    }
}
