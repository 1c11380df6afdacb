namespace OrleansCrm.Server.Auth;

/// <summary>
/// Marks an endpoint that customers' tokens open: pages of any origin may ask it. Nothing here reads a cookie, so a foreign page can do no
/// more than any other program with the same token.
/// </summary>
internal sealed class OpenToPages
{
    /// <summary>How long a browser keeps the answer, in seconds: what Chromium keeps at most.</summary>
    private const string KeptSeconds = "7200";

    /// <summary>Answers browsers that ask whether a page may send what it wants to, for everything under a path.</summary>
    public static void MapPreflight(IEndpointRouteBuilder routes, string path) =>
        routes.MapMethods(path + "/{**rest}", [HttpMethods.Options], AnswerPreflight).AllowAnonymous();

    /// <summary>Lets the page see the answer, a refusal too.</summary>
    public static void Mark(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToPages>() is null)
            return;
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Response.Headers.AccessControlExposeHeaders = "ETag, Retry-After";
    }

    private static Task AnswerPreflight(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, PUT, POST";
        headers.AccessControlAllowHeaders = "authorization, content-type, if-none-match, idempotency-key";
        headers.AccessControlMaxAge = KeptSeconds;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
