using OrleansCrm.Journal;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Metrics;

/// <summary>How the alerts of a stretch of time were dealt with: exact, from what is kept of each that is over.</summary>
internal static class DeskReport
{
    /// <summary>As long as alerts that are over are kept.</summary>
    private static readonly TimeSpan WindowMax = TimeSpan.FromDays(400);

    private static readonly TimeSpan WindowDefault = TimeSpan.FromDays(30);

    /// <summary>Alerts of one report: all are in memory at once.</summary>
    private const int AlertsMax = 100_000;

    public static async Task AnswerAsync(HttpContext context, IJournal journal, ProgramBoard programs, TimeProvider time)
    {
        var (tenant, now, desk) = (context.User.Tenant(), time.GetUtcNow(), context.Request.Query["desk"].ToString());
        if (desk.Length > 0 && !DeskNames.IsValid(desk))
        {
            await Problems.WriteAsync(context, 400, "invalid_desk", DeskNames.Rule);
            return;
        }

        if (WindowOf(context.Request.Query, now) is not var (from, to))
        {
            await Problems.WriteAsync(
                context, 400, "invalid_period", $"\"from\" and \"to\" are ISO-8601 instants, the first before the second, and at most {WindowMax.TotalDays} days apart.");
            return;
        }

        await Unavailable.GuardAsync(context, async () =>
        {
            var finished = await journal.ReadFinishedAlertsAsync(
                tenant, desk, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), AlertsMax + 1, context.RequestAborted);
            if (finished.Length > AlertsMax)
            {
                await Problems.WriteAsync(context, 400, "window_too_large", $"More than {AlertsMax} alerts were over in this time; ask for less of it.");
                return;
            }

            var desks = desk.Length > 0 ? [desk] : programs.Current(tenant).Document.Alerts.Desks.Distinct(StringComparer.Ordinal).ToArray();
            var overdue = new List<(string Kind, string Agent)>();
            foreach (var name in desks)
            {
                await foreach (var alert in UnfinishedAlert.ReadAllAsync(journal, DeskNames.KeyOf(tenant, name), context.RequestAborted))
                {
                    if (alert.DueAt >= from && alert.DueAt < to && alert.DueAt <= now)
                        overdue.Add((alert.Kind, alert.Agent));
                }
            }

            await JsonBodies.WriteAsync(context, 200, new
            {
                asOf = now.UtcDateTime,
                from = from.UtcDateTime,
                to = to.UtcDateTime,
                desk = desk.Length > 0 ? desk : null,
                total = DeskTally.Of(finished, overdue.Count),
                kinds = finished.Select(f => f.Kind).Concat(overdue.Select(o => o.Kind)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                    .Select(kind => new { kind, tally = DeskTally.Of(Array.FindAll(finished, f => f.Kind == kind), overdue.Count(o => o.Kind == kind)) }),
                agents = finished.Select(f => f.Agent).Concat(overdue.Select(o => o.Agent)).Where(a => a.Length > 0).Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Select(agent => new { agent, tally = DeskTally.Of(Array.FindAll(finished, f => f.Agent == agent), overdue.Count(o => o.Agent == agent)) }),
            });
        });
    }

    private static (DateTimeOffset From, DateTimeOffset To)? WindowOf(IQueryCollection query, DateTimeOffset now)
    {
        var to = now;
        if (query["to"] is [{ } end] && !IsoTime.TryParseQuery(end, out to))
            return null;
        var from = to - WindowDefault;
        if (query["from"] is [{ } start] && !IsoTime.TryParseQuery(start, out from))
            return null;
        return from < to && to - from <= WindowMax ? (from, to) : null;
    }
}
