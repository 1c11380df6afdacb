using Orleans;
using OrleansCrm.Contracts.Desks;

namespace OrleansCrm.Grains.Desks;

/// <summary>Joins what processes tell of their agents. An agent with connections to several processes is in the state set last.</summary>
public sealed class RosterGrain(DeskOptions options, TimeProvider time) : Grain, IRosterGrain
{
    private readonly Dictionary<string, (AgentStatus[] Agents, long Reported)> _processes = new(StringComparer.Ordinal);

    public Task<AgentStatus[]> ReportAsync(string process, AgentStatus[] agents)
    {
        if (agents.Length == 0)
            _processes.Remove(process);
        else
            _processes[process] = (agents, time.GetTimestamp());
        return ViewAsync();
    }

    public Task<AgentStatus[]> ViewAsync()
    {
        foreach (var (process, report) in _processes.ToArray())
        {
            if (time.GetElapsedTime(report.Reported) > options.ObserverLease)
                _processes.Remove(process);
        }

        return Task.FromResult(_processes.Values
            .SelectMany(p => p.Agents)
            .GroupBy(a => a.Agent, StringComparer.Ordinal)
            .Select(Join)
            .OrderBy(a => a.Agent, StringComparer.Ordinal)
            .ToArray());
    }

    private static AgentStatus Join(IGrouping<string, AgentStatus> agent)
    {
        var newest = agent.MaxBy(a => a.SinceMs)!;
        return newest with { Looking = agent.SelectMany(a => a.Looking).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray() };
    }
}
