using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Alerts;

/// <summary>
/// Has every desk looked at each second, by the program in force: alerts find their agents, and those of agents who are gone find others,
/// without traffic and after a restart. Several processes may do so at once.
/// </summary>
internal sealed partial class AssignmentKeeper(
    IGrainFactory grains, IAccountStore accounts, ProgramBoard programs, TimeProvider time, ILogger<AssignmentKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TenantsPeriod = TimeSpan.FromSeconds(10);

    public static AssignmentRules RulesOf(ProgramDocument program, string desk)
    {
        var rules = program.Alerts.DeskOf(desk);
        return new AssignmentRules(
            program.Version,
            rules.IsRoundRobin,
            rules.Capacity,
            TimeSpan.FromMinutes(rules.OfflineMinutes),
            [.. program.Alerts.Agents.Select(a => new DeskAgent(a.Agent, [.. a.Skills], a.Capacity ?? -1, a.Desks.Count == 0 || a.Desks.Contains(desk)))]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (tenants, read) = (Array.Empty<string>(), (long?)null);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (read is not { } last || time.GetElapsedTime(last) > TenantsPeriod)
                    (tenants, read) = ([.. (await accounts.ReadTenantsAsync(stoppingToken)).Where(t => !t.IsDisabled).Select(t => t.Id)], time.GetTimestamp());
                await Task.WhenAll(tenants.SelectMany(DesksOf));
            }
            catch (Exception exception) when (Unavailable.IsOfGrain(exception))
            {
                if (!stoppingToken.IsCancellationRequested)
                    LogNotAssigned(exception.GetType().Name);
            }

            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private IEnumerable<Task> DesksOf(string tenant)
    {
        var program = programs.Current(tenant).Document;
        return program.Alerts.Desks.Distinct(StringComparer.Ordinal)
            .Select(desk => grains.GetGrain<IAssignmentGrain>(DeskNames.KeyOf(tenant, desk)).AssignAsync(RulesOf(program, desk)));
    }

    [LoggerMessage(1, LogLevel.Warning, "Alerts cannot be assigned right now: {Reason}")]
    private partial void LogNotAssigned(string reason);
}
