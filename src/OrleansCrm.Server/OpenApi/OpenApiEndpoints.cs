using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.OpenApi;

internal static class OpenApiEndpoints
{
    public static void MapOpenApi(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi/v1.json", (HttpContext context, OpenApiDocument document) => JsonBodies.WriteRawAsync(context, 200, document.Utf8))
            .RequireAuthorization(Policies.Near);
}
