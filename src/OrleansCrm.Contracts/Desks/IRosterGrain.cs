using Orleans;

namespace OrleansCrm.Contracts.Desks;

/// <summary>
/// Who of a tenant's agents (key: the tenant) is there, over all processes. Held in memory alone: whoever is there is told of again within
/// seconds.
/// </summary>
[Alias("crm.roster")]
public interface IRosterGrain : IGrainWithStringKey
{
    /// <summary>Takes all agents that one process has connections of. A process that is silent for ten seconds has none.</summary>
    /// <returns>Everybody who is there, by name.</returns>
    Task<AgentStatus[]> ReportAsync(string process, AgentStatus[] agents);

    /// <returns>Everybody who is there, by name.</returns>
    Task<AgentStatus[]> ViewAsync();
}

/// <param name="Agent">E-mail address.</param>
/// <param name="State"><c>online</c>, <c>busy</c>, <c>away</c>, or <c>offline</c> for one who is there and does not want to seem so.</param>
/// <param name="SinceMs">Since when, Unix milliseconds.</param>
/// <param name="Looking">Alerts that are open on the agent's screens.</param>
/// <param name="Role"><c>admin</c>, <c>supervisor</c> or <c>agent</c>.</param>
[GenerateSerializer, Immutable, Alias("crm.agent-status")]
public sealed record AgentStatus(
    [property: Id(0)] string Agent,
    [property: Id(1)] string State,
    [property: Id(2)] long SinceMs,
    [property: Id(3)] string[] Looking,
    [property: Id(4)] string Role);
