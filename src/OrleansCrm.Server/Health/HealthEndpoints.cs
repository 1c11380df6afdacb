using OrleansCrm.Grains;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Health;

/// <summary>For whoever watches the process: whether it lives, and whether work may be sent to it.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").AllowAnonymous();
        health.MapGet("/live", (HttpContext context) => JsonBodies.WriteAsync(context, 200, new { status = "live" }));
        health.MapGet("/ready", WriteReadyAsync);
    }

    private static Task WriteReadyAsync(HttpContext context, PartitionKeeper keeper, JournalWatch journal, Readiness readiness)
    {
        var known = keeper.Statuses.Where(s => s is not null).Select(s => s!).ToArray();
        var ready = known.Count(s => s.Ready);
        var wakesHeld = known.Any(s => s.WakesHeld);
        var status = readiness.IsDraining ? "draining"
            : journal.IsFailing ? "journal_failing"
            : wakesHeld ? "wakes_held"
            : ready < keeper.Statuses.Count ? "replaying"
            : "ready";
        return JsonBodies.WriteAsync(context, status == "ready" ? 200 : 503, new
        {
            status,
            partitions = new { ready, total = keeper.Statuses.Count },
            wakesHeld,
            overdueWakes = known.Sum(s => (long)s.OverdueWakes),
            undeliveredOutcomes = known.Sum(s => (long)s.UndeliveredOutcomes),
        });
    }
}
