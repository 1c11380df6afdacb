using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Alerts;

/// <summary>The open hub connections of this process, so that they end with their session.</summary>
internal sealed class AgentConnections
{
    private readonly ConcurrentDictionary<string, HubCallerContext> _byId = new(StringComparer.Ordinal);

    public int Count => _byId.Count;

    public void Add(HubCallerContext connection) => _byId[connection.ConnectionId] = connection;

    public void Remove(HubCallerContext connection) => _byId.TryRemove(connection.ConnectionId, out _);

    public void CloseSession(string tokenHash) => Close(c => c.User!.SessionHash() == tokenHash);

    public void CloseUser(string userId) => Close(c => c.User!.UserId() == userId);

    public void CloseTenant(string tenant) => Close(c => c.User!.Tenant() == tenant);

    /// <summary>Ends the connections whose session is open no more: another process may have ended it.</summary>
    /// <param name="isOpen">Of the hash of a session's token.</param>
    public async Task CloseEndedAsync(Func<string, Task<bool>> isOpen)
    {
        foreach (var session in _byId.Values.Select(c => c.User!.SessionHash()).Distinct(StringComparer.Ordinal).ToArray())
        {
            if (!await isOpen(session))
                CloseSession(session);
        }
    }

    private void Close(Func<HubCallerContext, bool> which)
    {
        foreach (var connection in _byId.Values)
        {
            if (which(connection))
                connection.Abort();
        }
    }
}
