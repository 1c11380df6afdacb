using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Telemetry;

internal static class TelemetryEndpoints
{
    /// <summary>Numbers about the process, not about any tenant: nobody's names are in them.</summary>
    public static void MapTelemetry(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", WriteAsync).RequireAuthorization(Policies.Near);

    private static async Task WriteAsync(HttpContext context, MetricsReader metrics)
    {
        var text = metrics.Render();
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = text.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.BodyWriter.WriteAsync(text, context.RequestAborted);
    }
}
