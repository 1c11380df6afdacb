using OrleansCrm.Contracts.Desks;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>Answer to Subscribe. Changes when it resumes, else a fresh list of alerts.</summary>
internal sealed record DeskMessage(string Desk, long Sequence, int Total, RawJson[] Alerts, ChangeMessage[] Changes)
{
    public static DeskMessage Of(string desk, DeskView view) =>
        new(desk, view.Sequence, view.Total, Array.ConvertAll(view.Alerts, a => new RawJson(a)), ChangeMessage.OfAll(view.Changes));
}

/// <summary>Sent to subscribers: everything after <paramref name="From"/> up to and with <paramref name="Sequence"/>.</summary>
internal sealed record AlertsChangedMessage(string Desk, long From, long Sequence, ChangeMessage[] Changes);

internal sealed record ChangeMessage(long Sequence, RawJson Alert)
{
    public static ChangeMessage[] OfAll(NumberedAlert[] changes) => Array.ConvertAll(changes, c => new ChangeMessage(c.Sequence, new RawJson(c.Alert)));
}

/// <summary>Sent to all agents of the tenant: those whose state is another one now.</summary>
internal sealed record PresenceChangedMessage(PresenceMessage[] Agents);

/// <param name="State"><c>online</c>, <c>busy</c>, <c>away</c> or <c>offline</c>.</param>
internal sealed record PresenceMessage(string Agent, string State, DateTime Since)
{
    public static PresenceMessage Of(AgentStatus status) => new(status.Agent, status.State, JsonBodies.Instant(status.SinceMs));
}

/// <summary>Sent to whoever looks at the alert: all who do.</summary>
internal sealed record LookersMessage(string Alert, string[] Agents);
