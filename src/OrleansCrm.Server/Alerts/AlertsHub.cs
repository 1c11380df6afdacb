using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>Where agents' clients get alerts and act on them. Methods return the alert as it is now; refusals are hub exceptions.</summary>
internal sealed class AlertsHub(
    IGrainFactory grains, AlertCommands alerts, DeskRelays relays, Rosters rosters, AgentConnections connections) : Hub
{
    private const int DesksMax = 20;
    private const string DesksItem = "desks";
    private const string LookingItem = "looking";

    /// <summary>
    /// A client that takes nothing for this long is cut off; until then what it is to be sent waits in memory. It comes back and says what
    /// it knows.
    /// </summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(5);

    public static void Configure(HttpConnectionDispatcherOptions options)
    {
        options.CloseOnAuthenticationExpiration = true;
        options.TransportSendTimeout = SendTimeout;
    }

    public override Task OnConnectedAsync()
    {
        connections.Add(Context);
        Roster.Connect(Agent.Email, Agent.Role, Context.ConnectionId);
        return Groups.AddToGroupAsync(Context.ConnectionId, TenantRoster.GroupOf(Agent.Tenant), Context.ConnectionAborted);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        connections.Remove(Context);
        Roster.Disconnect(Agent.Email, Context.ConnectionId);
        lock (Desks)
        {
            foreach (var desk in Desks)
                relays.Leave(desk);
            Desks.Clear();
        }

        return Task.CompletedTask;
    }

    public async Task<DeskMessage> Subscribe(string desk, long? afterSequence)
    {
        if (!DeskNames.IsValid(desk))
            throw new HubException("invalid_desk: " + DeskNames.Rule);
        var key = DeskNames.KeyOf(Context.User!.Tenant(), desk);
        try
        {
            if (!Desks.Contains(key))
                await JoinAsync(key);

            // Only now: what changes between the reading and the joining would be lost the other way round.
            return DeskMessage.Of(desk, await grains.GetGrain<IDeskGrain>(key).ViewAsync(afterSequence ?? -1));
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            throw new HubException("unavailable: the desk cannot answer right now; try again.");
        }
    }

    public async Task<RawJson> Claim(string id) => Told(await alerts.ClaimAsync(Agent, id));

    public async Task<RawJson> Release(string id) => Told(await alerts.ReleaseAsync(Agent, id));

    public async Task<RawJson> Resolve(string id, string outcome, string? note) => Told(await alerts.ResolveAsync(Agent, id, outcome, note));

    public async Task<RawJson> Snooze(string id, string? until) => Told(await alerts.SnoozeAsync(Agent, id, until));

    public async Task<RawJson> AddNote(string id, string? text) => Told(await alerts.AddNoteAsync(Agent, id, text));

    public async Task<RawJson> Assign(string id, string? agent) => Told(await alerts.AssignAsync(Agent, id, agent));

    /// <summary>Says how the agent is to be seen by the others, on all of the agent's screens.</summary>
    public PresenceMessage SetPresence(string? state) => TenantRoster.IsState(state)
        ? Roster.Set(Agent.Email, state!)
        : throw new HubException("invalid_value: A state is online, busy, away or offline.");

    /// <summary>Everybody who is there; after that, PresenceChanged tells who is seen otherwise.</summary>
    public async Task<PresenceChangedMessage> Presence()
    {
        try
        {
            return new PresenceChangedMessage(await rosters.ViewAsync(Agent.Tenant));
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            throw new HubException("unavailable: who is there cannot be told right now; try again.");
        }
    }

    /// <summary>Says which alert is open on this screen, null for none; LookersChanged tells who else opens or leaves it.</summary>
    public async Task<LookersMessage> Looking(string? id)
    {
        if (id is not null && !(AlertId.TryParse(id, out var alert) && alert.ToString() == id))
            throw new HubException("not_found: There is no such alert.");
        var (tenant, before) = (Agent.Tenant, Context.Items.TryGetValue(LookingItem, out var item) ? (string)item! : "");
        if (before.Length > 0)
            await Groups.RemoveFromGroupAsync(Context.ConnectionId, TenantRoster.GroupOf(tenant, before));
        Context.Items[LookingItem] = id ?? "";
        if (id is not null)
            await Groups.AddToGroupAsync(Context.ConnectionId, TenantRoster.GroupOf(tenant, id), Context.ConnectionAborted);
        return Roster.Look(Agent.Email, Context.ConnectionId, id ?? "");
    }

    private Agent Agent => Context.User!.ToAgent();

    private TenantRoster Roster => rosters.Of(Agent.Tenant);

    private HashSet<string> Desks
    {
        get
        {
            if (Context.Items.TryGetValue(DesksItem, out var desks))
                return (HashSet<string>)desks!;
            var none = new HashSet<string>(StringComparer.Ordinal);
            Context.Items[DesksItem] = none;
            return none;
        }
    }

    private async Task JoinAsync(string key)
    {
        if (Desks.Count >= DesksMax)
            throw new HubException($"too_many_desks: a connection follows at most {DesksMax} desks.");
        await Groups.AddToGroupAsync(Context.ConnectionId, key, Context.ConnectionAborted);
        await relays.JoinAsync(key);

        // The connection may have ended meanwhile: nobody would leave the desk for it any more.
        lock (Desks)
        {
            if (!Context.ConnectionAborted.IsCancellationRequested)
            {
                Desks.Add(key);
                return;
            }
        }

        relays.Leave(key);
        throw new HubException("unavailable: the connection has ended.");
    }

    private static RawJson Told(AlertAnswer answer) =>
        answer.IsDone ? new RawJson(answer.Alert) : throw new HubException($"{answer.Code}: {answer.Detail}");
}
