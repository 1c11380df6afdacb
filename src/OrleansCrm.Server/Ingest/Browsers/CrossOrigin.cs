namespace OrleansCrm.Server.Ingest.Browsers;

/// <summary>
/// Lets pages of any origin send events. Nothing here reads a cookie, so a foreign page can do no more than any other program with the same
/// key; naming single origins would protect nobody and break every second shop.
/// </summary>
internal static class CrossOrigin
{
    /// <summary>Longest list of headers that is repeated to a browser; what real SDKs ask for takes a tenth of it.</summary>
    private const int HeadersLengthMax = 1_000;

    private const string HeadersKnown = "authorization, content-type, content-encoding, x-retry-count, x-strict-mode, anonymousid, sentat";

    /// <summary>How long a browser keeps the answer, in seconds: the most that Firefox keeps, Chromium cuts it to two hours.</summary>
    private const string KeptSeconds = "86400";

    /// <summary>The handler, for pages of other origins too.</summary>
    /// <param name="method">The one method of the path besides OPTIONS.</param>
    public static RequestDelegate Open(string method, RequestDelegate handler) => context =>
    {
        if (HttpMethods.IsOptions(context.Request.Method))
            return AnswerPreflight(context, method);
        if (context.Request.Headers.Origin.Count > 0)
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.AccessControlExposeHeaders = "Retry-After, RateLimit, RateLimit-Policy";
        }

        return handler(context);
    };

    private static Task AnswerPreflight(HttpContext context, string method)
    {
        var headers = context.Response.Headers;
        var asked = context.Request.Headers.AccessControlRequestHeaders.ToString();
        headers.Allow = method + ", OPTIONS";
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = method;
        headers.AccessControlAllowHeaders = asked.Length is > 0 and <= HeadersLengthMax && asked.All(IsOfHeaderList) ? asked : HeadersKnown;
        headers.AccessControlMaxAge = KeptSeconds;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static bool IsOfHeaderList(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or ',' or ' ';
}
