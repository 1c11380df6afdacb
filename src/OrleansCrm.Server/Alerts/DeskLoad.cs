using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Alerts;

/// <summary>What lies on a desk now, and on whom.</summary>
internal static class DeskLoad
{
    private static readonly TimeSpan Soon = TimeSpan.FromHours(1);

    public static async Task AnswerAsync(
        HttpContext context, string desk, IGrainFactory grains, IJournal journal, IAccountStore accounts, ProgramBoard programs, TimeProvider time)
    {
        if (!DeskNames.IsValid(desk))
        {
            await Problems.WriteAsync(context, 400, "invalid_desk", DeskNames.Rule);
            return;
        }

        await Unavailable.GuardAsync(context, async () =>
        {
            var (tenant, now) = (context.User.Tenant(), time.GetUtcNow());
            var alerts = new List<UnfinishedAlert>();
            await foreach (var alert in UnfinishedAlert.ReadAllAsync(journal, DeskNames.KeyOf(tenant, desk), context.RequestAborted))
                alerts.Add(alert);
            var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
            var finished = await journal.ReadFinishedAlertsAsync(
                tenant, desk, today.ToUnixTimeMilliseconds(), long.MaxValue, UnfinishedAlert.CountedMax, context.RequestAborted);
            var crew = new Crew(
                await accounts.ReadUsersAsync(tenant, context.RequestAborted),
                await grains.GetGrain<IRosterGrain>(tenant).ViewAsync(),
                AssignmentKeeper.RulesOf(programs.Current(tenant).Document, desk));
            await JsonBodies.WriteAsync(context, 200, new
            {
                desk,
                asOf = now.UtcDateTime,
                mode = crew.Rules.IsRoundRobin ? "roundRobin" : "claim",
                open = alerts.Count,
                unassigned = alerts.Count(a => a.Agent.Length == 0),
                snoozed = alerts.Count(a => a.Status == "snoozed"),
                dueWithinHour = alerts.Count(a => a.DueAt > now && a.DueAt <= now + Soon),
                breached = alerts.Count(a => a.DueAt <= now),
                oldestAt = OldestOf(alerts),
                resolvedToday = finished.Count(f => f.IsResolved),
                agents = crew.Names(alerts, finished).Select(agent => Describe(agent, crew, alerts, finished, now, today)),
            });
        });
    }

    private static object Describe(
        string agent, Crew crew, List<UnfinishedAlert> alerts, FinishedAlert[] finished, DateTimeOffset now, DateTimeOffset today)
    {
        var mine = alerts.FindAll(a => a.Agent == agent);
        var resolved = finished.Count(f => f.IsResolved && f.Agent == agent);
        var (presence, since) = crew.PresenceOf(agent);
        return new
        {
            agent,
            presence,
            since,
            capacity = crew.CapacityOf(agent),
            inTurn = crew.IsInTurn(agent),
            claimed = mine.Count(a => a.Status == "claimed"),
            notActedOn = mine.Count(a => a.ActBy is not null),
            snoozed = mine.Count(a => a.Status == "snoozed"),
            breached = mine.Count(a => a.DueAt <= now),
            oldestAt = OldestOf(mine),
            resolvedToday = resolved,
            actedToday = resolved + mine.Count(a => a.TakenAt >= today),
        };
    }

    private static DateTime? OldestOf(List<UnfinishedAlert> alerts) => alerts.Count == 0 ? null : alerts.Min(a => a.RecordedAt).UtcDateTime;

    /// <summary>The people of a tenant as one desk sees them.</summary>
    private sealed class Crew(UserRow[] users, AgentStatus[] present, AssignmentRules rules)
    {
        public AssignmentRules Rules => rules;

        /// <summary>Agents, and whoever is there, or has had something of this desk today.</summary>
        public IEnumerable<string> Names(List<UnfinishedAlert> alerts, FinishedAlert[] finished) =>
            users.Where(u => !u.IsDisabled && u.Role == Roles.Agent).Select(u => u.Email)
                .Concat(present.Select(p => p.Agent)).Concat(alerts.Select(a => a.Agent)).Concat(finished.Select(f => f.Agent))
                .Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        public (string State, DateTime? Since) PresenceOf(string agent) =>
            Array.Find(present, p => p.Agent == agent) is { } status ? (status.State, JsonBodies.Instant(status.SinceMs)) : (TenantRoster.Offline, null);

        public int CapacityOf(string agent) => RuleOf(agent) is { Capacity: >= 0 and var own } ? own : rules.Capacity;

        public bool IsInTurn(string agent) =>
            rules.IsRoundRobin && RuleOf(agent) is var rule && rule is not { IsOfDesk: false } && CapacityOf(agent) > 0
            && (Array.Exists(users, u => u.Email == agent && u.Role == Roles.Agent) || rule?.Capacity > 0);

        private DeskAgent? RuleOf(string agent) => Array.Find(rules.Agents, a => string.Equals(a.Agent, agent, StringComparison.OrdinalIgnoreCase));
    }
}
