using System.Text.Json;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Ingest.Browsers;

/// <summary>
/// What browser SDKs fetch before their first event: where to send, and that nothing else is to be loaded. The answers hold the key that
/// was asked with and nothing that is stored here.
/// </summary>
internal static class SdkSettingsEndpoints
{
    public static void MapSdkSettings(this IEndpointRouteBuilder routes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Options];
        routes.MapMethods("/v1/projects/{writeKey}/settings", methods, CrossOrigin.Open(HttpMethods.Get, WriteSegmentAsync)).AllowAnonymous();
        routes.MapMethods("/sourceConfig", methods, CrossOrigin.Open(HttpMethods.Get, WriteRudderAsync)).AllowAnonymous();
    }

    private static async Task WriteSegmentAsync(HttpContext context)
    {
        var key = (string)context.GetRouteValue("writeKey")!;
        if (context.RequestServices.GetRequiredService<IngestKeys>().Find(key, isImport: false) is null)
        {
            await Problems.WriteAsync(context, 404, "key_not_found", "There is no such write key.");
            return;
        }

        var request = context.Request;
        await JsonBodies.WriteAsync(context, 200, new Dictionary<string, object>
        {
            ["integrations"] = new Dictionary<string, object>
            {
                // Without the protocol the SDK takes https, without the host Segment's own.
                ["Segment.io"] = new { apiKey = key, apiHost = $"{request.Host}{request.PathBase}/v1", protocol = request.Scheme },
            },
            ["plan"] = new { },
            ["edgeFunction"] = new { },
            ["middlewareSettings"] = new { },
            ["enabledMiddleware"] = new { },
            ["remotePlugins"] = Array.Empty<object>(),
            ["legacyVideoPluginsEnabled"] = false,

            // Else a tenth of all pages would tell Segment how its SDK fares.
            ["metrics"] = new { sampleRate = 0 },
        });
    }

    private static async Task WriteRudderAsync(HttpContext context)
    {
        var key = IngestKeys.KeyIn(context.Request.Headers.Authorization) ?? (string?)context.Request.Query["writeKey"];
        if (context.RequestServices.GetRequiredService<IngestKeys>().Find(key, isImport: false) is null)
        {
            await IngestEndpoints.RefuseKeyAsync(context);
            return;
        }

        var off = new { enabled = false };
        await JsonBodies.WriteAsync(context, 200, new
        {
            source = new
            {
                id = "orleanscrm",
                name = "orleanscrm",
                writeKey = key,
                enabled = true,
                workspaceId = "orleanscrm",
                dataplanes = new { },
                config = new { statsCollection = new { errors = off, metrics = off } },
                connections = Array.Empty<object>(),
                destinations = Array.Empty<object>(),
            },
            updatedAt = "2026-01-01T00:00:00Z",
        });
    }
}
